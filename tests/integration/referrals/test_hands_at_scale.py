"""What an officer has in hand, a counter's queue and notices are found by index among thousands of referrals."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from services.referrals.persistence import queries
from services.referrals.persistence.filters import NOBODY, Filter, Reach
from services.referrals.persistence.referrals import SealedPacket, insert, load
from shared import ids
from tests.builders import MONDAY, STREET, an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road
from tests.integration.referrals.test_scale import COPIES, TODAY

AGENCY = "civil-affairs"
OWN = Reach(agencies=frozenset({AGENCY}))
FEW = 40


@pytest.fixture
def crowded(postgres_database: MakeDatabase) -> Road:
    """Thousands of referrals, of which few are in one officer's hands, lent to them, at a counter or under notice."""
    road = Road(an_installation(postgres_database))
    leg = road.file("dibao")["legs"][0]["id"]
    until = TODAY + timedelta(days=3)
    with road.parts.database.unit_of_work() as uow:
        one = load(uow.connection, [leg])[leg]
        copies = []
        for n in range(COPIES):
            copy = replace(
                one, id=ids.new(), request_id=ids.new(), number=f"MZ-2026-{n:08d}", rank=one.rank + n
            )
            copy = replace(copy, assignee="an" if n % 100 == 0 else "bo" if n % 3 else None)
            if n % 100 == 1:
                copy = replace(copy, delegated_to="an", delegated_until=until, supervised="red")
            if n % 100 == 2:
                copy = replace(copy, desk_street=STREET)
            copies.append(copy)
        insert(uow.connection, [(copy, {}, SealedPacket(1, "packet", "badge")) for copy in copies])
    with postgres_database("referrals", "owner").unit_of_work() as uow:
        uow.connection.execute(sa.text("analyze"))
    return road


def nodes(connection: Connection, statement: Any) -> list[dict[str, Any]]:
    """Give every node of a statement's plan, as it was carried out."""
    compiled = statement.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    (plan,) = connection.exec_driver_sql(f"explain (analyze, format json) {compiled}").scalar_one()
    waiting, found = [plan["Plan"]], []
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting += node.get("Plans", [])
    return found


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("wanted", "most"),
    [
        (Filter(reach=OWN, now=MONDAY, today=TODAY, assignee="an"), 3 * FEW),
        (Filter(reach=OWN, now=MONDAY, today=TODAY, assignee=NOBODY), 6 * FEW),
        (Filter(reach=Reach(counters=frozenset({(AGENCY, STREET)})), now=MONDAY, today=TODAY), 3 * FEW),
        (Filter(reach=Reach(everything=True), now=MONDAY, today=TODAY, supervised="red"), 3 * FEW),
    ],
    ids=["in-hand", "nobodys", "counter", "under-notice"],
)
def test_a_page_is_read_by_index(
    crowded: Road, monkeypatch: pytest.MonkeyPatch, wanted: Filter, most: int
) -> None:
    asked: list[Any] = []
    with crowded.parts.database.read() as connection:
        execute = connection.execute

        def noting(statement: Any) -> Any:
            asked.append(statement)
            return execute(statement)

        monkeypatch.setattr(connection, "execute", noting)
        found = queries.listing(connection, wanted, limit=21, after=None)
    assert len(found) == 21
    with crowded.parts.database.read() as connection:
        plan = nodes(connection, asked[0])
    assert "Seq Scan" not in {node["Node Type"] for node in plan}
    read = [
        (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"]
        for node in plan
        if node.get("Relation Name") == "referrals"
    ]
    assert max(read) <= most
