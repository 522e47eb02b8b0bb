"""The rules that travel with each leg, in words that give nothing away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.details import CHOSEN_FROM
from shared.directory.model import District
from shared.directory.programmes import Programme
from shared.text import Text

LEG_CLOCKS = ("acknowledge", "accept", "decide")


def all_leg_rules(district: District) -> dict[str, dict[str, Any]]:
    """Give the leg rules of every programme, by its id (see ``District.leg_rules``)."""
    clinical = [programme for programme in district.programmes.values() if programme.clinical]
    return {
        programme.id: _clinical(district, programme, clinical)
        if programme.clinical
        else _plain(district, programme)
        for programme in district.programmes.values()
    }


def clocks_of(district: District, programme: Programme) -> dict[str, dict[str, Any]]:
    """Give a programme's three clocks, each its own or else the district's, with every key present."""
    both: Mapping[str, Any] = {**district.clocks, **programme.clocks}
    return {name: {"extended_total": None, "starts_on": "issued", **both[name]} for name in LEG_CLOCKS}


def outcomes_of(district: District, programme: Programme) -> list[str]:
    """Give the outcome ids a leg may close with: the programme's own, then those open to every programme."""
    common: list[str] = district.options["outcomes_for_all"]
    return list(dict.fromkeys([*programme.outcomes, *common]))


def detail_choices(district: District, programme: str) -> dict[str, Mapping[str, Text]]:
    """Give, by detail of a programme's outcomes, the options (id to label) of the field it is chosen from."""
    known = district.programmes.get(programme)
    if known is None:
        return {}
    details = {detail for asks in known.outcomes.values() for detail in asks}
    fields = {detail: CHOSEN_FROM.get(detail, detail) for detail in details}
    return {
        detail: district.fields[field].options
        for detail, field in fields.items()
        if field in known.fields and district.fields[field].options
    }


def _plain(district: District, programme: Programme) -> dict[str, Any]:
    return {
        "clocks": clocks_of(district, programme),
        "steps": [step.id for step in programme.steps],
        "papers": [paper.id for paper in programme.papers],
        "outcomes": outcomes_of(district, programme),
        "asks": {outcome: list(asks) for outcome, asks in programme.outcomes.items()},
        "publicity": None if programme.publicity is None else dict(programme.publicity),
        "step_limits": {step.id: dict(step.limit) for step in programme.steps if step.limit is not None},
        "aid_first": _aid_first(programme),
        "takes_place": list(programme.capacity.taken_by) if programme.capacity is not None else [],
    }


def _clinical(district: District, programme: Programme, clinical: list[Programme]) -> dict[str, Any]:
    """All clinical programmes look alike but for the length of their clocks.

    Numbered steps and papers, as many as the longest of them has, and the outcomes of all of them: from its rules
    alone nobody can tell a prescription from a talk. The decision time has to be the true one.
    """
    return {
        "clocks": clocks_of(district, programme),
        "steps": numbered("step", max(len(other.steps) for other in clinical)),
        "papers": numbered("paper", max(len(other.papers) for other in clinical)),
        "outcomes": list(dict.fromkeys(name for other in clinical for name in outcomes_of(district, other))),
        "asks": {},
        "publicity": None,
        "step_limits": {},
        "aid_first": None,
        "takes_place": [],
    }


def _aid_first(programme: Programme) -> dict[str, Any] | None:
    rule = programme.aid_first
    return (
        {"pay_within": dict(rule.pay_within), "papers_after": dict(rule.papers_after)}
        if rule is not None
        else None
    )


def numbered(noun: str, count: int) -> list[str]:
    """Give ``noun-1`` … ``noun-count``."""
    return [f"{noun}-{number}" for number in range(1, count + 1)]
