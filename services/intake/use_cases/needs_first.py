"""What a programme needs first: a warning at filing and a line of the checklist, never a refusal."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.domain.filing import Need
from services.intake.domain.screening import MET, NOT_MET, Comparison, state_of
from services.intake.use_cases.filing_warnings import Hint
from shared.directory import Check, District, Programme
from shared.text import Text

NEEDS_FIRST = Text(
    "“{programme}”需要先办“{other}”。已提交不受影响，请提醒本人先办或一并申请。",
    "{programme} needs {other} first. It was filed all the same: see that the person gets the other one, too.",
)


@dataclass(frozen=True, slots=True)
class Lacking:
    """A programme asked for, its place in the filing, and the one it needs first that nobody is known to hold."""

    place: int
    programme: Programme
    needs: Programme


def lacking(
    needs: Sequence[Need], answers: Mapping[str, Any], under_way: Collection[str], district: District
) -> list[Lacking]:
    """Find what is needed first: neither asked for with it or ``under_way`` here, nor held by the answers given."""
    return [*_lacking(needs, answers, {need.programme for need in needs}.union(under_way), district)]


def _lacking(
    needs: Sequence[Need], answers: Mapping[str, Any], asked: Collection[str], district: District
) -> Iterator[Lacking]:
    for place, need in enumerate(needs):
        programme = district.programmes[need.programme]
        for name in programme.requires:
            other = district.programmes[name]
            if name not in asked and not held(other, answers, district):
                yield Lacking(place, programme, other)


def held(programme: Programme, answers: Mapping[str, Any], district: District) -> bool | None:
    """Tell whether somebody holds a programme already; None while no answer says so."""
    if programme.held_when is None:
        return None
    state = state_of(comparison_of(programme.held_when, district), answers)
    return {MET: True, NOT_MET: False}.get(state)


def comparison_of(check: Check, district: District) -> Comparison:
    """Make a comparison of the pack one that the domain can do: amounts of the district are filled in."""
    value = check.value if check.standard is None else district.standards[check.standard] * check.times
    return Comparison(check.field, check.op, value)


def warnings(found: Sequence[Lacking]) -> Iterator[Hint]:
    """Word each as a warning of the filing."""
    for one in found:
        text = NEEDS_FIRST.format(programme=one.programme.name, other=one.needs.name)
        yield {"code": "needs-first", "field": f"legs.{one.place}.programme", "messages": text.both()}


def checklist(found: Sequence[Lacking], legs: Sequence[str]) -> list[dict[str, Any]]:
    """Write each as a line of the checklist of its leg (``legs``: the ids, in the order asked for)."""
    return [
        {
            "leg": legs[one.place],
            "code": "needs-first",
            "programme": one.needs.id,
            "agency": one.needs.agency,
            "names": one.needs.name.both(),
        }
        for one in found
    ]
