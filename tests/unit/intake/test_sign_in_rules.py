"""Pauses after wrong tries grow, and what lies back is forgiven; an address is that of whoever has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.intake.domain.sign_in_rules import (
    BY_ADDRESS,
    BY_NAME,
    Allowance,
    Tries,
    after_one_more,
    place_of,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def paused(count: int, allowance: Allowance) -> float:
    until = after_one_more(Tries(count - 1, NOON, None), allowance, NOON).paused_until
    return (until - NOON).total_seconds() if until else 0


def test_a_pause_doubles_up_to_a_quarter_of_an_hour() -> None:
    assert [paused(count, BY_NAME) for count in (1, 4, 5, 6, 7, 9, 10, 5000)] == [
        0,
        0,
        30,
        60,
        120,
        480,
        900,
        900,
    ]
    assert [paused(count, BY_ADDRESS) for count in (100, 101, 105, 5000)] == [0, 30, 300, 300]


def test_one_wrong_try_is_forgiven_in_each_hour() -> None:
    five = Tries(5, NOON, NOON + timedelta(seconds=30))
    assert after_one_more(five, BY_NAME, NOON + timedelta(hours=2)).count == 4
    assert after_one_more(five, BY_NAME, NOON + timedelta(days=3)).count == 1
    assert after_one_more(five, BY_NAME, NOON - timedelta(minutes=5)).count == 6


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("a socket", "a socket"),
    ],
)
def test_of_version_six_the_half_counts_that_somebody_was_given(address: str, place: str) -> None:
    assert place_of(address) == place
