"""Bytes nobody has vouched for: whatever is wrong with them is named exactly, and nothing else is raised."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.events import SIZE_LIMIT, Malformed, UnknownType, example_bytes, parse

GOOD: dict[str, Any] = orjson.loads(example_bytes("referral.issued.v1"))
MISSING = object()


def changed(**changes: object) -> bytes:
    return orjson.dumps({name: value for name, value in (GOOD | changes).items() if value is not MISSING})


def reason(body: bytes) -> str:
    with pytest.raises(Malformed) as caught:
        parse(body)
    return caught.value.reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "body: not JSON"),
        (b"\xff\xfe", "body: not JSON"),
        (b'{"id": "x"', "body: not JSON"),
        (b"[1]", "body: not a JSON object"),
        (b"null", "body: not a JSON object"),
        (b'"' + b"x" * SIZE_LIMIT + b'"', f"body: {SIZE_LIMIT + 2} bytes, at most {SIZE_LIMIT} are taken"),
        (changed(data={"number": "a\0b"}), "body: a text holds the character NUL"),
        (changed(data={"deep": [{"a\0": 1}]}), "body: a text holds the character NUL"),
    ],
)
def test_what_is_no_json_object_is_named(body: bytes, said: str) -> None:
    assert reason(body) == said


def test_a_deep_text_with_nul_is_found() -> None:
    deep = b"[" * 900 + b'"\\u0000"' + b"]" * 900
    body = changed(data={"deep": 1}).replace(b'"deep":1', b'"deep":' + deep)
    assert reason(body) == "body: a text holds the character NUL"


@pytest.mark.parametrize(
    "name", ["specversion", "id", "type", "source", "subject", "time", "sequence", "data", "agency"]
)
@pytest.mark.parametrize("absent", [MISSING, None])
def test_a_missing_attribute_is_named(name: str, absent: object) -> None:
    assert reason(changed(**{name: absent})) == f"{name}: missing"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("specversion", "0.3"),
        ("specversion", 1.0),
        ("id", "not-a-uuid"),
        ("id", GOOD["id"].upper()),
        ("id", 7),
        ("type", ""),
        ("type", ["referral.issued.v1"]),
        ("source", "https://example.org/"),
        ("source", "/aid/530103/referrals/more"),
        ("source", "/aid/530103/intake"),
        ("subject", ""),
        ("subject", "x" * 257),
        ("time", "2026-11-23"),
        ("time", "2026-11-23T01:30:00"),
        ("time", "2026-13-41T01:30:00Z"),
        ("time", "0001-01-01T00:00:00+14:00"),
        ("time", 1_763_861_400),
        ("sequence", 0),
        ("sequence", -1),
        ("sequence", True),
        ("sequence", "1"),
        ("sequence", 1.0),
        ("sequence", 2**31),
        ("data", []),
        ("data", "text"),
        ("datacontenttype", "text/xml"),
        ("dataschema", "urn:aid:schema:referral.closed.v1"),
        ("agency", "Civil Affairs"),
        ("agency", "civil-affairs.#"),
        ("correlationid", 5),
        ("causationid", ""),
        ("traceparent", "00-zz"),
    ],
)
def test_a_wrong_attribute_is_named(name: str, value: object) -> None:
    assert reason(changed(**{name: value})).startswith(f"{name}: ")


def test_an_agency_where_none_is_concerned_is_named() -> None:
    body = orjson.dumps(orjson.loads(example_bytes("staff.disabled.v1")) | {"agency": "health"})
    assert reason(body) == "agency: not taken by this type"


def test_a_type_from_a_newer_release_is_told_from_a_fault() -> None:
    with pytest.raises(UnknownType) as caught:
        parse(changed(type="referral.issued.v9"))
    assert caught.value.type == "referral.issued.v9"


def test_a_malformed_event_still_tells_where_it_belongs() -> None:
    with pytest.raises(Malformed) as caught:
        parse(changed(data=MISSING))
    fault = caught.value
    assert (fault.event_id, fault.subject, fault.sequence) == (GOOD["id"], GOOD["subject"], GOOD["sequence"])
    assert (fault.source, fault.type) == (GOOD["source"], GOOD["type"])


def test_what_cannot_be_stored_is_not_told_either() -> None:
    with pytest.raises(Malformed) as caught:
        parse(changed(id="x", subject="a\0b", source=5, sequence=2**40))
    fault = caught.value
    assert (fault.event_id, fault.subject, fault.source, fault.sequence) == (None, None, None, None)


def test_no_reason_repeats_what_the_event_says() -> None:
    secret = "110101199003074530"
    for name in set(GOOD) - {"partitionkey"}:
        assert secret not in reason(
            changed(**{name: {secret: secret}} if name != "data" else {"data": [secret]})
        )


def test_an_offset_is_read_as_the_same_moment() -> None:
    assert (
        parse(changed(time="2026-11-23T09:30:00+08:00")).time
        == parse(changed(time="2026-11-23T01:30:00Z")).time
    )


def test_attributes_of_later_releases_are_passed_over() -> None:
    assert parse(changed(later="more")) == parse(changed())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        parse(body)


@given(
    st.dictionaries(st.sampled_from(sorted(GOOD)), st.none() | st.text() | st.integers(-9, 9) | st.booleans())
)
def test_any_change_is_read_or_refused(changes: dict[str, Any]) -> None:
    try:
        parse(orjson.dumps(GOOD | changes))
    except Malformed as fault:
        assert fault.reason  # noqa: PT017 - either outcome is right, no other error is
