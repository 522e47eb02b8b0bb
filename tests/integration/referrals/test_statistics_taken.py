"""Figures that are taken away carry the mark of who took them, and nobody takes them without end."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.referrals.desk import Caller, Road


def export(coordinator: Caller) -> Any:
    return coordinator.get("/statistics", **{"for": "export", "reason": "月度通报"})


def test_a_copy_says_who_took_it_when_and_what_for(coordinator: Caller) -> None:
    mark = export(coordinator).json["watermark"]
    assert (mark["by"], mark["reason"]) == ("方既明", "月度通报")
    assert mark["at"][:10] in mark["text"]["zh"]
    assert coordinator.get("/statistics").json["watermark"] is None


def test_an_export_without_a_reason_is_refused(coordinator: Caller) -> None:
    answer = coordinator.get("/statistics", **{"for": "export"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "reason")


def test_nobody_exports_more_on_a_day_than_is_needed(
    road: Road, coordinator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.audit.quota.QUOTAS", {"statistics.exported": 2})
    assert [export(coordinator).status_code for _ in range(3)] == [200, 200, 429]
    refused = export(coordinator)
    assert refused.json["type"] == "urn:aid:problem:quota-spent"
    assert 0 < int(refused.headers["Retry-After"]) <= 24 * 3600
    # What hangs on the wall is read again and again.
    assert coordinator.get("/statistics", **{"for": "wall"}).status_code == 200
    assert {line.reason for line in road.audited("export.refused")} == {"月度通报"}
