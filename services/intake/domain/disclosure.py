"""What an agency gets to read: its programme's fields, as far as the consent covers their kinds."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.intake.domain.filing import Beneficiary, Need, Person
from services.intake.domain.masking import mask_id_number, mask_name

PERSON_FIELDS = ("name", "id_number", "birth_date", "phone", "residence", "household_registration")
BENEFICIARY = "beneficiary"


@dataclass(frozen=True, slots=True)
class Readable:
    """What one programme's agency may read under the consents given: the ids of fields, by where they stand."""

    person: frozenset[str]
    answers: frozenset[str]


def readable(
    person_fields: Mapping[str, str], answer_fields: Mapping[str, str], kinds: Collection[str]
) -> Readable:
    """Cut a programme's fields (id → data kind) down to the ``kinds`` that were consented to."""
    return Readable(
        person=frozenset(name for name, kind in person_fields.items() if kind in kinds),
        answers=frozenset(name for name, kind in answer_fields.items() if kind in kinds),
    )


def packet(
    programme: str,
    person: Person,
    need: Need,
    answers: Mapping[str, Any],
    may_read: Readable,
    papers: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Build the body of one leg's packet. Dates leave as ISO text; what is not known is left out.

    ``papers`` are those on file for the leg: ``{id, kind, sha256, content_key}`` each.
    """
    body: dict[str, Any] = {
        "programme": programme,
        "person": {
            name: _plain(value)
            for name in PERSON_FIELDS
            if name in may_read.person and (value := getattr(person, name)) is not None
        },
        "answers": {name: _plain(value) for name, value in answers.items() if name in may_read.answers},
        "papers": [dict(paper) for paper in papers],
    }
    if need.beneficiary is not None and BENEFICIARY in may_read.person:
        body["beneficiary"] = describe(need.beneficiary)
    if need.note:
        body["note"] = need.note
    return body


def badge(
    programme: str, person: Person, names: Mapping[str, Any] | None = None, flags: Sequence[str] = ()
) -> dict[str, Any]:
    """Build what one row of the agency's queue shows: a masked name and number.

    ``names`` tell what the codes of the leg's rules stand for, where these say less (``own_names``); ``flags`` are
    codes of what the agency should heed.
    """
    return {
        "programme": programme,
        "name": mask_name(person.name),
        "id_number": mask_id_number(person.id_number),
        **(names or {}),
        **({"flags": list(flags)} if flags else {}),
    }


def describe(beneficiary: Beneficiary) -> dict[str, Any]:
    """Write a beneficiary as JSON, without what is not known."""
    facts = {
        "relation": beneficiary.relation,
        "name": beneficiary.name,
        "id_number": beneficiary.id_number,
        "birth_date": _plain(beneficiary.birth_date),
    }
    return {name: value for name, value in facts.items() if value is not None}


def _plain(value: Any) -> Any:  # noqa: ANN401 - answers are JSON
    return value.isoformat() if isinstance(value, date) else value
