"""Events become messages: one for each event and inbox, however often and however many at once they come."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy import event as listening

from services.notifications.persistence.tables import messages
from services.notifications.use_cases.tell import tell
from tests.builders import HUT_UNIT
from tests.integration.notifications.post_room import PostRoom, issued, then


def _count(room: PostRoom) -> int:
    with room.parts.database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(messages)).scalar_one()


def test_a_new_referral_is_told_to_its_agency_and_to_nobody_else(room: PostRoom) -> None:
    (event,) = issued()
    room.receive(event)
    assert room.reader("desk", agency="civil-affairs").texts() == [
        f"新的转介 {event.data['number']}（最低生活保障（低保）），请签收。"
    ]
    assert room.reader("desk", agency="health").texts() == []
    assert room.reader("hut").texts() == []
    assert room.reader("coordinator").texts() == []


def test_what_the_agency_does_is_told_to_the_desk_that_filed_newest_first(room: PostRoom) -> None:
    (first,) = issued()
    room.receive(first, then(first, "referral.acknowledged.v1", 2), then(first, "referral.accepted.v1", 3))
    number = first.data["number"]
    assert room.reader("hut", unit=HUT_UNIT).texts() == [
        f"盘龙区民政局已受理 {number}（最低生活保障（低保））。",
        f"盘龙区民政局已签收 {number}（最低生活保障（低保））。",
    ]
    assert room.reader("hut", unit="530103004001").texts() == []


def test_the_outcome_is_told_in_words(room: PostRoom) -> None:
    (first,) = issued()
    room.receive(first, then(first, "referral.closed.v1", 2))
    (text,) = room.reader("hut").texts()
    assert text.endswith("已办结：同意。请回访。")


def test_an_event_that_comes_again_is_told_once(room: PostRoom) -> None:
    (event,) = issued()
    room.receive(event)
    room.receive(event)
    room.receive(event, event)
    assert _count(room) == 1


def test_the_second_belt_holds_where_the_receipt_is_gone(room: PostRoom) -> None:
    (event,) = issued()
    for _ in range(2):
        with room.parts.database.unit_of_work() as uow:
            tell(uow, [event])
    assert _count(room) == 1


def test_a_hundred_events_are_one_statement(room: PostRoom) -> None:
    statements: list[str] = []
    engine = room.parts.database.engine
    listening.listen(
        engine, "before_cursor_execute", lambda *given: statements.append(given[2].lower().split()[0])
    )
    with room.parts.database.unit_of_work() as uow:
        tell(uow, issued(100))
    assert statements.count("insert") == 1
    assert _count(room) == 100


def test_an_event_that_only_answers_a_command_takes_a_receipt_and_tells_nobody(room: PostRoom) -> None:
    (first,) = issued()
    room.receive(
        first,
        then(first, "referral.cancelled.v1", 2),
        then(first, "referral.cancel-done.v1", 3),
    )
    assert len(room.reader("hut").texts()) == 1
    assert room.letters() == []


def test_a_clinical_leg_is_a_health_service_to_everybody(room: PostRoom) -> None:
    (first,) = issued(agency="health")
    event = then(first, "referral.accepted.v1", 2)
    room.receive(first, replace(event, data={**event.data, "programme": "health-service"}))
    (text,) = room.reader("hut").texts()
    assert "健康服务" in text


def test_an_officer_is_told_of_their_own_work_whatever_inbox_they_read(room: PostRoom) -> None:
    (first,) = issued()
    given = then(first, "referral.reassigned.v1", 2)
    hands = {"assignee": "desk-civil-affairs", "holder": "leader-civil-affairs"}
    # It lies at a street's counter, whose inbox neither of them reads.
    counter = {"desk_street": "530103004"}
    room.receive(
        replace(first, data={**first.data, **counter}),
        replace(given, data={**given.data, **hands, **counter}),
    )
    number = f"{first.data['number']}（最低生活保障（低保））"
    assert room.reader("desk", agency="civil-affairs").texts() == [f"{number}已改由您承办，请查看。"]
    assert room.reader("leader", agency="civil-affairs").texts() == [f"{number}已更换承办人。"]


def test_only_the_agency_reads_whom_to_tell_when_an_answer_was_taken_down_wrongly(room: PostRoom) -> None:
    (first,) = issued()
    taken = then(first, "referral.recorded-on-behalf.v1", 2)
    room.receive(first, replace(taken, data={**taken.data, "by_post": "intake-desk", "action": "accept"}))
    agency = {"agency": "civil-affairs"}
    places = {"desk": agency, "leader": agency, "hut": {}, "coordinator": {}}
    texts = {role: " ".join(room.reader(role, **place).texts()) for role, place in places.items()}
    assert all("书面答复已代为登记" in text for text in texts.values())
    assert [role for role, text in texts.items() if "协调办公室" in text] == ["desk", "leader"]


def test_the_coordinator_reads_why_a_leg_is_late_and_that_a_need_came_back_for_the_third_time(
    room: PostRoom,
) -> None:
    (first,) = issued()
    late, thrice = then(first, "referral.noted.v1", 2), then(first, "referral.supervised.v1", 3)
    room.receive(
        first,
        replace(late, data={**late.data, "reason": "staff-short"}),
        replace(thrice, data={**thrice.data, "cause": "third-return", "level": "blue", "copy_to": []}),
    )
    explained, returned = sorted(room.reader("coordinator").texts(), key=lambda text: "第三次" in text)
    assert "超期的原因" in explained
    assert "一事一议" in returned
