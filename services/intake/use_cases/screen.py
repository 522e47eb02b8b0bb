"""Suggests programmes from a few answers; stores nothing, asks for no name, and turns nobody away."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from services.intake.domain.errors import Fault, InvalidFiling
from services.intake.domain.screening import FITS, MISSING, NOT_MET, Condition, Looked, fit_of, look
from services.intake.persistence.capacity import Places
from services.intake.use_cases import capacities
from services.intake.use_cases.answer_checks import answer_problem
from services.intake.use_cases.check_filing import NO_SUCH_FIELD
from services.intake.use_cases.context import Context
from services.intake.use_cases.exclusions import excluded_by
from services.intake.use_cases.leg_light import today
from services.intake.use_cases.needs_first import comparison_of, held
from shared.directory import Basis, District, Field, Programme
from shared.identity import Principal, allow


def questions(context: Context, principal: Principal) -> list[dict[str, Any]]:
    """Give the eight to ten questions of the district, each ``{field, type, label, options: [{id, label}]}``.

    Labels are ``{zh, en}``. Raises ``Forbidden``.
    """
    allow(principal, "screenings.run")
    district = context.directory.current()
    known = _askable(district)
    return [_question(known[name]) for name in district.screening]


def screen(context: Context, principal: Principal, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rank all programmes of the district by how they fit the answers, which may be few; the clause goes with each.

    Likely ones first, then those for which something is missing, then those whose conditions are not met; within these
    by category, and in a category what tells least about the person first; what the person holds already comes last.
    Ten questions cannot settle every programme: each that is not settled comes with the one question to ask next.
    ``answers``: field id → value, of the district's questions or any other field of its programmes.

    Raises:
        Forbidden: no post of the principal allows it.
        InvalidFiling: naming every answer that is of no field, of the wrong type, or that cannot be.
    """
    allow(principal, "screenings.run")
    district = context.directory.current()
    day = today(context.clock.now(), district)
    given = _checked(answers, district, day)
    places = capacities.places_now(context, district)
    found = [_look(item, given, district, day, places.get(item.id)) for item in district.programmes.values()]
    categories = list(district.categories)
    return sorted(
        found,
        key=lambda item: (
            FITS.index(item["fit"]),
            item["held"] is True,
            categories.index(item["category"]) if item["category"] in categories else len(categories),
            item["rank"],
        ),
    )


def _askable(district: District) -> dict[str, Field]:
    """Give what may be asked: answers, and what filing would work out from the person's record."""
    return {**district.derived_fields, **district.fields}


def _checked(answers: Mapping[str, Any], district: District, day: date) -> dict[str, Any]:
    known, faults = _askable(district), []
    for name, value in answers.items():
        field = known.get(name)
        if field is None:
            faults.append(Fault(f"answers.{name}", NO_SUCH_FIELD.format(id=name)))
        elif value is not None and (problem := answer_problem(value, field, day)) is not None:
            faults.append(Fault(f"answers.{name}", problem))
    if faults:
        raise InvalidFiling(faults)
    return {name: value for name, value in answers.items() if value is not None}


def _look(
    programme: Programme, answers: Mapping[str, Any], district: District, day: date, places: Places | None
) -> dict[str, Any]:
    looked = [
        look(Condition(rule.id, tuple(comparison_of(check, district) for check in rule.any_of)), answers)
        for rule in programme.eligibility
    ]
    first = [district.programmes[name] for name in programme.requires]
    lacking = [item for item in first if not held(item, answers, district)]
    return {
        "programme": programme.id,
        "name": programme.name.both(),
        "agency": programme.agency,
        "category": programme.category,
        "rank": programme.rank,
        "fit": fit_of(looked, waits_for_another=bool(lacking)),
        "held": held(programme, answers, district),
        "offered": programme.offered,
        "instead": programme.instead.both() if programme.instead else None,
        "basis": [_clause(basis, day) for basis in programme.basis],
        "criteria": [
            {"id": one.id, "name": rule.name.both(), "state": one.state, "missing": list(one.open_fields)}
            for rule, one in zip(programme.eligibility, looked, strict=True)
        ],
        "missing": [*_pieces(looked, lacking, _askable(district))],
        "next_question": _next_question(looked, _askable(district)),
        "eased": _eased(programme, answers, district),
        "excludes": sorted(excluded_by(district, programme.id)),
        "alternatives": list(programme.alternatives),
        "papers": [
            {"id": paper.id, "name": paper.name.both(), "required": paper.required, "by_hand": paper.by_hand}
            for paper in programme.papers
        ],
        "capacity": None if places is None else capacities.shown(places),
        "note": programme.note.both() if programme.note else None,
        "verified": dict(programme.verified),
    }


def _pieces(
    looked: list[Looked], lacking: list[Programme], known: Mapping[str, Field]
) -> Iterator[dict[str, Any]]:
    """Name what is missing: the answers that would settle it, and the programmes needed first."""
    fields = dict.fromkeys(name for one in looked if one.state == MISSING for name in one.open_fields)
    for name in fields:
        yield {"kind": "answer", "id": name, "name": known[name].label.both()}
    for item in lacking:
        yield {"kind": "programme", "id": item.id, "name": item.name.both()}


def _next_question(looked: list[Looked], known: Mapping[str, Field]) -> dict[str, Any] | None:
    """Give what to ask next to settle a programme; None where no answer is open, or none would change it any more."""
    if any(one.state == NOT_MET for one in looked):
        return None
    asked = next((one.open_fields[0] for one in looked if one.state == MISSING), None)
    return None if asked is None else _question(known[asked])


def _eased(programme: Programme, answers: Mapping[str, Any], district: District) -> dict[str, str] | None:
    easing = programme.eased_by
    if easing is None:
        return None
    holds = any(held(district.programmes[name], answers, district) for name in easing.programmes)
    return easing.effect.both() if holds else None


def _clause(basis: Basis, day: date) -> dict[str, Any]:
    law, on = basis.law, day.isoformat()
    started = law.valid_from is None or law.valid_from <= on
    return {
        "law": law.id,
        "name": law.name.both(),
        "articles": basis.articles,
        "valid_from": law.valid_from,
        "valid_to": law.valid_to,
        "in_force": started and (law.valid_to is None or on <= law.valid_to),
        "verified": law.verified,
    }


def _question(field: Field) -> dict[str, Any]:
    return {
        "field": field.id,
        "type": field.type,
        "label": field.label.both(),
        "options": [{"id": option, "label": label.both()} for option, label in field.options.items()],
    }
