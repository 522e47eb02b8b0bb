"""What a district can help with, read from its pack: programmes with their rules, agencies, fields of answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.use_cases.context import Context
from services.intake.use_cases.exclusions import excluded_by
from shared.directory import District, Field, Programme
from shared.directory.rules import clocks_of, outcomes_of
from shared.identity import Principal, allow


def read_catalogue(context: Context, principal: Principal) -> tuple[str, dict[str, Any]]:
    """Give the version of the pack in force, and ``{version, categories, agencies, fields, items}`` of it.

    The same for everybody who files or checks; labels are ``{zh, en}``. Raises ``Forbidden``.
    """
    allow(principal, "programmes.read")
    district = context.directory.current()
    known: Mapping[str, Field] = {**district.fields, **district.person_fields}
    return district.version, {
        "version": district.version,
        "categories": [{"id": name, "name": text.both()} for name, text in district.categories.items()],
        "agencies": [
            {"id": agency.id, "name": agency.name.both(), "contact": agency.contact.both()}
            for agency in district.agencies.values()
        ],
        "fields": [_field(field) for field in known.values()],
        "items": [_programme(district, programme) for programme in district.programmes.values()],
    }


def _field(field: Field) -> dict[str, Any]:
    return {
        "id": field.id,
        "source": field.source,
        "kind": field.kind,
        "type": field.type,
        "label": field.label.both(),
        "options": [{"id": name, "label": label.both()} for name, label in field.options.items()],
    }


def _programme(district: District, programme: Programme) -> dict[str, Any]:
    asks = programme.outcomes
    return {
        "id": programme.id,
        "name": programme.name.both(),
        "agency": programme.agency,
        "category": programme.category,
        "rank": programme.rank,
        "offered": programme.offered,
        "instead": programme.instead.both() if programme.instead else None,
        "beneficiary": programme.beneficiary,
        "disclosure": programme.disclosure,
        "person_fields": list(programme.person_fields),
        "fields": list(programme.fields),
        "papers": [
            {
                "id": paper.id,
                "name": paper.name.both(),
                "kind": paper.kind,
                "required": paper.required,
                "by_hand": paper.by_hand,
            }
            for paper in programme.papers
        ],
        "steps": [
            {"id": step.id, "name": step.name.both(), "limit": dict(step.limit) if step.limit else None}
            for step in programme.steps
        ],
        "clocks": clocks_of(district, programme),
        "publicity": dict(programme.publicity) if programme.publicity else None,
        "outcomes": [
            {"id": outcome, "asks": list(asks.get(outcome, ()))}
            for outcome in outcomes_of(district, programme)
        ],
        "requires": list(programme.requires),
        "excludes": sorted(excluded_by(district, programme.id)),
        "alternatives": list(programme.alternatives),
        "note": programme.note.both() if programme.note else None,
        "consent_note": programme.consent_note.both() if programme.consent_note else None,
        "verified": dict(programme.verified),
    }
