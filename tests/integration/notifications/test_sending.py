"""Persons are told of news where they wish it: in fixed words, once, in waking hours, and never by a demo."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Barrier, Thread

import pytest

from services.notifications.domain.persons import LEASE
from services.notifications.use_cases.send import Sender
from shared import audit
from shared.db import Database
from shared.directory import Directory
from shared.sealing import Keyring
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.notifications.far_ends import (
    CLOSED,
    CONSENT,
    PAPERS,
    PHONE,
    Gateway,
    a_gateway,
    a_real_district,
    a_sender,
    happens,
    ready,
    states,
)
from tests.integration.notifications.post_room import PostRoom
from tests.waiting import until


@pytest.fixture
def room(database: MakeDatabase) -> PostRoom:
    """Notifications of a district that is no demo."""
    return PostRoom(an_installation(database, district=a_real_district()))


@pytest.fixture
def small_room(sqlite_database: MakeDatabase) -> PostRoom:
    """The same in files."""
    return PostRoom(an_installation(sqlite_database, district=a_real_district()))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway for text messages."""
    with a_gateway() as running:
        yield running


def test_papers_that_are_wanted_are_told_once_and_in_neutral_words(room: PostRoom, gateway: Gateway) -> None:
    told = ready(room)
    happens(room, PAPERS, told.request, programme="health-service")
    sender = a_sender(room, sms=gateway.channel)
    assert (sender.tick(), sender.tick()) == (1, 0)
    (post,) = gateway.posts
    assert (post["to"], post["as"], post["key"]) == (PHONE, "Bearer token-of-a-test", post["id"])
    assert post["text"] == "【帮扶救助转介】您的申请需要补充材料，请尽快到登记窗口了解。"
    assert states(room) == [("sent", None)]


def test_whoever_did_not_ask_for_it_is_told_nothing(small_room: PostRoom, gateway: Gateway) -> None:
    happens(small_room, PAPERS, ready(small_room).contact.subject)
    assert (a_sender(small_room, sms=gateway.channel).tick(), states(small_room)) == (0, [])


def test_one_is_told_in_the_language_one_wishes(small_room: PostRoom, gateway: Gateway) -> None:
    happens(small_room, CLOSED, ready(small_room, {**CONSENT, "language": "en"}).request)
    a_sender(small_room, sms=gateway.channel).tick()
    assert [post["text"] for post in gateway.posts] == [
        "[District aid coordination] There is news about your request: you can ask at the desk."
    ]


def test_nobody_is_woken_and_news_come_once_a_day(small_room: PostRoom, gateway: Gateway) -> None:
    room, clock = small_room, small_room.installation.clock
    told = ready(room)
    clock.move_to(clock.now().replace(hour=13, minute=0))  # nine in the evening in Kunming
    sender = a_sender(room, sms=gateway.channel)
    happens(room, CLOSED, told.request, told.request)
    assert sender.tick() == 0
    clock.move_to(clock.now() + timedelta(hours=12))
    assert sender.tick() == 1
    assert sorted(states(room), key=str) == [("dropped", "joined"), ("sent", None)]
    happens(room, CLOSED, told.request)
    assert sender.tick() == 0
    happens(room, PAPERS, told.request)
    assert sender.tick() == 1
    clock.move_to(clock.now() + timedelta(days=1))
    assert sender.tick() == 1
    assert len(gateway.posts) == 3


def test_what_was_not_taken_is_tried_ever_more_seldom_under_one_key_and_given_up_in_the_end(
    small_room: PostRoom, gateway: Gateway
) -> None:
    room, clock = small_room, small_room.installation.clock
    happens(room, PAPERS, ready(room).request)
    gateway.answers += [503] * 100
    sender, gaps, last = a_sender(room, sms=gateway.channel), [], clock.now()
    for _ in range(4 * 24 * 12):
        if sender.tick():
            gaps.append(clock.now() - last)
            last = clock.now()
        clock.move_to(clock.now() + timedelta(minutes=5))
    assert gaps[2] < gaps[3] < gaps[4]
    assert len(gaps) > 5
    assert len({post["key"] for post in gateway.posts}) == 1
    assert states(room) == [("failed", "http-503")]


@pytest.mark.parametrize(
    ("answer", "state"), [(400, "failed"), (302, "failed"), (500, "unknown"), (504, "unknown")]
)
def test_what_may_have_arrived_and_what_is_refused_is_not_sent_again(
    small_room: PostRoom, gateway: Gateway, answer: int, state: str
) -> None:
    happens(small_room, PAPERS, ready(small_room).request)
    gateway.answers.append(answer)
    sender = a_sender(small_room, sms=gateway.channel)
    assert (sender.tick(), sender.tick()) == (1, 0)
    assert states(small_room) == [(state, f"http-{answer}")]


def test_a_gateway_that_is_away_is_tried_later_and_nobody_else_fails_with_it(small_room: PostRoom) -> None:
    with a_gateway() as gone:
        away = gone.channel
    happens(small_room, PAPERS, *(ready(small_room).request for _ in range(3)))
    assert a_sender(small_room, sms=away).tick() == 1
    assert sorted(states(small_room), key=str) == [
        ("waiting", "gateway-away"),
        ("waiting", None),
        ("waiting", None),
    ]


def test_killed_between_attempt_and_result_it_is_not_sent_twice(
    small_room: PostRoom, gateway: Gateway
) -> None:
    room, installation = small_room, small_room.installation
    happens(room, PAPERS, ready(room).request)
    gateway.hangs = True
    child = os.fork()
    if child == 0:
        # A process of its own: no connection, key or lock of this one.
        try:
            database = Database(room.parts.database.url, flushes=(audit.flush,))
            keyring = Keyring(database, installation.master, now=installation.clock.now)
            parts = replace(room.parts, database=database, keyring=keyring, directory=Directory(database))
            Sender(parts, {"sms": gateway.channel}).tick()
        finally:
            os._exit(1)
    try:
        until(lambda: gateway.posts)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    gateway.hangs = False
    sender, clock = a_sender(room, sms=gateway.channel), installation.clock
    assert (sender.tick(), states(room)) == (0, [("sending", None)])
    clock.move_to(clock.now() + LEASE + timedelta(seconds=1))
    assert (sender.tick(), states(room)) == (0, [("unknown", "lost")])
    assert len(gateway.posts) == 1


def test_several_machines_at_once_send_each_message_once(room: PostRoom, gateway: Gateway) -> None:
    people = [ready(room).request for _ in range(6)]
    happens(room, PAPERS, *people)
    happens(room, CLOSED, *people)
    start = Barrier(3)

    def machine() -> None:
        start.wait()
        a_sender(room, sms=gateway.channel).tick()

    machines = [Thread(target=machine) for _ in range(3)]
    for thread in machines:
        thread.start()
    for thread in machines:
        thread.join()
    assert len(gateway.posts) == len({post["key"] for post in gateway.posts}) == len(people)
    assert sorted(state for state, _ in states(room)) == ["sent"] * 6 + ["waiting"] * 6


def test_a_demo_sends_nothing_outward(sqlite_database: MakeDatabase, gateway: Gateway) -> None:
    room = PostRoom(an_installation(sqlite_database))
    happens(room, PAPERS, ready(room).request)
    assert a_sender(room, sms=gateway.channel).tick() == 0
    assert (gateway.posts, states(room)) == ([], [("dropped", "demo")])


def test_the_operator_sees_what_came_of_it_and_nobody_sees_where_it_went(
    room: PostRoom, gateway: Gateway
) -> None:
    happens(room, PAPERS, ready(room).request)
    a_sender(room, sms=gateway.channel).tick()
    shown = room.reader("operator").get("/deliveries", to="persons")
    (item,) = shown.json["items"]
    assert (item["channel"], item["state"], item["attempts"], item["inbox"]) == ("sms", "sent", 1, None)
    assert shown.json["totals"] == {"sent": 1}
    assert PHONE not in shown.text
    assert room.reader("hut").get("/deliveries", to="persons").status_code == 403
