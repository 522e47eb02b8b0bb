"""An event is taken from its own producer alone, as the broker names the sender; a replayed one changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from services.referrals.persistence import tables
from shared.outbox.tables import outbox
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.referrals.desk import Road, delivery


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """An installation on SQLite."""
    return Road(an_installation(sqlite_database))


def submitted(road: Road) -> bytes:
    """File a request without anybody carrying its event over, and give that event."""
    carry, road.carry = road.carry, lambda: None  # type: ignore[method-assign]
    road.file("dibao")
    road.carry = carry  # type: ignore[method-assign]
    with road.installation.databases["intake"].read() as connection:
        return bytes(connection.execute(sa.select(outbox.c.body).order_by(outbox.c.id).limit(1)).scalar_one())


def legs(road: Road) -> int:
    with road.parts.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(tables.referrals)) or 0


@pytest.mark.parametrize(
    "sender",
    ["agency-civil-affairs", "aid-referrals", "aid-notifications", "AID-INTAKE", "aid-intake ", "", None],
)
def test_an_event_of_anybody_elses_is_kept_aside_with_the_name_of_who_sent_it(
    road: Road, sender: str | None
) -> None:
    road.receiver([replace(delivery(submitted(road)), user_id=sender)])

    assert legs(road) == 0
    assert road.letters() == [("dead", "stranger")]


def test_an_event_that_comes_again_changes_nothing(road: Road) -> None:
    again = delivery(submitted(road))
    for _ in range(3):
        road.receiver([again])
    assert legs(road) == 1
    assert road.letters() == []


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b'"specversion":"1.0"', b'"specversion":"0.3"'),
        (b'"type":"request.submitted.v1"', b'"type":"request.submitted.v9"'),
        (b'"sequence":1', b'"sequence":-1'),
        (b"{", b"["),
        (b'"legs":[', b'"legs":[7,'),
    ],
)
def test_what_was_changed_on_the_way_is_kept_aside(road: Road, was: bytes, becomes: bytes) -> None:
    body = submitted(road)
    assert was in body
    right = delivery(body)
    road.receiver([replace(right, body=body.replace(was, becomes, 1))])

    assert legs(road) == 0
    ((state, _),) = road.letters()
    assert state == "dead"
