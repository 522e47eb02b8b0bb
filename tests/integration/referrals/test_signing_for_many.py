"""An agency signs for many referrals at once: each item is answered for itself, and one that fails holds up none."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Caller, Road, leg_of


@pytest.fixture
def database(sqlite_database: MakeDatabase) -> MakeDatabase:
    """How two batches wait for each other other tests show; this is about what is answered."""
    return sqlite_database


def test_what_can_be_signed_for_is_and_each_of_the_others_says_why_not(road: Road, desk: Caller) -> None:
    first, stale, done, last = (leg_of(road.file("dibao")) for _ in range(4))
    elsewhere = leg_of(road.file("pension"), "social-security")
    road.act(done, "accept", 1)
    sent = [(first, 1), (stale, 7), (done, 2), (elsewhere, 1), (last, 1)]
    items = [{"id": leg, "version": version} for leg, version in sent]
    answer = desk.post("/referrals/batch", {"action": "acknowledge", "items": items})
    assert answer.status_code == 200
    results: list[dict[str, Any]] = answer.json["items"]
    assert [item["id"] for item in results] == [leg for leg, _ in sent]
    assert [item["status"] for item in results] == [200, 412, 409, 404, 200]
    told = {leg: [event.type for event in road.told(leg)][1:] for leg, _ in sent}
    acknowledged = ["referral.acknowledged.v1"]
    assert (told[first], told[last]) == (acknowledged, acknowledged)
    assert (told[stale], told[elsewhere], told[done]) == ([], [], ["referral.accepted.v1"])
    shown = {leg: desk.get(f"/referrals/{leg}").json["status"] for leg in (first, stale, done, last)}
    assert shown == {first: "received", stale: "issued", done: "accepted", last: "received"}
    refused = results[2]["problem"]
    assert (refused["current_status"], "close" in refused["possible"]) == ("accepted", True)
