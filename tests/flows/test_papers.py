"""A paper on its way through a whole installation: over HTTP from a browser's form to the agency's officer."""

from __future__ import annotations

import hashlib
import zlib
from pathlib import Path

import httpx
import pytest

from tests.builders import a_consent, a_filing
from tests.flows.conftest import Told
from tests.flows.label import SAID
from tests.flows.telling import traces
from tests.papers import a_form, a_pdf
from tests.running import Running, running
from tests.waiting import until

PLENTY = ["identity", "contact", "household", "income", "health"]
REASON = {"reason": "核对材料"}


def signed_in(run: Running, staff: str) -> httpx.Client:
    token = run.carehut("token", staff).splitlines()[-1]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    return httpx.Client(base_url=run.url, headers=headers, trust_env=False, timeout=30)


def hand_in(hut: httpx.Client, request: str, content: bytes, kind: str = "id-card") -> httpx.Response:
    form = a_form(content, name=f"{SAID['name']}.pdf", kind=kind)
    return hut.post(
        f"/intake/api/v1/requests/{request}/papers",
        content=form["data"],
        headers={"Content-Type": form["content_type"]},
    )


def test_a_paper_handed_in_at_the_desk_is_read_at_the_agency_and_lies_nowhere_in_the_clear(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    content = a_pdf(size=3_000_000)
    with running(home) as run, signed_in(run, "hut") as hut, signed_in(run, "desk-civil-affairs") as desk:
        filing = a_filing("dibao", consents=[a_consent("civil-affairs", ("dibao",), data_kinds=PLENTY)])
        filed = hut.post("/intake/api/v1/requests", json=filing).json()
        added = hand_in(hut, filed["id"], content)
        assert added.status_code == httpx.codes.CREATED, added.text
        paper = added.json()["paper"]["id"]
        again = hut.get(f"/intake/api/v1/requests/{filed['id']}/papers/{paper}")
        assert again.content == content

        place = f"/referrals/api/v1/referrals/{filed['legs'][0]['id']}/papers"

        def arrived() -> bool:
            answer = desk.get(place, params=REASON)
            return answer.status_code == httpx.codes.OK and bool(answer.json()["items"])

        until(arrived, what="the paper to arrive at the agency")
        fetched = desk.get(f"{place}/1", params=REASON)
        assert fetched.content == content
        assert fetched.headers["Content-Type"] == "application/pdf"

        too_large = hand_in(hut, filed["id"], b"%PDF-" + b"x" * 11 * 1024 * 1024)
        assert too_large.status_code == httpx.codes.REQUEST_ENTITY_TOO_LARGE
        assert hand_in(hut, filed["id"], b"no paper at all").status_code == httpx.codes.UNPROCESSABLE_ENTITY
    files = [file for file in (*home.rglob("*"), home.with_suffix(".log")) if file.is_file()]
    assert any(file.parent.parent.name == "blobs" for file in files)
    telling = [content[1000:1064], hashlib.sha256(content).digest(), *traces(SAID["name"])]
    for file in files:
        lying = file.read_bytes()
        assert not any(secret in lying for secret in telling), file


@pytest.mark.full
@pytest.mark.postgres
@pytest.mark.rabbitmq
def test_intake_and_referrals_read_the_same_store_behind_the_front_door(told: Told) -> None:
    story = told.story
    request, leg = story.requests["elsewhere"]["id"], story.leg("elsewhere", "dibao")
    content = a_pdf(size=9_000_000)
    form = a_form(content, name=f"{SAID['name']}.pdf", kind="id-card")
    added = story.http.post(
        f"/intake/api/v1/requests/{request}/papers",
        content=form["data"],
        headers={
            "Content-Type": form["content_type"],
            "Authorization": f"Bearer {story.bearers['other-hut']}",
        },
    )
    assert added.status_code == httpx.codes.CREATED, added.text
    headers = {"Authorization": f"Bearer {story.bearers['desk-civil-affairs']}"}
    place = f"/referrals/api/v1/referrals/{leg}/papers"

    def fetched() -> bytes:
        answer = story.http.get(f"{place}/1", params=REASON, headers=headers)
        return answer.content if answer.status_code == httpx.codes.OK else b""

    until(lambda: zlib.crc32(fetched()) == zlib.crc32(content), what="the paper to arrive at the agency")
