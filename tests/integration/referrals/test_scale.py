"""Long queues and boards are read by index, page by page, never as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from services.referrals.persistence import queries
from services.referrals.persistence.filters import Filter, Reach
from services.referrals.persistence.referrals import SealedPacket, insert, load
from shared import ids
from shared.clock import local_date
from tests.builders import MONDAY, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road

COPIES = 3000
TODAY = local_date(MONDAY, "Asia/Shanghai")


@pytest.fixture
def crowded(postgres_database: MakeDatabase) -> Road:
    """A referral and thousands like it, each a case of its own."""
    road = Road(an_installation(postgres_database))
    leg = road.file("dibao")["legs"][0]["id"]
    with road.parts.database.unit_of_work() as uow:
        one = load(uow.connection, [leg])[leg]
        copies = [
            replace(one, id=ids.new(), request_id=ids.new(), number=f"MZ-2026-{n:08d}", rank=one.rank + n)
            for n in range(COPIES)
        ]
        insert(uow.connection, [(copy, {}, SealedPacket(1, "packet", "badge")) for copy in copies])
    with postgres_database("referrals", "owner").unit_of_work() as uow:
        uow.connection.execute(sa.text("analyze"))
    return road


def rows_read(road: Road, statement: Any) -> int:
    """Give how many rows of the table a statement reads before it has its page."""
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    with road.parts.database.read() as connection:
        (plan,) = connection.exec_driver_sql(f"explain (analyze, format json) {compiled}").scalar_one()
    return max(_read_by(plan["Plan"]))


def _read_by(node: dict[str, Any]) -> Sequence[int]:
    own = [node["Actual Rows"] * node["Actual Loops"]] if node.get("Relation Name") == "referrals" else [0]
    return own + [rows for inner in node.get("Plans", []) for rows in _read_by(inner)]


@pytest.mark.postgres
def test_a_page_of_a_queue_and_of_a_board_reads_little_more_than_it_shows(
    crowded: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    scope = Reach(agencies=frozenset({"civil-affairs"}))
    with crowded.parts.database.read() as connection:
        execute = connection.execute

        def noting(statement: Any) -> Any:
            asked.append(statement)
            return execute(statement)

        monkeypatch.setattr(connection, "execute", noting)
        queue = queries.listing(
            connection, Filter(reach=scope, now=MONDAY, today=TODAY), limit=21, after=None
        )
        board = queries.cases(
            connection, Filter(reach=Reach(everything=True), now=MONDAY, today=TODAY), limit=21, after=None
        )
    assert (len(queue), len(board)) == (21, 21)
    assert [rows_read(crowded, statement) <= 4 * 21 for statement in asked] == [True, True]


@pytest.mark.postgres
def test_the_tiles_of_a_board_count_every_open_case_once(crowded: Road) -> None:
    crowded.file("pension", "pub-job")
    later = MONDAY + timedelta(days=10)
    everything = Reach(everything=True)
    with crowded.parts.database.read() as connection:
        counted = queries.count_cases(connection, Filter(reach=everything, now=later, today=later.date()))
        at_agency = queries.count_cases(
            connection, Filter(reach=everything, now=later, today=later.date(), agency="employment")
        )
    assert counted == {"red": COPIES + 2, "yellow": 0, "green": 0, "grey": 0}
    assert at_agency["red"] == 1
