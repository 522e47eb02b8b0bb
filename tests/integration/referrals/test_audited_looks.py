"""Whoever looks at a referral, or is told that they may not act on it, is found in the audit log, once."""

from __future__ import annotations

from tests.integration.referrals.desk import Caller, Road, leg_of


def test_a_look_without_a_badge_is_audited_and_so_are_history_and_clock(
    road: Road, coordinator: Caller, desk: Caller
) -> None:
    leg = leg_of(road.file("dibao"))
    coordinator.get(f"/referrals/{leg}")
    coordinator.get(f"/referrals/{leg}/clock")
    desk.get(f"/referrals/{leg}/history")
    lines = road.audited("referral.opened")
    assert [(line.object_id, line.post, dict(line.detail)) for line in lines] == [
        (leg, "desk@civil-affairs", {"part": "history"}),
        (leg, "coordinator", {}),
        (leg, "coordinator", {}),
    ]


def test_what_only_the_help_desk_brings_about_is_refused_and_audited(road: Road, desk: Caller) -> None:
    leg = leg_of(road.file("dibao"))
    assert desk.post(f"/referrals/{leg}/cancel", {}, version=1).status_code == 403
    (line,) = road.audited("access.refused")
    assert (line.actor, line.result) == (desk.principal.staff, "refused")
    assert leg in line.detail.values()


def test_each_item_of_a_batch_that_is_refused_is_audited(road: Road, desk: Caller) -> None:
    leg, other = leg_of(road.file("dibao")), leg_of(road.file("pension"), "social-security")
    road.act(leg, "acknowledge", 1)
    items = [{"id": leg, "version": 2}, {"id": other, "version": 1}]
    answer = desk.post("/referrals/batch", {"action": "acknowledge", "items": items})
    assert [item["status"] for item in answer.json["items"]] == [409, 404]
    assert {line.object_id for line in road.audited("referral.action-refused")} == {leg, other}


def test_what_the_status_refuses_has_one_line_and_a_stale_version_one_of_its_own(
    road: Road, desk: Caller
) -> None:
    leg = leg_of(road.file("dibao"))
    assert desk.post(f"/referrals/{leg}/start", {}, version=1).status_code == 409
    assert len(road.audited("referral.action-refused")) == 1
    assert road.audited("operation.refused") == []
    assert desk.post(f"/referrals/{leg}/accept", {}, version=7).status_code == 412
    (line,) = road.audited("operation.refused")
    assert (line.object_id, line.reason, line.detail["action"]) == (leg, "stale-version", "referrals.accept")
