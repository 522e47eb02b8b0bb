"""Figures are counted in the transaction of the change, and with no change there is none."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.referrals.domain.referral import Referral
from services.referrals.domain.status import Status
from services.referrals.persistence.figure_tables import deltas
from services.referrals.persistence.figures import count
from shared import ids
from shared.db import Database
from tests.builders import the_district
from tests.conftest import MakeDatabase
from tests.unit.referrals.referral import MONDAY, referral


def counted(database: Database) -> Counter[tuple[str, str | None]]:
    found: Counter[tuple[str, str | None]] = Counter()
    with database.read() as connection:
        for row in connection.execute(sa.select(deltas).order_by(deltas.c.id)):
            found[row.measure, row.person] += row.number
    return found


def closed() -> Referral:
    return replace(
        referral(Status.CLOSED, received_at=MONDAY),
        ended_at=MONDAY,
        outcome="approved",
        outcome_fields={"amount": 560},
    )


def test_a_change_is_counted_by_what_it_adds_and_people_by_their_request(database: MakeDatabase) -> None:
    made = database("referrals")
    arrived, done = referral(), closed()
    with made.unit_of_work() as uow:
        count(uow, None, arrived, MONDAY, the_district())
    assert counted(made) == {("received", arrived.person): 1}
    with made.unit_of_work() as uow:
        count(uow, arrived, done, MONDAY, the_district())
    assert counted(made) == {
        ("received", done.person): 1,
        ("days", done.person): 3,
        ("granted", done.person): 1,
    }


def test_many_changes_of_one_transaction_are_one_insert(database: MakeDatabase) -> None:
    made = database("referrals")
    sent: list[str] = []
    with made.unit_of_work() as uow:
        for _ in range(5):
            count(uow, None, replace(referral(), id=ids.new()), MONDAY, the_district())
        sa.event.listen(uow.connection, "before_cursor_execute", lambda *what: sent.append(what[2]))
    assert len(sent) == 1
    assert counted(made).total() == 5


def test_what_is_undone_was_never_counted(database: MakeDatabase) -> None:
    made = database("referrals")

    def fail() -> None:
        with made.unit_of_work() as uow:
            count(uow, None, referral(), MONDAY, the_district())
            uow.write()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert counted(made) == {}
