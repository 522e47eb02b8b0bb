"""What happened to a case as a whole, as far as this service knows of it from the events about the request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain.beginnings import ISSUE
from services.referrals.domain.referral import Referral
from services.referrals.persistence.referrals import Line
from shared import ids
from shared.text import Text

FILE, ADD_LEGS, MOVE = "file", "add-legs", "move"
OF_THE_CASE = frozenset({MOVE, "send-back", "resubmit"})
"""Lines that every leg concerned has, told once for all of them."""
TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        FILE: Text("提交申请", "Filed"),
        ADD_LEGS: Text("增加事项", "Legs added"),
        MOVE: Text("移交其他登记单位", "Moved to another unit"),
        "send-back": Text("街道退回登记窗口", "Sent back by the street"),
        "resubmit": Text("重新提交", "Submitted again"),
    }
)


@dataclass(frozen=True, slots=True)
class CaseFact:
    """One thing that happened to all legs of a case at once, at the unit that had it then; ``joined`` came with it."""

    at: datetime
    action: str
    unit: str
    codes: Mapping[str, Any] = field(default_factory=dict)
    joined: tuple[str, ...] = ()


def facts_of_case(legs: Sequence[Referral], lines: Mapping[str, Sequence[Line]]) -> list[CaseFact]:
    """Tell what happened to a case as a whole, oldest first."""
    told: dict[tuple[datetime, str], Line] = {}
    for of_leg in lines.values():
        for line in of_leg:
            if line.action in OF_THE_CASE:
                told.setdefault((line.at, line.action), line)
    moves = [line for (_, action), line in sorted(told.items()) if action == MOVE]
    facts = [*_joined(legs, lines, moves), *(_fact(line, legs, moves) for line in told.values())]
    return sorted(facts, key=lambda fact: fact.at)


def _joined(
    legs: Sequence[Referral], lines: Mapping[str, Sequence[Line]], moves: Sequence[Line]
) -> Iterator[CaseFact]:
    # What takes a leg's place follows from that leg: it is told by itself, whatever else came at that moment.
    together: dict[tuple[datetime, str], list[Referral]] = {}
    for leg in legs:
        came = (_filed_at(leg, lines.get(leg.id, ())), leg.life.predecessor or "")
        together.setdefault(came, []).append(leg)
    for place, ((at, _), joined) in enumerate(sorted(together.items(), key=lambda each: each[0])):
        unit, ids_ = _unit_at(at, legs, moves), tuple(leg.id for leg in joined)
        if place == 0:
            yield CaseFact(at, FILE, unit, joined=ids_)
        else:
            yield CaseFact(at, ADD_LEGS, unit, {"legs": [leg.number for leg in joined]}, ids_)


def _filed_at(leg: Referral, lines: Sequence[Line]) -> datetime:
    # A leg that the street has checked first was issued later than it was filed, which its id remembers.
    waited = any(line.action == ISSUE for line in lines)
    return ids.moment_of(leg.id) if waited else leg.issued_at


def _fact(line: Line, legs: Sequence[Referral], moves: Sequence[Line]) -> CaseFact:
    if line.action != MOVE:
        return CaseFact(line.at, line.action, _unit_at(line.at, legs, moves))
    later = [move for move in moves if move.at > line.at]
    unit = str(later[0].fields["from_unit"]) if later else legs[0].unit
    return CaseFact(line.at, MOVE, unit, {"from_unit": line.fields["from_unit"], "to_unit": unit})


def _unit_at(at: datetime, legs: Sequence[Referral], moves: Sequence[Line]) -> str:
    """Give the unit that had the case at a moment: where it was moved from next, or where it is."""
    return next((str(move.fields["from_unit"]) for move in moves if move.at > at), legs[0].unit)
