"""The deny table: a disabled account is out, a changed one gets its new posts, and the table is read seldom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared import ids
from shared.db import Database
from shared.events import Event
from shared.identity import DeniedStaff, Principal, deny, deny_handlers
from shared.identity.tables import denied_staff

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Give the seconds since some moment."""
        return self.seconds


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/db.sqlite")
    denied_staff.create(made.engine)
    yield made
    made.dispose()


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def denied(database: Database, ticks: Ticks) -> DeniedStaff:
    return DeniedStaff(database, monotonic=ticks)


def signed_at(moment: datetime | None, staff: str = "s-1") -> Principal:
    return Principal(staff, "session", (), issued_at=moment)


def end(database: Database, staff: str, since: datetime) -> None:
    with database.unit_of_work() as uow:
        deny(uow.connection, staff, since)


def a_fact(kind: str, staff: str, time: datetime) -> Event:
    return Event(
        id=ids.new(),
        type=f"staff.{kind}.v1",
        source="/aid/530103/intake",
        subject=staff,
        time=time,
        sequence=1,
        data={"at": time.isoformat()},
    )


def test_tokens_signed_before_or_at_that_moment_are_out_and_later_ones_are_not(
    database: Database, denied: DeniedStaff
) -> None:
    end(database, "s-1", NOW)

    assert denied.is_denied(signed_at(NOW - SECOND), NOW)
    assert denied.is_denied(signed_at(NOW), NOW)
    assert not denied.is_denied(signed_at(NOW + timedelta(milliseconds=1)), NOW + SECOND)
    assert not denied.is_denied(signed_at(NOW - SECOND, "s-2"), NOW)


def test_what_the_system_does_itself_is_not_denied(database: Database, denied: DeniedStaff) -> None:
    end(database, "s-1", NOW)

    assert not denied.is_denied(signed_at(None), NOW)


def test_a_denial_takes_effect_within_thirty_seconds(
    database: Database, denied: DeniedStaff, ticks: Ticks
) -> None:
    principal = signed_at(NOW - SECOND)
    assert not denied.is_denied(principal, NOW)
    end(database, "s-1", NOW)

    ticks.seconds += 30

    assert denied.is_denied(principal, NOW)


def test_the_process_that_denies_may_look_at_once(database: Database, denied: DeniedStaff) -> None:
    assert not denied.is_denied(signed_at(NOW), NOW)
    end(database, "s-1", NOW)

    denied.forget()

    assert denied.is_denied(signed_at(NOW), NOW)


def test_between_two_readings_the_database_is_left_alone(
    database: Database, denied: DeniedStaff, ticks: Ticks
) -> None:
    seen: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))

    for _ in range(100):
        denied.is_denied(signed_at(NOW), NOW)
        ticks.seconds += 0.05

    assert len([sql for sql in seen if "FROM denied_staff" in sql]) == 1


@pytest.mark.parametrize("kind", ["disabled", "changed"])
def test_consumers_write_what_intake_tells(database: Database, denied: DeniedStaff, kind: str) -> None:
    handler = deny_handlers[f"staff.{kind}.v1"]
    with database.unit_of_work() as uow:
        handler(uow, [a_fact(kind, "s-1", NOW), a_fact(kind, "s-2", NOW), a_fact(kind, "s-1", NOW + SECOND)])

    assert denied.is_denied(signed_at(NOW + SECOND), NOW + SECOND)
    assert denied.is_denied(signed_at(NOW, "s-2"), NOW + SECOND)
    assert not denied.is_denied(signed_at(NOW + SECOND, "s-2"), NOW + SECOND)


def test_an_old_fact_that_comes_late_opens_no_door(database: Database, denied: DeniedStaff) -> None:
    end(database, "s-1", NOW)
    end(database, "s-1", NOW - timedelta(hours=1))

    assert denied.is_denied(signed_at(NOW - SECOND), NOW)


def test_denying_again_moves_the_moment_forward(database: Database, denied: DeniedStaff) -> None:
    end(database, "s-1", NOW - timedelta(hours=1))
    end(database, "s-1", NOW)

    assert denied.is_denied(signed_at(NOW), NOW)


def test_denials_older_than_any_token_are_not_even_read(database: Database, denied: DeniedStaff) -> None:
    end(database, "s-1", NOW - timedelta(hours=1))
    end(database, "s-2", NOW)

    denied.is_denied(signed_at(NOW), NOW)

    assert set(denied._since) == {"s-2"}
