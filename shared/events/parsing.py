"""Reading an event from bytes nobody has vouched for: either a whole event, or the exact reason why not."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.events.catalogue import CATALOGUE
from shared.events.envelope import Event

SIZE_LIMIT = 256 * 1024
_LONGEST = 256
_LARGEST_INTEGER = 2**31 - 1  # CloudEvents 1.0 §2.2: Integer is a signed 32-bit number

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_SOURCE = re.compile(r"/aid/[a-z0-9-]+/([a-z-]+)")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)")
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")


class Malformed(Exception):
    """These bytes are no event of ours.

    ``reason`` is short, stable and free of content (``subject: missing``), fit for a log. The other
    attributes hold what could be read before the fault was met, each ``None`` where it could not: they place
    the dead letter in its aggregate, so that what follows can wait behind it.
    """

    def __init__(self, reason: str, envelope: Mapping[str, object] | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        known = envelope or {}
        self.event_id = _text_or_none(known.get("id"), _UUID)
        self.type = _text_or_none(known.get("type"))
        self.source = _text_or_none(known.get("source"))
        self.subject = _text_or_none(known.get("subject"))
        sequence = known.get("sequence")
        self.sequence = sequence if isinstance(sequence, int) and _is_count(sequence) else None


class UnknownType(Malformed):
    """A well-formed event of a type not known here, perhaps from a newer release: replay after an upgrade."""


def parse(body: bytes) -> Event:
    """Read an event from CloudEvents JSON.

    Attributes we do not know are passed over (additive change is allowed); all that we do know must be right.
    Raises ``Malformed`` with the first fault found, ``UnknownType`` for a type that is not in the catalogue.
    """
    envelope = _object(body)
    for name, required, check, fault in _ATTRIBUTES:
        value = envelope.get(name)
        if value is None:  # CloudEvents JSON format §2.4: null is the same as unset
            if required:
                raise Malformed(f"{name}: missing", envelope)
        elif not check(value):
            raise Malformed(f"{name}: {fault}", envelope)
    type_ = str(envelope["type"])
    kind = CATALOGUE.get(type_)
    if kind is None:
        raise UnknownType("type: not in the catalogue", envelope)
    for name, right, fault in (
        ("source", _is_from(envelope["source"], kind.producer), "does not publish this type"),
        (
            "agency",
            (envelope.get("agency") is not None) == kind.agency,
            "missing" if kind.agency else "not taken by this type",
        ),
        ("dataschema", envelope.get("dataschema") in (None, kind.dataschema), "not the one of the type"),
    ):
        if not right:
            raise Malformed(f"{name}: {fault}", envelope)
    try:
        time = datetime.fromisoformat(envelope["time"]).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Malformed("time: no such moment", envelope) from error
    return Event(
        id=envelope["id"],
        type=type_,
        source=envelope["source"],
        subject=envelope["subject"],
        time=time,
        sequence=envelope["sequence"],
        data=envelope["data"],
        agency=envelope.get("agency"),
        correlation=envelope.get("correlationid"),
        causation=envelope.get("causationid"),
        traceparent=envelope.get("traceparent"),
    )


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > SIZE_LIMIT:
        raise Malformed(f"body: {len(body)} bytes, at most {SIZE_LIMIT} are taken")
    try:
        envelope = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Malformed("body: not JSON") from error
    if type(envelope) is not dict:
        raise Malformed("body: not a JSON object")
    if b"\\u0000" in body and _holds_nul(envelope):
        # PostgreSQL stores no NUL in text or jsonb: such an event could never be applied.
        raise Malformed("body: a text holds the character NUL")
    return envelope


def _holds_nul(value: object) -> bool:
    waiting = [value]  # no recursion: a stranger chooses how deep this goes
    while waiting:
        value = waiting.pop()
        if isinstance(value, str) and "\0" in value:
            return True
        if isinstance(value, dict):
            waiting += [*value, *value.values()]
        elif isinstance(value, list):
            waiting += value
    return False


def _text_or_none(value: object, pattern: re.Pattern[str] | None = None) -> str | None:
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or "\0" in value:
        return None
    return value if pattern is None or pattern.fullmatch(value) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _LONGEST


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: (
        isinstance(value, str) and len(value) <= _LONGEST and pattern.fullmatch(value) is not None
    )


def _is(wanted: str) -> Callable[[object], bool]:
    return lambda value: value == wanted


def _is_count(value: object) -> bool:
    return type(value) is int and 1 <= value <= _LARGEST_INTEGER


# Name, whether it must be there, what a value must pass, and what is said when it does not.
_ATTRIBUTES: tuple[tuple[str, bool, Callable[[object], bool], str], ...] = (
    ("specversion", True, _is("1.0"), "not 1.0"),
    ("id", True, _matches(_UUID), "not a UUID in lower case"),
    ("type", True, _is_text, "not a text of 1 to 256 characters"),
    ("source", True, _matches(_SOURCE), "not of the form /aid/<district>/<service>"),
    ("subject", True, _is_text, "not a text of 1 to 256 characters"),
    ("time", True, _matches(_TIME), "not an RFC 3339 time"),
    ("sequence", True, _is_count, "not an integer from 1 to 2147483647"),
    ("data", True, lambda value: type(value) is dict, "not an object"),
    ("datacontenttype", False, _is("application/json"), "not application/json"),
    ("agency", False, _matches(_SLUG), "not an agency id"),
    ("correlationid", False, _is_text, "not a text of 1 to 256 characters"),
    ("causationid", False, _is_text, "not a text of 1 to 256 characters"),
    ("traceparent", False, _matches(_TRACEPARENT), "not a W3C trace context"),
)


def _is_from(source: object, producer: str) -> bool:
    found = _SOURCE.fullmatch(str(source))
    return found is not None and found[1] == producer
