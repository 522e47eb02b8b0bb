"""The event on the wire: the same bytes always, and nothing outside that joins one person's referrals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import CATALOGUE, PARTITIONS, Event, example, example_bytes, parse, partition, timestamp

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(st.characters(exclude_categories=["Cs", "Cc"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)


def event(**changes: Any) -> Event:
    facts: dict[str, Any] = {
        "id": "019aae11-0006-7f10-8b2c-0a1b2c3d4e06",
        "type": "referral.issued.v1",
        "source": "/aid/530103/referrals",
        "subject": "019aae10-4c01-7c42-8a10-6d5b3e9f7c02",
        "time": datetime(2026, 11, 23, 1, 30, tzinfo=UTC),
        "sequence": 1,
        "data": {"status": "issued"},
        "agency": "civil-affairs",
    }
    return Event(**facts | changes)


@pytest.mark.parametrize("type_", CATALOGUE)
def test_every_example_survives_reading_and_writing_to_the_byte(type_: str) -> None:
    assert parse(example_bytes(type_)).internal() == example_bytes(type_)


@pytest.mark.parametrize("type_", CATALOGUE)
def test_every_example_derives_its_key(type_: str) -> None:
    noun, fact, _ = type_.split(".")
    agency = example(type_).agency
    assert example(type_).routing_key == ".".join(filter(None, (noun, agency, fact)))


@given(st.dictionaries(st.text("abc", min_size=1), JSON), st.integers(1, 2**31 - 1), st.datetimes())
def test_whatever_is_recorded_is_read_back(data: dict[str, Any], sequence: int, naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC, microsecond=naive.microsecond // 1000 * 1000)
    recorded = event(data=data, sequence=sequence, time=moment, correlation="request-1")
    assert parse(recorded.internal()) == recorded


def test_the_inside_form_names_the_request_and_the_outside_form_does_not() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    known = event(correlation="request-1", causation="event-1", traceparent=trace)
    inside, outside = orjson.loads(known.internal()), orjson.loads(known.outside("other-id"))
    assert {"correlationid", "causationid", "traceparent"} <= set(inside)
    assert outside["id"] == "other-id"
    assert set(outside) == set(inside) - {"correlationid", "causationid", "traceparent"}


def test_the_outside_form_leads_to_no_other_leg() -> None:
    data = {"number": "MZ-2026-7K3F9QXD", "successor": "leg-2", "predecessor": "leg-0"}
    known = event(data=data)
    assert orjson.loads(known.internal())["data"] == data
    assert set(orjson.loads(known.outside("other-id"))["data"]) == {"number"}


def test_the_sequence_travels_as_a_number() -> None:
    assert orjson.loads(event(sequence=12).internal())["sequence"] == 12


def test_times_are_utc_with_milliseconds() -> None:
    shanghai = datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=8)))
    assert timestamp(shanghai) == "2026-11-23T01:30:00.123Z"
    assert orjson.loads(event(time=shanghai).internal())["time"] == "2026-11-23T01:30:00.123Z"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"type": "referral.lost.v1"}, "no event type"),
        ({"agency": None}, "needs agency"),
        ({"time": datetime(2026, 11, 23)}, "aware"),  # noqa: DTZ001 - the very mistake
        ({"sequence": 0}, "counts from 1"),
    ],
)
def test_what_could_not_be_published_cannot_be_made(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        event(**changes)


@pytest.mark.parametrize("value", [datetime(2026, 1, 1, tzinfo=UTC), {1, 2}, b"bytes"])
def test_data_that_is_not_plain_json_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        event(data={"value": value}).internal()


@given(st.uuids())
def test_an_aggregate_keeps_to_one_partition(subject: UUID) -> None:
    assert partition(str(subject)) == partition(str(subject))
    assert 0 <= partition(str(subject)) < PARTITIONS


def test_partitions_are_those_of_crc32() -> None:
    assert partition("123456789") == 0xCBF43926 % 8  # the check value of CRC-32
