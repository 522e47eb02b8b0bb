"""A submitted request becomes one referral per leg, in one transaction, exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event as sqlalchemy_event

from services.intake.use_cases.submit_request import submit_request
from services.referrals.persistence.tables import packets, referrals
from services.referrals.use_cases.read import read_referral
from shared.db import Database
from shared.events import Event, parse
from shared.outbox.tables import outbox
from tests.builders import FOUR_PROGRAMMES, MONDAY, a_command, a_principal
from tests.integration.referrals.desk import Road, delivery


def rows(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def filed(road: Road) -> Event:
    """Give the event of a request that is filed but not carried over."""
    submit_request(road.installation.intake(), a_principal(), a_command(*FOUR_PROGRAMMES))
    with road.installation.databases["intake"].read() as connection:
        body = connection.execute(
            sa.select(outbox.c.body)
            .where(outbox.c.type == "request.submitted.v1")
            .order_by(outbox.c.id.desc())
        ).scalars()
        return parse(next(iter(body)))


def test_one_request_opens_four_referrals_with_their_packets_and_tells_of_each(road: Road) -> None:
    answer = road.file(*FOUR_PROGRAMMES)
    legs = {leg["id"]: leg for leg in answer["legs"]}
    told = road.told()
    assert {event.subject for event in told} == set(legs)
    assert {event.type for event in told} == {"referral.issued.v1"}
    assert all(event.correlation == answer["id"] and event.sequence == 1 for event in told)
    assert rows(road.parts.database, packets) == 4
    view = read_referral(road.parts, a_principal("desk", agency="civil-affairs"), answer["legs"][0]["id"])
    assert view.referral.issued_at == MONDAY
    assert (view.referral.clock, view.referral.due_on, view.light) == (
        "acknowledge",
        date(2026, 11, 25),
        "green",
    )
    assert view.badge is not None
    assert view.badge.name is not None
    assert view.badge.name.endswith("**")


def test_a_leg_of_a_clinical_programme_is_a_health_service_in_row_and_event(road: Road) -> None:
    leg = road.file("psy")["legs"][0]["id"]
    (told,) = road.told(leg)
    assert told.data["programme"] == "health-service"
    with road.parts.database.read() as connection:
        row = connection.execute(sa.select(referrals)).mappings().one()
    assert "psy" not in {str(value) for value in row.values()}


def test_an_agency_that_uses_our_pages_gets_no_packet_by_message(road: Road) -> None:
    road.file()
    assert all("packet" not in event.data and "badge" not in event.data for event in road.told())


def test_business_time_is_that_of_the_request_not_of_the_consumer(road: Road) -> None:
    event = filed(road)
    road.installation.clock.move_to(MONDAY.replace(month=12))
    road.receiver([delivery(event.internal())])
    assert {told.time for told in road.told()} == {MONDAY}


def test_the_same_event_twice_opens_nothing_twice(road: Road) -> None:
    event = filed(road)
    road.receiver([delivery(event.internal()), delivery(event.internal())])
    road.receiver([delivery(event.internal())])
    assert rows(road.parts.database, referrals) == 4
    assert len(road.told()) == 4
    assert road.letters() == []


def test_many_requests_cost_as_many_statements_as_one(road: Road) -> None:
    statements: list[str] = []

    @sqlalchemy_event.listens_for(road.parts.database.engine, "before_cursor_execute")
    def count(*arguments: object) -> None:
        statements.append(str(arguments[2]))

    def cost(events: int) -> int:
        batch = [filed(road) for _ in range(events)]
        statements.clear()
        road.receiver([delivery(event.internal()) for event in batch])
        return len(statements)

    cost(1)  # the first one also reads the district pack
    assert cost(1) <= 7, statements
    assert cost(20) == cost(3)


def test_a_pack_that_has_not_arrived_makes_the_request_wait(road: Road) -> None:
    event = filed(road)
    early = replace(event, data={**event.data, "pack": "0000000000000000"})
    road.receiver([delivery(early.internal())])
    assert [state for state, _ in road.letters()] == ["waiting"]
    assert road.told() == []


def test_a_leg_to_an_agency_the_pack_lacks_is_kept_with_the_reason_and_harms_no_other(road: Road) -> None:
    strange, good = filed(road), filed(road)
    data: Any = strange.data
    legs = [dict(leg, agency="no-such-agency") for leg in data["legs"]]
    bad = replace(strange, data={**strange.data, "legs": legs})
    road.receiver([delivery(bad.internal()), delivery(good.internal())])
    ((state, reason),) = road.letters()
    assert state == "dead"
    assert "no-such-agency" in reason
    assert rows(road.parts.database, referrals) == 4
