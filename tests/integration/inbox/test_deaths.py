"""Processes die over an event: what brings them down is kept in the end, and what was only in hand is not."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from sqlalchemy.exc import OperationalError

from shared.db import Database, UnitOfWork
from shared.events import Event
from shared.inbox import Unavailable
from shared.inbox.letters import replay_letter
from shared.inbox.receiver import ATTEMPTS, DEATHS
from tests.integration.inbox.deliveries import AT, delivery, event, letters, note, receiver, seen


class ProcessEnds(BaseException):
    """Stands for the end of the process: nothing may catch it."""


def end_the_process(_uow: UnitOfWork, _events: Sequence[Event]) -> None:
    raise ProcessEnds


def test_an_event_that_keeps_bringing_the_process_down_is_kept_in_the_end(inbox_database: Database) -> None:
    killer = event("a", 1)
    for _ in range(DEATHS):
        with pytest.raises(ProcessEnds):
            receiver(inbox_database, end_the_process)([delivery(killer, redelivered=True)])
    receive = receiver(inbox_database, end_the_process)
    receive([delivery(killer, redelivered=True), delivery(event("b", 1, type="staff.disabled.v1"))])
    assert letters(inbox_database) == [("dead", "brought-the-process-down")]


def test_an_event_in_hand_when_processes_are_killed_for_another_reason_is_not_given_up(
    inbox_database: Database,
) -> None:
    innocent = event("a", 1)
    for _ in range(2 * ATTEMPTS):
        with pytest.raises(ProcessEnds):
            receiver(inbox_database, end_the_process)([delivery(innocent, redelivered=True)])
    receiver(inbox_database)([delivery(innocent, redelivered=True)])
    assert seen(inbox_database, "a") == [1]
    assert letters(inbox_database) == []


def test_a_process_that_lives_and_tries_again_counts_once(inbox_database: Database) -> None:
    patient = event("a", 1)
    away = True

    def handler(uow: UnitOfWork, events: Sequence[Event]) -> None:
        if away:
            raise OperationalError("select 1", {}, OSError("the connection was lost"))
        note(uow, events)

    receive = receiver(inbox_database, handler)
    for _ in range(2 * DEATHS):
        with pytest.raises(Unavailable):
            receive([delivery(patient, redelivered=True)])
    away = False
    receive([delivery(patient, redelivered=True)])
    assert seen(inbox_database, "a") == [1]
    assert letters(inbox_database) == []


def test_a_replayed_letter_that_brings_the_process_down_is_dead_again_in_the_end(
    inbox_database: Database,
) -> None:
    def fail(_uow: UnitOfWork, _events: Sequence[Event]) -> None:
        raise RuntimeError("a defect")

    receiver(inbox_database, fail)([delivery(event("a", 1))])
    replay_letter(inbox_database, 1, actor="operator", at=AT)
    for _ in range(DEATHS):
        with pytest.raises(ProcessEnds):
            receiver(inbox_database, end_the_process).tick()
    receiver(inbox_database, end_the_process).tick()
    assert letters(inbox_database) == [("dead", "brought-the-process-down")]


def test_an_event_applied_just_before_the_process_died_is_not_given_up(inbox_database: Database) -> None:
    applied = event("a", 1)
    receive = receiver(inbox_database)
    for _ in range(6):
        receive([delivery(applied, redelivered=True)])
    assert seen(inbox_database, "a") == [1]
    assert letters(inbox_database) == []
