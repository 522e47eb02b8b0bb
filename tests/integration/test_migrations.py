"""The migrations of each service make exactly the tables that its code describes, on both kinds of database."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

import shared
from deploy.local import Servers
from services.referrals.domain.figures import contribution
from services.referrals.domain.life import Life
from services.referrals.domain.status import Status
from services.referrals.persistence import figure_backlog
from services.referrals.persistence.referrals import load
from services.referrals.persistence.tables import referrals
from shared.audit import INSERT_ONLY
from shared.db import Database, Insert, insert
from shared.db.migrate import _config, migrate, pending, targets
from shared.inbox.tables import attempts, dead_letters, receipts
from tests.unit.referrals.referral import TIMETABLE
from tests.unit.referrals.referral import referral as a_referral

SERVICES = ("intake", "referrals", "notifications")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Give a database without a single table, opened by its owner."""
    if request.param == "sqlite":
        database = Database(f"sqlite:///{tmp_path}/empty.sqlite")
    else:
        servers: Servers = request.getfixturevalue("postgres")
        servers.postgres.create_database("aid_empty", "intake")
        database = Database(servers.postgres.url("intake", "owner", database="aid_empty"))
    yield database
    database.dispose()
    if request.param != "sqlite":
        servers.postgres.drop_database("aid_empty")


def described(service: str) -> list[sa.MetaData]:
    """Give the tables of the code: every package's of the platform, and the service's own."""
    rooms = importlib.import_module(f"services.{service}.persistence")
    for module in (
        *pkgutil.walk_packages(shared.__path__, "shared."),
        *pkgutil.iter_modules(rooms.__path__, f"{rooms.__name__}."),
    ):
        if not module.ispkg:
            importlib.import_module(module.name)
    return list(targets(importlib.import_module(f"services.{service}.persistence.tables").metadata))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_what_the_code_describes(empty: Database, service: str) -> None:
    assert pending(empty, service)
    assert migrate(empty, service, INSERT_ONLY)
    assert not pending(empty, service)
    assert not migrate(empty, service, INSERT_ONLY)
    with empty.engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), described(service))  # type: ignore[arg-type]  # a list is taken; the stub lags
    assert [row for row in differences if "alembic_version" not in str(row)] == []


NOW = datetime(2026, 11, 22, 1, 30, tzinfo=UTC)
EVENT = "0193b6b8-0000-7000-8000-000000000001"
ATTEMPT = {"event_id": EVENT, "consumer": "intake", "attempts": 2, "last_at": NOW}
RECEIPT = {
    "event_id": EVENT,
    "consumer": "intake",
    "source": "/aid/530103/referrals",
    "subject": "s",
    "sequence": 1,
    "received_at": NOW,
}
LETTER = {
    "consumer": "intake",
    "state": "dead",
    "reason": "malformed",
    "body_sha256": b"1",
    "body": b"\x00{",
    "routing_key": "k",
    "queue": "q",
    "detail": {"reason": "body: not JSON"},
    "kept_at": NOW,
}


@pytest.mark.parametrize("service", SERVICES)
def test_what_lies_in_a_database_of_the_first_schema_is_there_after_its_migration(
    empty: Database, service: str
) -> None:
    rows = ((attempts, ATTEMPT), (receipts, RECEIPT), (dead_letters, LETTER))
    with empty.unit_of_work() as uow:
        config = _config(service)
        config.attributes["connection"] = uow.connection
        command.upgrade(config, "0001")
        insert(uow.connection, *((Insert(table), [row]) for table, row in rows))
    migrate(empty, service, INSERT_ONLY)
    with empty.read() as connection:
        for table, row in rows:
            kept = connection.execute(sa.select(table)).mappings().one()
            assert dict(kept) | row == dict(kept)
        (first,) = connection.execute(sa.select(dead_letters.c.id)).scalars()
        assert connection.scalar(sa.select(receipts.c.dismissed)) is False
    with empty.unit_of_work() as uow:
        another = LETTER | {"body_sha256": b"2", "state": "dismissed"}
        insert(uow.connection, (Insert(dead_letters), [another]))
    with empty.read() as connection:
        assert connection.scalar(sa.select(sa.func.max(dead_letters.c.id))) == first + 1


def test_referrals_of_an_earlier_release_wait_to_be_counted_as_they_stand(empty: Database) -> None:
    closed = replace(
        a_referral(Status.CLOSED), ended_at=NOW, outcome="approved", outcome_fields={"amount": 560}
    )
    with empty.unit_of_work() as uow:
        config = _config("referrals")
        config.attributes["connection"] = uow.connection
        command.upgrade(config, "0005")
        known = {column["name"] for column in sa.inspect(uow.connection).get_columns("referrals")}
        row = {name: value for name, value in asdict(closed).items() if name in known - {"life"}}
        uow.connection.execute(sa.insert(referrals), row)
    migrate(empty, "referrals", INSERT_ONLY)
    with empty.unit_of_work() as uow:
        (waiting,) = figure_backlog.take(uow.connection, 10)
        assert not figure_backlog.is_left(uow.connection)
    assert contribution(waiting, TIMETABLE) == contribution(closed, TIMETABLE)


def test_a_delegation_of_an_earlier_release_is_one_still(empty: Database) -> None:
    lent = a_referral(Status.RECEIVED)
    life = {"delegated_to": "a-colleague", "delegated_until": "2026-11-27", "papers_asked": 1}
    with empty.unit_of_work() as uow:
        config = _config("referrals")
        config.attributes["connection"] = uow.connection
        command.upgrade(config, "0008")
        known = {column["name"] for column in sa.inspect(uow.connection).get_columns("referrals")}
        row = {name: value for name, value in asdict(lent).items() if name in known} | {"life": life}
        uow.connection.execute(sa.insert(referrals), row)
    migrate(empty, "referrals", INSERT_ONLY)
    with empty.read() as connection:
        kept = load(connection, [lent.id])[lent.id]
    assert (kept.delegated_to, kept.delegated_until) == ("a-colleague", date(2026, 11, 27))
    assert kept.life == Life(papers_asked=1)


def test_a_day_clock_of_an_earlier_release_turns_yellow_when_it_would_have_and_one_in_hours_is_reckoned_anew(
    empty: Database,
) -> None:
    days = a_referral(Status.ISSUED)
    hours = replace(days, id=EVENT, number="MZ-2026-7K3F9QXE", due_at=NOW)
    with empty.unit_of_work() as uow:
        config = _config("referrals")
        config.attributes["connection"] = uow.connection
        command.upgrade(config, "0010")
        known = {column["name"] for column in sa.inspect(uow.connection).get_columns("referrals")}
        for leg in (days, hours):
            row = {name: value for name, value in asdict(leg).items() if name in known - {"life"}}
            uow.connection.execute(sa.insert(referrals), row)
    migrate(empty, "referrals", INSERT_ONLY)
    with empty.read() as connection:
        kept = load(connection, [days.id, hours.id])
    assert (kept[days.id].yellow_at, kept[days.id].timer) == (days.yellow_at, days.timer)
    assert (kept[hours.id].timer, kept[hours.id].timer_at) == ("reckon", hours.issued_at)
