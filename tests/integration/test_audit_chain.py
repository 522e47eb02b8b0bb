"""The chain of the audit log on both kinds of database: sealed by the worker's own rights, and let go of in time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from shared import audit, ids
from shared.audit import Head, Keeper, kept, table
from shared.audit.sealer import SEALING
from shared.audit.tables import lists, seals
from shared.db import Database
from shared.outbox.tables import outbox
from tests.unit.audit.log import an_entry

LONG_AGO = datetime.now(UTC) - timedelta(days=8 * 366)


def a_keeper(database: Database, folder: Path, now: datetime) -> Keeper:
    return Keeper(
        database, "referrals", "/aid/530103/referrals", folder=folder, now=lambda: now, years=lambda: 6
    )


@pytest.fixture
def referrals(database: Callable[[str], Database]) -> Database:
    return database("referrals")


def test_a_log_is_sealed_told_and_verified(referrals: Database, tmp_path: Path) -> None:
    with referrals.unit_of_work() as uow:
        for number in range(3):
            uow.audit(an_entry(object_id=f"r-{number}", reason="核对", detail={"rev": number, "legs": ["x"]}))
    now = datetime.now(UTC)
    a_keeper(referrals, tmp_path, now).seal()

    with referrals.read() as connection:
        told = kept(connection, "referrals")
        (event,) = connection.execute(
            sa.select(outbox.c.type).where(outbox.c.subject == "audit-referrals")
        ).scalars()
    report = audit.verify(referrals, "referrals", {"told": told}, now)
    assert (report.findings, report.entries, report.unsealed) == ([], 3, 0)
    assert told == [Head(1, report.head)]
    assert event == "audit.referrals-sealed.v1"


def test_old_batches_go_and_younger_ones_cannot(referrals: Database, tmp_path: Path) -> None:
    old = {name: getattr(an_entry(at=LONG_AGO), name) for name in audit.AuditEntry.__slots__}
    with referrals.unit_of_work() as uow:
        uow.connection.execute(sa.insert(table), [old | {"id": ids.at(LONG_AGO)}])
    a_keeper(referrals, tmp_path, LONG_AGO).seal()
    with referrals.unit_of_work() as uow:
        uow.audit(an_entry(at=datetime.now(UTC)))
    keeper = a_keeper(referrals, tmp_path, datetime.now(UTC))
    keeper.seal()
    keeper.forget()

    report = audit.verify(referrals, "referrals", {}, datetime.now(UTC), years=6)
    assert (report.findings, report.entries, report.gone, report.batches) == ([], 1, 1, 2)
    for statement in (
        sa.delete(table),
        sa.delete(lists),
        sa.delete(seals),
        sa.update(seals).values(entries=1),
    ):
        with pytest.raises(DBAPIError), referrals.unit_of_work() as uow:
            uow.connection.execute(statement)


@pytest.mark.postgres
def test_a_transaction_that_commits_after_its_batch_was_sealed_goes_into_the_next(
    postgres_database: Callable[[str], Database], tmp_path: Path
) -> None:
    slow, referrals = (postgres_database("referrals") for _ in range(2))
    keeper = a_keeper(referrals, tmp_path, datetime.now(UTC))
    with slow.unit_of_work() as late:
        late.audit(an_entry(object_id="late"))
        audit.flush(late)
        late.write()
        with referrals.unit_of_work() as uow:
            uow.audit(an_entry(object_id="early"))
        keeper.seal()
    keeper.seal()

    report = audit.verify(referrals, "referrals", {}, datetime.now(UTC))
    assert (report.findings, report.entries, report.batches, report.unsealed) == ([], 2, 2, 0)


@pytest.mark.postgres
def test_while_one_worker_seals_another_leaves_it_alone(
    postgres_database: Callable[[str], Database], tmp_path: Path
) -> None:
    busy, referrals = (postgres_database("referrals") for _ in range(2))
    keeper = a_keeper(referrals, tmp_path, datetime.now(UTC))
    with referrals.unit_of_work() as uow:
        uow.audit(an_entry())
    with busy.unit_of_work() as uow:
        uow.connection.execute(sa.select(sa.func.pg_advisory_xact_lock(SEALING)))
        keeper.seal()
        assert audit.verify(referrals, "referrals", {}, datetime.now(UTC)).unsealed == 1
    keeper.seal()
    assert audit.verify(referrals, "referrals", {}, datetime.now(UTC)).unsealed == 0
