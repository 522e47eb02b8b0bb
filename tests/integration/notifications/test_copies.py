"""A supervision notice comes to the agency's leader and to the coordinator as the district's escalation table says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from shared.events import Event
from tests.integration.notifications.post_room import PostRoom, issued, then

AGENCY = "civil-affairs"
BY_LEVEL: dict[str, dict[str, Any]] = {
    "blue": {},
    "yellow": {"copy_to": ["leader"]},
    "red": {"copy_to": ["leader", "coordinator"], "circular": True},
}
"""What the events tell by the escalation table of both packs."""


def notice(first: Event, level: str, sequence: int) -> Event:
    made = then(first, "referral.supervised.v1", sequence)
    data = {name: value for name, value in made.data.items() if name not in {"copy_to", "circular"}}
    time = made.time + timedelta(days=sequence)
    return replace(made, time=time, data={**data, "level": level, **BY_LEVEL[level]})


def test_a_leader_gets_a_copy_of_the_yellow_notice_and_the_circular_of_the_red_one_and_no_other(
    room: PostRoom,
) -> None:
    (first,) = issued()
    room.receive(first, *(notice(first, level, n) for n, level in enumerate(BY_LEVEL, 2)))
    number = first.data["number"]
    told = f"{number}（最低生活保障（低保））"
    assert room.reader("leader", agency=AGENCY).texts() == [
        f"通报：盘龙区民政局办理的 {told}已被红色督办，期限：2027-01-05。",
        f"抄送：{told}已发黄色督办通知（盘龙区民政局），期限：2027-01-05。",
    ]
    newest, *others = room.reader("coordinator").texts()
    assert (newest.partition("：")[0], len(others)) == ("通报", 2)
    assert len(room.reader("desk", agency=AGENCY).texts()) == 4
    assert len(room.reader("hut").texts()) == 3
    for stranger in (room.reader("leader", agency="health"), room.reader("specialist")):
        assert stranger.texts() == []
    assert room.letters() == []


def test_of_a_leg_that_waits_for_the_check_the_leader_gets_no_copy(room: PostRoom) -> None:
    (first,) = issued()
    planned = notice(first, "red", 1)
    room.receive(replace(planned, data={**planned.data, "status": "planned"}))
    assert room.reader("leader", agency=AGENCY).texts() == []
    assert len(room.reader("coordinator").texts()) == 1


def test_a_copy_for_somebody_unknown_is_a_letter_and_tells_nobody(room: PostRoom) -> None:
    (first,) = issued()
    odd = notice(first, "red", 2)
    room.receive(first, replace(odd, data={**odd.data, "copy_to": ["leader", "mayor"]}))
    assert len(room.letters()) == 1
    assert room.reader("leader", agency=AGENCY).texts() == []


def late(first: Event, whose: str, sequence: int, **more: str) -> Event:
    made = then(first, "referral.reminded.v1", sequence)
    data = {name: value for name, value in made.data.items() if name != "copy_to"}
    return replace(made, data={**data, "whose": whose, "due_on": "2027-01-05", **more})


def test_who_is_late_reads_the_level_of_the_notice_and_that_the_clock_is_theirs(room: PostRoom) -> None:
    (first,) = issued()
    levels: tuple[dict[str, str], ...] = ({}, {"level": "blue"}, {"level": "yellow"}, {"level": "red"})
    room.receive(*(late(first, "specialist", n, **level) for n, level in enumerate(levels, 1)))
    room.receive(late(first, "coordinator", 5, level="red"))
    told = f"{first.data['number']}（最低生活保障（低保））"
    texts = room.reader("specialist").texts()
    assert {text.partition("：")[0] for text in texts} == {
        "临期提醒",
        "蓝色督办提醒",
        "黄色督办通知",
        "红色督办单",
    }
    assert all("等待" in text and "核对，期限：2027-01-05" in text for text in texts)
    assert (
        f"红色督办单：{told}等待统筹岗就退回作出决定，期限：2027-01-05。"
        in room.reader("coordinator").texts()
    )


def test_a_reminder_says_what_it_is_about(room: PostRoom) -> None:
    (first,) = issued()
    reminded = then(first, "referral.reminded.v1", 2)
    data = {name: value for name, value in reminded.data.items() if name not in {"copy_to", "whose"}}
    room.receive(first, replace(reminded, data={**data, "about": "papers"}))
    assert (
        f"{first.data['number']}（最低生活保障（低保））：补正期限将至，请查看。"
        in room.reader("hut").texts()
    )
