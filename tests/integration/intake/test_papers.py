"""Papers at the desk: handed in, listed, fetched; nothing of them is ever kept in the clear."""

from __future__ import annotations

import hashlib

import pytest
import sqlalchemy as sa

from services.intake.domain.papers import MOST_PER_LEG, REFUSALS
from services.intake.persistence.tables import blobs, papers
from services.intake.use_cases.context import Context
from shared import audit
from tests.integration.intake.paper_desk import (
    URL,
    Call,
    asked,
    caller,
    count,
    file,
    hand_in,
    line,
    listed,
    problem,
    stored,
)
from tests.papers import a_pdf, a_picture


@pytest.fixture
def call(context: Context) -> Call:
    """Call the web of intake."""
    return caller(context)


def test_a_paper_serves_every_leg_that_wants_its_kind_and_is_no_longer_missing(call: Call) -> None:
    made = file(call, "dibao", "pub-job", "psy")
    before = {leg["programme"]: leg for leg in listed(call, made["id"])["legs"]}
    assert before["dibao"]["missing"] == [
        "id-card",
        "household-book",
        "income-statement",
        "check-authorisation",
    ]
    added = hand_in(call, made["id"], "id-card", a_pdf())
    assert added.status_code == 201, added.text
    body = added.get_json()
    assert {leg["programme"] for leg in body["legs"]} == {"dibao", "pub-job"}
    assert (body["paper"]["kind"], body["paper"]["type"]) == ("id-card", "application/pdf")
    assert (body["id"], body["paper_id"]) == (made["id"], body["paper"]["id"])
    assert body["paper"]["size"] == len(a_pdf())
    now = {leg["programme"]: leg for leg in listed(call, made["id"])["legs"]}
    for programme in ("dibao", "pub-job"):
        assert "id-card" not in now[programme]["missing"]
        row = line(now[programme], "id-card")
        assert (row["state"], row["files"]) == ("here", [body["paper"]["id"]])
    assert line(now["dibao"], "income-statement")["state"] == "missing"


def test_what_an_agency_has_already_is_sealed_again_with_the_new_list(call: Call, context: Context) -> None:
    made = file(call, "dibao", "psy")
    hand_in(call, made["id"], "id-card", a_pdf())
    assert asked(context) == ["reseal"]


def test_a_paper_for_one_leg_alone_serves_no_other(call: Call) -> None:
    made = file(call, "dibao", "pub-job")
    leg = next(leg["id"] for leg in made["legs"] if leg["programme"] == "pub-job")
    assert hand_in(call, made["id"], "id-card", a_pdf(), leg=leg).status_code == 201
    legs = {leg["programme"]: leg for leg in listed(call, made["id"])["legs"]}
    assert line(legs["pub-job"], "id-card")["state"] == "here"
    assert line(legs["dibao"], "id-card")["state"] == "missing"


def test_an_agency_sees_a_paper_only_if_the_consent_names_its_kind_of_data(
    call: Call, context: Context
) -> None:
    made = file(call, "dibao", data_kinds=["identity", "contact"])
    answer = hand_in(call, made["id"], "income-statement", a_pdf())
    (warning,) = answer.get_json()["warnings"]
    assert (answer.status_code, warning["code"], warning["field"]) == (201, "paper-not-covered", "kind")
    assert "does not cover income" in warning["message"]
    (leg,) = listed(call, made["id"])["legs"]
    assert line(leg, "income-statement")["state"] == "not-covered"
    assert asked(context) == []


def test_the_desk_fetches_what_was_handed_in_and_each_time_is_audited(call: Call, context: Context) -> None:
    made = file(call, "dibao")
    content = a_picture("PNG")
    paper = hand_in(call, made["id"], "id-card", content, name="张三的身份证.png").get_json()["paper"]["id"]
    answer = call("GET", f"{URL}/{made['id']}/papers/{paper}")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data == content
    assert answer.headers["Content-Disposition"] == f'attachment; filename="paper-{paper[-8:]}.png"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer.headers["Cache-Control"]
    with context.database.read() as connection:
        (entry,) = audit.search(connection, audit.AuditQuery(action="paper.opened"), limit=10)
    assert (entry.object_id, entry.detail["paper"], entry.actor) == (made["id"], paper, "hut")


def test_a_photo_is_kept_without_its_place_and_known_by_what_is_kept(call: Call, context: Context) -> None:
    made = file(call, "dibao")
    photo = a_picture("JPEG")
    told = photo[:2] + b"\xff\xfe\x00\x14at home with Li Xi" + photo[2:]
    paper = hand_in(call, made["id"], "id-card", told).get_json()["paper"]
    assert paper["size"] == len(photo)
    assert call("GET", f"{URL}/{made['id']}/papers/{paper['id']}").data == photo
    # The same picture, with other words in it or none, is the same paper.
    assert hand_in(call, made["id"], "id-card", photo).get_json()["paper"]["id"] == paper["id"]
    assert len(stored(context)) == 1


def test_no_byte_of_it_lies_in_the_clear_in_the_store_or_in_the_database(
    call: Call, context: Context
) -> None:
    made = file(call, "dibao")
    content = a_pdf(size=60_000)
    hand_in(call, made["id"], "id-card", content, name="zhangsan.pdf")
    (blob,) = stored(context)
    locked = context.blobs.get(blob)
    assert content[:32] not in locked
    digest = hashlib.sha256(content)
    telling = [content[:32], b"zhangsan", digest.digest(), digest.hexdigest().encode()]
    with context.database.read() as connection:
        for table in sa.inspect(connection).get_table_names():
            for row in connection.execute(sa.text(f'SELECT * FROM "{table}"')):  # noqa: S608 - our own tables
                told = b" ".join(
                    bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
                    for value in row
                )
                assert not any(secret in told for secret in telling), table


def test_the_same_content_lies_in_the_store_once_whoever_hands_it_in(call: Call, context: Context) -> None:
    first, second = file(call, "dibao"), file(call, "pub-job")
    for made in (first, second):
        assert hand_in(call, made["id"], "id-card", a_pdf()).status_code == 201
    assert len(stored(context)) == 1
    assert (count(context, blobs), count(context, papers)) == (1, 2)


def test_the_same_paper_handed_in_twice_is_there_once_and_is_not_sent_again(
    call: Call, context: Context
) -> None:
    made = file(call, "dibao")
    first, again = (hand_in(call, made["id"], "id-card", a_pdf()).get_json() for _ in range(2))
    assert first["paper"]["id"] == again["paper"]["id"]
    assert len(listed(call, made["id"])["items"]) == 1
    assert asked(context) == ["reseal"]


def test_the_same_key_takes_effect_once(call: Call) -> None:
    made = file(call, "dibao")
    key = {"Idempotency-Key": "p-1"}
    first, again = (hand_in(call, made["id"], "id-card", a_pdf(), headers=key) for _ in range(2))
    assert first.get_json() == again.get_json()
    other = hand_in(call, made["id"], "id-card", a_pdf(2), headers=key)
    assert other.status_code == 422
    assert len(listed(call, made["id"])["items"]) == 1


def test_which_papers_are_wanted_is_told_by_name_in_each_language(call: Call) -> None:
    made = file(call, "dibao")
    told = hand_in(call, made["id"], "diagnosis", a_pdf()).get_json()["messages"]
    assert "身份证或有效证件（id-card）" in told["zh"]
    assert "ID card or other valid document (id-card)" in told["en"]


REFUSED: dict[str, tuple[str, bytes, dict[str, str]]] = {
    "paper-empty": ("id-card", b"", {}),
    "paper-wrong-type": ("id-card", b"GIF89a" + b"\0" * 60, {"name": "scan.pdf"}),
    "paper-damaged": ("id-card", a_pdf()[:200], {}),
    "paper-locked": ("id-card", a_pdf(password="secret"), {}),
    "paper-not-wanted": ("diagnosis", a_pdf(), {}),
    "paper-by-hand": ("child-legal-papers", a_pdf(), {}),
    "paper-no-such-leg": ("id-card", a_pdf(), {"leg": "019aae10-4c00-7b3e-9d51-2f6c8a7e4b01"}),
}


@pytest.mark.parametrize("code", REFUSED)
def test_a_paper_that_cannot_be_taken_is_refused_with_its_own_reason(
    call: Call, context: Context, code: str
) -> None:
    made = file(call, "child-fact")
    kind, content, more = REFUSED[code]
    field, status, _ = REFUSALS[code]
    assert problem(hand_in(call, made["id"], kind, content, **more)) == (status, code, field)
    assert count(context, papers) == 0


def test_a_leg_takes_twenty_files_and_no_more(call: Call) -> None:
    made = file(call, "dibao")
    for seed in range(MOST_PER_LEG):
        content = a_picture(width=8, height=8, seed=seed)
        assert hand_in(call, made["id"], "id-card", content).status_code == 201
    refused = hand_in(call, made["id"], "household-book", a_pdf())
    assert problem(refused) == (409, "too-many-papers", "file")


def test_nobody_hands_in_more_papers_on_a_day_than_anybody_scans(
    call: Call, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.audit.quota.QUOTAS", {"paper.added": 1})
    made = file(call, "dibao")
    assert hand_in(call, made["id"], "id-card", a_pdf()).status_code == 201
    refused = hand_in(call, made["id"], "household-book", a_pdf(2))
    assert (refused.status_code, refused.get_json()["type"]) == (429, "urn:aid:problem:quota-spent")
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600
    assert "papers" in refused.get_json()["messages"]["en"]
    assert count(context, papers) == 1
