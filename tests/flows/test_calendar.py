"""A holiday notice is imported while the installation runs: nobody restarts, and everybody shows the new day."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import httpx

from tests.builders import a_filing
from tests.running import Running, running
from tests.unit.directory.notices import write_notice_with
from tests.waiting import until


def _client(run: Running, name: str) -> httpx.Client:
    token = run.carehut("token", name).splitlines()[-1]
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    return httpx.Client(base_url=run.url, headers=headers, trust_env=False, timeout=30)


def _leg_at_the_hut(hut: httpx.Client, request: str) -> Any:
    return hut.get(f"/intake/api/v1/requests/{request}").json()["legs"][0]


def test_a_notice_moves_due_days_in_a_running_installation(tmp_path: Path) -> None:
    with (
        running(tmp_path / "home") as run,
        _client(run, "hut") as hut,
        _client(run, "desk-civil-affairs") as desk,
    ):
        filed = hut.post("/intake/api/v1/requests", json=a_filing("dibao")).json()
        leg = f"/referrals/api/v1/referrals/{filed['legs'][0]['id']}"
        until(lambda: desk.get(leg).status_code == httpx.codes.OK, what="the referral")
        desk.post(f"{leg}/accept", json={}, headers={"If-Match": '"1"'}).raise_for_status()
        before = desk.get(leg).json()
        notice = write_notice_with(tmp_path, date.fromisoformat(before["due_on"]))
        printed = run.carehut("calendar", "import", str(notice), "--replace")
        after = desk.get(leg).json()
        assert after["due_on"] != before["due_on"]
        assert f"{before['number']}  {before['due_on']} → {after['due_on']}" in printed
        until(
            lambda: _leg_at_the_hut(hut, filed["id"])["due_on"] == after["due_on"],
            what="the new day at the hut",
        )
        assert desk.get(f"{leg}/clock").json()["due_on"] == after["due_on"]
        history = desk.get(f"{leg}/history").json()["items"]
        assert [line["action"] for line in history] == ["issue", "accept", "move-due"]
