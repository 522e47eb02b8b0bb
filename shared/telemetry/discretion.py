"""What a log line may hold: ids, codes, counts; what could be a person's name, number or words is withheld."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any

WITHHELD = "(withheld)"

PERSONAL = frozenset(
    {
        "address", "answer", "answers", "badge", "beneficiary", "birth_date", "body", "contact", "cookie", "data",
        "form", "given_by", "guardian", "household_registration", "id_number", "name", "need", "note", "otp", "packet",
        "password", "person", "phone", "query", "receipt_code", "residence", "session", "text", "token", "words",
    }
)  # fmt: skip
"""Keys that are never logged, whatever their value."""

SENTENCES = frozenset({"event", "fault"})
"""Keys whose value may be an English sentence: the event's own name, and what a library says about a machine."""

_CODE = re.compile(r"[A-Za-z0-9_.:;/@+,=<>{}()\[\]'*#~|-]{0,200}")
_SENTENCE = re.compile(r"[\x20-\x7e]{0,300}")
_PERSON_NUMBER = re.compile(r"(?<!\d)(?:\d{17}[\dXx]|1[3-9]\d{9})(?!\d)")
_SHORTEST_NUMBER = 11
"""Digits of the shortest of them."""
_FRAMES = 12


def discreet(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: let pass only what has the shape of an id, code, number or moment."""
    for key, value in line.items():
        line[key] = WITHHELD if key in PERSONAL else _shown(value, sentence=key in SENTENCES)
    return line


def _shown(value: object, *, sentence: bool = False) -> object:
    if sentence and isinstance(value, str):
        return _shaped(value, _SENTENCE)
    show = _SHOW.get(type(value)) or next(
        (_SHOW[kind] for kind in type(value).__mro__ if kind in _SHOW), None
    )
    return WITHHELD if show is None else show(value)


def _shaped(value: str, shape: re.Pattern[str]) -> str:
    if not shape.fullmatch(value) or (len(value) >= _SHORTEST_NUMBER and _PERSON_NUMBER.search(value)):
        return WITHHELD
    return value


def _as_it_is(value: object) -> object:
    return value


def _several(values: Iterable[object]) -> list[object]:
    return [_shown(value) for value in values]


_SHOW: Mapping[type, Callable[[Any], object]] = {
    str: lambda value: _shaped(value, _CODE),
    int: lambda value: value if value < 10**10 else _shaped(str(value), _CODE),
    bool: _as_it_is,
    float: _as_it_is,
    type(None): _as_it_is,
    date: date.isoformat,
    datetime: datetime.isoformat,
    timedelta: timedelta.total_seconds,
    list: _several,
    tuple: _several,
    set: _several,
    frozenset: _several,
    BaseException: lambda error: type(error).__name__,
}
"""How a value of each type is shown; of any other type it is withheld."""


def places(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Structlog processor: tell of an exception what it was and where, but not its message, which may quote values."""
    error = _exception(line.pop("exc_info", None))
    if error is not None:
        line["error"] = ">".join(type(link).__name__ for link in _chain(error))
        line["at"] = _frames(error.__traceback__)
    return line


def _exception(given: object) -> BaseException | None:
    if given is True:
        import sys  # noqa: PLC0415 - only on this path, which is rare

        return sys.exc_info()[1]
    if isinstance(given, tuple):
        given = given[1]
    return given if isinstance(given, BaseException) else None


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return links


def _frames(traceback: TracebackType | None) -> list[str]:
    frames: list[str] = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        frames.append(f"{_short(code.co_filename)}:{traceback.tb_lineno}:{code.co_name}")
        traceback = traceback.tb_next
    return frames[-_FRAMES:]


def _short(path: str) -> str:
    # From the package on: where the machine keeps its files is nobody's business and only length.
    parts = path.replace("\\", "/").split("/")
    return "/".join(parts[parts.index("site-packages") + 1 :] if "site-packages" in parts else parts[-3:])
