"""The shape of each file of a pack; every message is a code of ``messages.py``, with a value after the colon."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from marshmallow import RAISE, Schema, ValidationError, fields

VERIFIED = ("full-text", "copy", "design", "unverified")
UNITS = ("working_day", "calendar_day", "hour")
STARTS = ("issued", "received", "accepted")
ROLES = ("hut", "grid", "specialist", "desk", "leader", "coordinator", "operator", "auditor", "client")
FIELD_TYPES = ("string", "text", "number", "boolean", "date", "option", "options")
OUTCOMES = (
    "approved",
    "enrolled",
    "service-delivered",
    "waitlisted",
    "refused",
    "withdrawn",
    "terminated",
    "unreachable",
    "lapsed",
)
OPERATORS = ("equals", "at_least", "at_most", "below", "above", "one_of", "not_one_of")

LONGEST = 3650
"""No clock has more units than this: it is a slip, and would be reckoned day by day."""

_ID = re.compile(r"(?=.{1,40}$)[a-z][a-z0-9]*(?:[-_.][a-z0-9]+)*")
_LETTERS = re.compile(r"[A-Z]{2,3}")
_CODE = re.compile(r"\d{6}(?:\d{3}){0,2}")


_CODES: dict[str, str | list[Any] | dict[Any, Any]] = {
    "required": "missing",
    "null": "empty",
    "type": "not-a-map",
}
_TEXT = {**_CODES, "invalid": "not-text"}
_NUMBER = {**_CODES, "invalid": "not-number"}
_LIST = {**_CODES, "invalid": "not-a-list"}
_MAP = {**_CODES, "invalid": "not-a-map"}


class Str(fields.String):
    """Text that is not empty."""

    default_error_messages = _TEXT

    def _deserialize(self, value: Any, *arguments: Any, **keywords: Any) -> str:  # noqa: ANN401 - the library's own
        text: str = super()._deserialize(value, *arguments, **keywords)
        if not text.strip():
            raise ValidationError("empty")
        return text


class Int(fields.Integer):
    """A whole number, not in quotes."""

    default_error_messages = _NUMBER

    def _deserialize(self, value: Any, *_arguments: Any, **_keywords: Any) -> int:  # noqa: ANN401 - the library's own
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValidationError("not-number")
        return value


class Num(fields.Float):
    """A number, not in quotes."""

    default_error_messages = _NUMBER

    def _deserialize(self, value: Any, *_arguments: Any, **_keywords: Any) -> float:  # noqa: ANN401 - the library's own
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("not-number")
        if not math.isfinite(value):
            raise ValidationError("not-number")
        return float(value)


class Bool(fields.Field[bool]):
    """``true`` or ``false``, nothing that merely looks like it."""

    default_error_messages = _CODES

    def _deserialize(self, value: Any, *_arguments: Any, **_keywords: Any) -> bool:  # noqa: ANN401 - the library's own
        if not isinstance(value, bool):
            raise ValidationError("not-boolean")
        return value


class Day(fields.Field[str]):
    """A date, kept as ISO text."""

    default_error_messages = _CODES

    def _deserialize(self, value: Any, *_arguments: Any, **_keywords: Any) -> str:  # noqa: ANN401 - the library's own
        try:
            return date.fromisoformat(value).isoformat()
        except (TypeError, ValueError):
            raise ValidationError("not-date") from None


class ListOf(fields.List[Any]):
    """A list."""

    default_error_messages = _LIST


class MapOf(fields.Dict):
    """Keys and values, neither known beforehand."""

    default_error_messages = _MAP


class Sub(fields.Nested):
    """A map of a known shape."""

    default_error_messages = _CODES


class Anything(fields.Raw):
    """A value whose type another part decides."""

    default_error_messages = _CODES


_SHAPE_CODES = {"unknown": "unknown-key", "type": "not-a-map"}


class Shape(Schema):
    """Base of all shapes: what is not listed is refused."""

    class Meta:
        """How every shape loads."""

        unknown = RAISE

    error_messages = _SHAPE_CODES


def one_of(*choices: str) -> Callable[[str], None]:
    """Make a validator for a closed list."""

    def check(value: str) -> None:
        if value not in choices:
            raise ValidationError("not-one-of:" + ", ".join(choices))

    return check


def at_least(least: int) -> Callable[[float], None]:
    """Make a validator for a smallest number."""

    def check(value: float) -> None:
        if value < least:
            raise ValidationError(f"too-small:{least}")

    return check


def between(least: int, most: int) -> Callable[[float], None]:
    """Make a validator for a number within bounds."""

    def check(value: float) -> None:
        at_least(least)(value)
        if value > most:
            raise ValidationError(f"too-large:{most}")

    return check


def _pattern(pattern: re.Pattern[str], code: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if pattern.fullmatch(value) is None:
            raise ValidationError(f"{code}:{value}")

    return check


def _timezone(value: str) -> None:
    if value not in available_timezones():
        raise ValidationError(f"bad-timezone:{value}")


def an_id(**options: Any) -> Str:  # noqa: ANN401 - passed on to the field
    """Make a field for an id."""
    return Str(validate=_pattern(_ID, "bad-id"), **options)


def ids(**options: Any) -> ListOf:  # noqa: ANN401 - passed on to the field
    """Make a field for a list of ids, empty if left out."""
    return ListOf(an_id(), **({"load_default": list} | options))


def choice(*choices: str, **options: Any) -> Str:  # noqa: ANN401 - passed on to the field
    """Make a field for one of a closed list."""
    return Str(validate=one_of(*choices), **options)


class Words(Shape):
    """One text in both languages."""

    zh = Str(required=True)
    en = Str(required=True)


def words(**options: Any) -> Sub:  # noqa: ANN401 - passed on to the field
    """Make a field for a bilingual text, required unless a default is given."""
    return Sub(Words, required="load_default" not in options, **options)


class ClockShape(Shape):
    """One clock of a leg."""

    unit = choice(*UNITS, required=True)
    total = Int(required=True, validate=between(1, LONGEST))
    extended_total = Int(load_default=None, allow_none=True, validate=between(1, LONGEST))
    starts_on = choice(*STARTS, load_default="issued")


class LimitShape(Shape):
    """One limit that starts elsewhere than a leg's clocks do."""

    unit = choice(*UNITS, required=True)
    total = Int(required=True, validate=between(1, LONGEST))


class Labelled(Shape):
    """An id with its label."""

    id = an_id(required=True)
    label = words()


class Named(Shape):
    """An id with its name."""

    id = an_id(required=True)
    name = words()


def letters() -> Str:
    """Make a field for the letters numbers begin with."""
    return Str(required=True, validate=_pattern(_LETTERS, "bad-letters"))


def code(**options: Any) -> Str:  # noqa: ANN401 - passed on to the field
    """Make a field for a division code."""
    return Str(validate=_pattern(_CODE, "bad-code"), **options)


def timezone() -> Str:
    """Make a field for an IANA time zone."""
    return Str(required=True, validate=_timezone)
