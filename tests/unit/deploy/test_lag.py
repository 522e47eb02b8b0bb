"""How late a consumer is, is measured at the effect, and told only when it stays so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.lag import BEHIND_SECONDS, LASTING_SECONDS, Followed, written_at
from shared import ids
from shared.events import CATALOGUE, example_bytes
from shared.messaging import Delivery, Unavailable
from shared.telemetry.trouble import Trouble

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)


def _delivery(age: float) -> Delivery:
    event = ids.at(NOW - timedelta(seconds=age))
    return Delivery(
        body=b'{"specversion":"1.0","id":"' + event.encode() + b'","type":"staff.changed.v1"}',
        routing_key="staff.changed",
        user_id=None,
        redelivered=False,
        content_type=None,
        tag=1,
        queue="referrals.events",
    )


class Consumer:
    """A consumer whose time a test moves."""

    def __init__(self) -> None:
        self.now = NOW.timestamp()
        self.told: list[str | Trouble | None] = []
        self.lags: list[float] = []
        self.away = False
        self.followed = Followed(self._handle, self.told.append, self.lags.append, now=lambda: self.now)

    def _handle(self, _deliveries: object) -> None:
        if self.away:
            raise Unavailable

    def works(self, age: float, *, for_seconds: float) -> str | Trouble | None:
        """Take a message of this age each second, and give what is told at the end."""
        for _ in range(int(for_seconds) + 1):
            self.followed([_delivery(age - (self.now - NOW.timestamp()))])
            self.now += 1
        self.followed.beat(None)
        return self.told[-1]


@pytest.fixture
def consumer() -> Consumer:
    return Consumer()


@pytest.mark.parametrize("type_", CATALOGUE)
def test_every_event_tells_when_it_was_written(type_: str) -> None:
    assert written_at(example_bytes(type_)) is not None


def test_a_message_of_nobody_we_know_tells_nothing() -> None:
    assert written_at(b'{"id": "1"}') is None


def test_the_time_from_writing_to_effect_is_noted_for_each_event(consumer: Consumer) -> None:
    consumer.followed([_delivery(2.5), _delivery(0.5)])
    assert consumer.lags == pytest.approx([2.5, 0.5], abs=0.01)


def test_a_clock_that_is_a_little_behind_makes_no_time_before_the_beginning(consumer: Consumer) -> None:
    consumer.followed([_delivery(-0.2)])
    assert consumer.lags == [0.0]


def test_a_consumer_that_stays_late_says_by_how_much(consumer: Consumer) -> None:
    told = consumer.works(BEHIND_SECONDS + 30, for_seconds=LASTING_SECONDS)
    assert isinstance(told, Trouble)
    assert told.code == "consumer-behind"
    assert f"{BEHIND_SECONDS + 30:.0f} s ago" in told.what.en


def test_a_few_events_sent_again_long_after_are_no_sign_of_anything(consumer: Consumer) -> None:
    assert consumer.works(7200, for_seconds=3) is None


def test_something_fresh_among_what_was_sent_again_shows_that_it_keeps_up(consumer: Consumer) -> None:
    consumer.works(7200, for_seconds=LASTING_SECONDS)
    consumer.followed([_delivery(7200), _delivery(0)])
    consumer.followed.beat(None)
    assert consumer.told[-1] is None


def test_who_has_had_nothing_to_do_for_a_while_is_not_behind(consumer: Consumer) -> None:
    consumer.works(7200, for_seconds=LASTING_SECONDS)
    consumer.now += LASTING_SECONDS + 1
    consumer.followed.beat(None)
    assert consumer.told[-1] is None


def test_what_is_worse_is_told_instead(consumer: Consumer) -> None:
    consumer.works(7200, for_seconds=LASTING_SECONDS)
    consumer.followed.beat("broker-away")
    assert consumer.told[-1] == "broker-away"


def test_what_could_not_be_handled_is_not_measured(consumer: Consumer) -> None:
    consumer.away = True
    with pytest.raises(Unavailable):
        consumer.followed([_delivery(1)])
    assert consumer.lags == []
