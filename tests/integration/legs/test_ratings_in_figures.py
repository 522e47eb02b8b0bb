"""What people said of the help they got stands in the figures, by programme and in the sum."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays
from tests.integration.legs.test_commands import close

APPROVED = {"amount": 650, "period": "monthly"}


@pytest.fixture
def database(sqlite_database: MakeDatabase) -> MakeDatabase:
    """How rows are added up on each database other tests show; this is about what is answered."""
    return sqlite_database


def satisfaction(ways: BothWays) -> list[dict[str, Any]]:
    """Ask as the coordinator; gives what is told of the programme and of all together."""
    asked = ways.caller(ways.app(), "coordinator").get("/statistics", reason="月度通报")
    assert asked.status_code == 200, asked.text
    rows = [*asked.json["programmes"], asked.json["total"]]
    return [row["satisfaction"] for row in rows if row.get("programme", "dibao") == "dibao"]


def test_a_rating_is_in_the_figures_with_its_number_average_and_grades(ways: BothWays) -> None:
    nobody_yet = {"ratings": 0, "average": None, "grades": dict.fromkeys("12345", 0)}
    filed = [ways.file("dibao") for _ in range(3)]
    for request in filed:
        close(ways, request["legs"][0]["id"], "approved", **APPROVED)
    assert satisfaction(ways) == [nobody_yet, nobody_yet]
    for request, grade in zip(filed, (5, 2), strict=False):
        ways.ask(request["id"], request["legs"][0]["id"], "rate", {"grade": grade})
    told = {"ratings": 2, "average": 3.5, "grades": {"1": 0, "2": 1, "3": 0, "4": 0, "5": 1}}
    assert satisfaction(ways) == [told, told]
