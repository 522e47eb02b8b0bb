"""New rows in one round trip: what is written is what was given, on both databases, and what is wrong is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from services.intake.persistence.tables import leg_events, legs, people, requests
from services.notifications.persistence.tables import messages
from shared import ids
from shared.db import Database, Insert, Update, insert
from shared.outbox.tables import outbox
from tests.conftest import MakeDatabase

NOW = datetime(2026, 11, 23, 1, 30, 0, 123456, tzinfo=UTC)
PEOPLE, REQUESTS, LEGS = Insert(people), Insert(requests), Insert(legs)
BODY = '{"name":"李 \\"小\\" 明","nul":"\\u0000"}'.encode()


def a_person(**changes: Any) -> dict[str, Any]:
    return {"id": ids.new(), "name": b"\x00\xff\\x41", "phone": None, "name_index": b"", **changes}


def a_request(person: str, **changes: Any) -> dict[str, Any]:
    number = ids.new()
    return {
        "id": ids.new(),
        "number": number,
        "receipt_index": number.encode(),
        "person_id": person,
        "unit": "u",
        "residence": "r",
        "urgency": "normal",
        "pack": "p",
        "filed_by": "hut",
        "status": "submitted",
        "version": 1,
        "event_sequence": 1,
        "created_at": NOW,
        "updated_at": NOW,
        **changes,
    }


def a_leg(request: str, position: int, **changes: Any) -> dict[str, Any]:
    leg = {
        "id": ids.new(),
        "request_id": request,
        "position": position,
        "number": ids.new(),
        "agency": "health",
        "programme": "psy",
        "status": "issued",
        "version": 1,
        "updated_at": NOW,
    }
    return leg | changes


def an_event(sequence: int, **changes: Any) -> dict[str, Any]:
    event = {
        "event_id": ids.new(),
        "type": "request.submitted.v1",
        "subject": "s",
        "sequence": sequence,
        "partition": 1,
        "routing_key": "k",
        "body": BODY,
        "recorded_at": NOW,
    }
    return event | changes


def stored(database: Database, table: sa.Table) -> list[dict[str, Any]]:
    with database.read() as connection:
        rows = connection.execute(sa.select(table).order_by(*table.primary_key.columns)).mappings()
        return [dict(row) for row in rows]


def write(database: Database, *new: tuple[Insert, list[dict[str, Any]]]) -> None:
    with database.unit_of_work() as uow:
        for into, rows in new:
            uow.add(into, rows)


def test_rows_of_several_tables_are_written_as_they_were_given(database: MakeDatabase) -> None:
    intake = database("intake")
    person = a_person()
    request = a_request(person["id"])
    both = sorted([a_leg(request["id"], place) for place in (0, 1)], key=lambda leg: str(leg["id"]))
    with intake.unit_of_work() as uow:
        insert(uow.connection, (PEOPLE, [person]), (REQUESTS, [request]), (LEGS, both))
    for table, given in ((people, [person]), (requests, [request]), (legs, both)):
        for row, wanted in zip(stored(intake, table), given, strict=True):
            assert row | wanted == row


def test_json_moments_and_days_come_back_the_same(database: MakeDatabase) -> None:
    intake = database("intake")
    line = {
        "id": ids.new(),
        "request_id": ids.new(),
        "leg_id": ids.new(),
        "fact": "issued",
        "status": "issued",
        "at": NOW,
        "sequence": 1,
        "staff": None,
        "detail": {"text": 'with "quotes", \\ and 中文', "list": [1, None, {"deep": True}]},
        "answer": None,
        "words": None,
    }
    with intake.unit_of_work() as uow:
        insert(uow.connection, (Insert(leg_events), [line]))
    assert stored(intake, leg_events) == [line]


def test_a_body_that_travels_as_text_is_kept_byte_for_byte(database: MakeDatabase) -> None:
    intake = database("intake")
    with intake.unit_of_work() as uow:
        insert(uow.connection, (Insert(outbox, texts=("body",)), [an_event(1), an_event(2)]))
    assert [row["body"] for row in stored(intake, outbox)] == [BODY, BODY]


def test_what_is_collected_is_written_as_the_transaction_ends(database: MakeDatabase) -> None:
    intake = database("intake")
    person = a_person()
    with intake.unit_of_work() as uow:
        uow.add(PEOPLE, [person])
        uow.add(REQUESTS, [])
        uow.add(REQUESTS, [a_request(person["id"])])
        assert uow.connection.execute(sa.select(sa.func.count()).select_from(people)).scalar_one() == 0
    assert len(stored(intake, people)) == len(stored(intake, requests)) == 1


def test_rows_collected_bit_by_bit_for_one_table_travel_together(database: MakeDatabase) -> None:
    intake = database("intake")
    sent: list[str] = []
    with intake.unit_of_work() as uow:
        for _ in range(3):
            person = a_person()
            uow.add(PEOPLE, [person])
            uow.add(REQUESTS, [a_request(person["id"])])
        event.listen(uow.connection, "before_cursor_execute", lambda *what: sent.append(what[2]))
    assert len(stored(intake, people)) == len(stored(intake, requests)) == 3
    assert len(sent) == (1 if intake.dialect == "postgresql" else 2)


def test_if_one_row_cannot_be_written_none_is(database: MakeDatabase) -> None:
    intake = database("intake")
    person = a_person()
    with pytest.raises(IntegrityError):
        write(intake, (PEOPLE, [person]), (REQUESTS, [a_request(ids.new())]))
    assert stored(intake, people) == []


def test_a_row_that_is_there_is_left_as_it_is_where_that_is_wanted(database: MakeDatabase) -> None:
    notifications = database("notifications")
    message = {
        "inbox": "hut:u",
        "id": ids.new(),
        "event_id": ids.new(),
        "type": "issued",
        "subject": ids.new(),
        "number": "n",
        "agency": "health",
        "at": NOW,
        "request": None,
        "params": {},
    }
    into = Insert(messages, skip_existing=True)
    for number in ("first", "second"):
        with notifications.unit_of_work() as uow:
            insert(uow.connection, (into, [message | {"number": number}]))
    assert [row["number"] for row in stored(notifications, messages)] == ["first"]


@pytest.mark.parametrize(
    ("change", "error"),
    [({"name": "plain text"}, "bytes"), ({"name_index": "plain text"}, "bytes")],
    ids=["ciphertext", "index"],
)
def test_text_where_bytes_belong_is_refused(database: MakeDatabase, change: Any, error: str) -> None:
    intake = database("intake")
    with pytest.raises(Exception, match=error), intake.unit_of_work() as uow:
        insert(uow.connection, (PEOPLE, [a_person(**change)]))
    assert stored(intake, people) == []


def test_a_moment_without_a_zone_is_refused(database: MakeDatabase) -> None:
    intake = database("intake")
    person = a_person()
    naive = a_request(person["id"], created_at=NOW.replace(tzinfo=None))
    with pytest.raises(Exception, match="time zone"):
        write(intake, (PEOPLE, [person]), (REQUESTS, [naive]))
    assert stored(intake, people) == []


def test_rows_that_differ_in_their_columns_are_refused(database: MakeDatabase) -> None:
    intake = database("intake")
    with pytest.raises(Exception, match=r"column|parameter"), intake.unit_of_work() as uow:
        insert(uow.connection, (PEOPLE, [a_person(), {"id": ids.new(), "name": b"x"}]))
    assert stored(intake, people) == []


def test_each_row_changes_to_values_of_its_own_unless_it_is_newer(database: MakeDatabase) -> None:
    intake = database("intake")
    person = a_person()
    request = a_request(person["id"])
    old, new = a_leg(request["id"], 0), a_leg(request["id"], 1, version=5)
    with intake.unit_of_work() as uow:
        insert(uow.connection, (PEOPLE, [person]), (REQUESTS, [request]), (LEGS, [old, new]))
    move = Update(legs, "id", ("status", "version", "due_on", "ended_at"), newer="version")
    changed = {"status": "closed", "version": 4, "due_on": date(2026, 12, 1), "ended_at": NOW}
    with intake.unit_of_work() as uow:
        move(uow.connection, [changed | {"id": leg["id"]} for leg in (old, new)])
    found = {row["position"]: row for row in stored(intake, legs)}
    assert found[0] | changed == found[0]
    assert (found[1]["status"], found[1]["version"], found[1]["due_on"]) == ("issued", 5, None)
