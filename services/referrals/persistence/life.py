"""How a referral's life and what waits for its leader are written as JSON: only what is out of the ordinary.

What is None is left out, so whatever may be None has that default.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain.life import FRESH, Frozen, Life, Pause, Pending, Proposal, Step, Told
from shared.events import timestamp

Document = dict[str, Any]


def life_to_json(life: Life) -> Document | None:
    """Write a life; None for a fresh one."""
    if life is FRESH:
        return None
    written = {
        field.name: _write(getattr(life, field.name))
        for field in fields(Life)
        if getattr(life, field.name) != getattr(FRESH, field.name)
    }
    return written or None


def life_from_json(written: Mapping[str, Any] | None) -> Life:
    """Read a life."""
    if not written:
        return FRESH
    return Life(**{name: _READ.get(name, _as_it_is)(value) for name, value in written.items()})


def pending_to_json(pending: Pending | None) -> Document | None:
    """Write what waits for the leader."""
    return None if pending is None else _record(pending)


def pending_from_json(written: Mapping[str, Any] | None) -> Pending | None:
    """Read what waits for the leader."""
    return None if written is None else Pending(**{**written, "at": datetime.fromisoformat(written["at"])})


def _write(value: Any) -> Any:  # noqa: ANN401 - any field of a life
    if isinstance(value, tuple):
        return [_write(each) for each in value]
    if isinstance(value, datetime):
        return timestamp(value)
    if isinstance(value, date):
        return value.isoformat()
    return _record(value) if isinstance(value, Pause | Proposal | Frozen | Step | Told) else value


def _record(value: Pause | Proposal | Frozen | Step | Told | Pending) -> Document:
    return {
        field.name: _write(getattr(value, field.name))
        for field in fields(value)
        if getattr(value, field.name) is not None
    }


def _as_it_is(value: Any) -> Any:  # noqa: ANN401 - as above
    return value


def _moments(written: Mapping[str, Any], *names: str) -> Document:
    return {**written, **{name: datetime.fromisoformat(written[name]) for name in names if name in written}}


_READ: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "pauses": lambda rows: tuple(Pause(**_moments(row, "start", "end")) for row in rows),
        "steps": lambda rows: tuple(Step(**_moments(row, "at")) for row in rows),
        "told": lambda rows: tuple(Told(**{**row, "on": date.fromisoformat(row["on"])}) for row in rows),
        "papers": tuple,
        "proposal": lambda row: Proposal(**row),
        "frozen": lambda row: Frozen(**_moments(row, "at", "acknowledged_at", "forgotten_at")),
        **dict.fromkeys(
            (
                "papers_due_on",
                "papers_reminded_on",
                "review_on",
                "urged_on",
                "noticed_on",
                "appointment_on",
            ),
            date.fromisoformat,
        ),
        **dict.fromkeys(("withdrawal_asked_at", "erased_at"), datetime.fromisoformat),
    }
)
"""Fields that are not written in JSON as they are."""
