"""The receiver keeps its promises: once, in order, and nothing that cannot be applied is dropped."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shared import ids
from shared.db import Database, UnitOfWork
from shared.events import Event
from shared.inbox import NotYet, Refused, Unavailable
from shared.inbox.letters import list_letters, replay_letter
from shared.text import Text
from tests.integration.inbox.deliveries import (
    AT,
    delivery,
    event,
    letters,
    note,
    receipt_count,
    receiver,
    seen,
)


def test_events_of_a_chain_take_effect_once_and_in_order(inbox_database: Database) -> None:
    chain = [event("a", number) for number in (1, 2, 3)]
    receive = receiver(inbox_database)
    receive([delivery(item) for item in chain])
    receive([delivery(item) for item in chain])
    assert seen(inbox_database, "a") == [1, 2, 3]
    assert receipt_count(inbox_database) == 3
    assert letters(inbox_database) == []


def test_the_same_event_twice_in_one_batch_takes_effect_once(inbox_database: Database) -> None:
    only = event("a", 1)
    receiver(inbox_database)([delivery(only), delivery(only)])
    assert seen(inbox_database, "a") == [1]


def test_an_early_event_waits_and_is_released_behind_its_predecessor(inbox_database: Database) -> None:
    first, second, third = (event("a", number) for number in (1, 2, 3))
    receive = receiver(inbox_database)
    receive([delivery(third)])
    receive([delivery(second)])
    assert seen(inbox_database, "a") == []
    assert [state for state, _ in letters(inbox_database)] == ["waiting", "waiting"]
    receive([delivery(first)])
    assert seen(inbox_database, "a") == [1, 2, 3]
    assert [state for state, _ in letters(inbox_database)] == ["replayed", "replayed"]


def test_a_predecessor_in_the_same_batch_is_enough_for_the_next_tick(inbox_database: Database) -> None:
    first, second = event("a", 1), event("a", 2)
    receive = receiver(inbox_database)
    receive([delivery(second), delivery(first)])
    receive.tick()
    assert seen(inbox_database, "a") == [1, 2]


def test_a_waiting_event_delivered_again_is_kept_once(inbox_database: Database) -> None:
    early = event("a", 2)
    receive = receiver(inbox_database)
    receive([delivery(early), delivery(early)])
    receive([delivery(early)])
    assert letters(inbox_database) == [("waiting", "early: 1 is missing")]


@pytest.mark.parametrize(
    ("of", "changes", "reason"),
    [
        (b"not json at all", {}, "malformed"),
        (b"[]", {}, "malformed"),
        (event("a", 1), {"user_id": "agency-health"}, "stranger"),
        (event("a", 1), {"user_id": None}, "stranger"),
        (event("a", 1, data={}), {}, "data"),
        (event("a", 1), {"queue": "referrals.dead"}, "given-up-by-broker"),
        (b'{"x":"' + b"y" * 300_000 + b'"}', {}, "malformed"),
    ],
)
def test_what_cannot_be_understood_is_kept_with_its_reason_and_disturbs_nothing(
    inbox_database: Database, of: Event | bytes, changes: dict[str, str], reason: str
) -> None:
    receive = receiver(inbox_database)
    receive([delivery(of, **changes), delivery(event("b", 1))])
    receive([delivery(of, **changes)])
    assert letters(inbox_database) == [("dead", reason)]
    assert seen(inbox_database, "b") == [1]


def test_a_type_that_is_bound_but_not_subscribed_takes_a_receipt(inbox_database: Database) -> None:
    receive = receiver(inbox_database)
    receive([delivery(event("a", 1, type="staff.disabled.v1")), delivery(event("a", 2))])
    assert receipt_count(inbox_database) == 2
    assert seen(inbox_database, "a") == [2]


def test_a_type_addressed_to_others_is_kept(inbox_database: Database) -> None:
    stray = event(
        "a", 1, type="referral.accepted.v1", source="/aid/530103/referrals", agency="health", data={"at": "x"}
    )
    receiver(inbox_database)([delivery(stray, user_id="aid-referrals")])
    assert letters(inbox_database) == [("dead", "not-addressed-here")]


def test_a_bad_event_costs_only_itself_and_its_successors_wait_behind_it(inbox_database: Database) -> None:
    bad, after, other = event("bad", 1), event("bad", 2), event("good", 1)

    def handler(uow: UnitOfWork, events: Sequence[Event]) -> None:
        note(uow, events)
        if any(item.subject == "bad" for item in events):
            raise Refused(Text("不行", "never"))

    receiver(inbox_database, handler)([delivery(bad), delivery(after), delivery(other)])
    assert seen(inbox_database, "good") == [1]
    assert seen(inbox_database, "bad") == []
    assert letters(inbox_database) == [("dead", "refused: never"), ("waiting", f"blocked-by {bad.id}")]


def test_replay_applies_the_dead_event_and_releases_what_waited_in_order(inbox_database: Database) -> None:
    chain = [event("a", number) for number in (1, 2, 3)]
    broken = True

    def handler(uow: UnitOfWork, events: Sequence[Event]) -> None:
        if broken:
            raise RuntimeError("a defect, mended later")
        note(uow, events)

    receive = receiver(inbox_database, handler)
    receive([delivery(item) for item in chain])
    assert [state for state, _ in letters(inbox_database)] == ["dead", "waiting", "waiting"]
    broken = False
    number = list_letters(inbox_database)[0].fields["id"]
    replay_letter(inbox_database, number, actor="operator", at=AT)
    receive.tick()
    assert seen(inbox_database, "a") == [1, 2, 3]
    assert [state for state, _ in letters(inbox_database)] == ["replayed"] * 3


def test_an_event_that_must_wait_for_something_else_is_tried_again(
    inbox_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = False

    def handler(uow: UnitOfWork, events: Sequence[Event]) -> None:
        if not known:
            raise NotYet("pack 12ab is unknown")
        note(uow, events)

    monkeypatch.setattr("shared.inbox.store.RETRY_AFTER", AT - AT)
    receive = receiver(inbox_database, handler)
    receive([delivery(event("a", 1))])
    assert letters(inbox_database) == [("waiting", "not-yet: pack 12ab is unknown")]
    receive.tick()
    assert seen(inbox_database, "a") == []
    known = True
    receive.tick()
    assert seen(inbox_database, "a") == [1]


def test_a_second_event_in_the_same_place_of_a_chain_is_kept(inbox_database: Database) -> None:
    receive = receiver(inbox_database)
    receive([delivery(event("a", 1))])
    receive([delivery(event("a", 1))])
    assert seen(inbox_database, "a") == [1]
    assert letters(inbox_database) == [("dead", "sequence-taken")]


def test_a_strangers_forgery_does_not_block_the_real_event(inbox_database: Database) -> None:
    real = event("a", 1)
    receive = receiver(inbox_database)
    receive([delivery(real, user_id="agency-health")])
    receive([delivery(event("a", 1, id=ids.new()))])
    assert seen(inbox_database, "a") == [1]


def test_without_its_database_nothing_may_be_acknowledged() -> None:
    away = Database("sqlite:////nonexistent-folder/none.sqlite")
    with pytest.raises(Unavailable):
        receiver(away)([delivery(event("a", 1))])
