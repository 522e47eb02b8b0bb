"""How people, legs and consents are written down: their rows, with whatever tells of a person encrypted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from services.intake.domain import disclosure
from services.intake.domain.filing import DATA_KINDS, Beneficiary, Consent, Person
from services.intake.domain.request import PLANNED
from services.intake.domain.timers import CONSENT_EXPIRY, consent_warning
from services.intake.use_cases.context import Context
from services.intake.use_cases.seal_legs import PlannedLeg
from shared import ids


@dataclass(frozen=True, slots=True)
class Filed:
    """To which request and person something belongs, and who wrote it down when."""

    request: str
    person: str
    staff: str
    now: datetime


def person_row(context: Context, row: str, person: Person) -> dict[str, Any]:
    """Give the row of a person, with the keyed hashes by which a duplicate is found."""
    encrypt, full = context.keyring.fields.encrypt, context.keyring.index.full
    born = person.birth_date.isoformat() if person.birth_date else None
    return {
        "id": row,
        "name": encrypt("people", "name", row, person.name),
        "name_pinyin": encrypt("people", "name_pinyin", row, person.name_pinyin),
        "id_number": encrypt("people", "id_number", row, person.id_number),
        "phone": encrypt("people", "phone", row, person.phone),
        "birth_date": encrypt("people", "birth_date", row, born),
        "household_registration": encrypt(
            "people", "household_registration", row, person.household_registration
        ),
        "name_index": full("name", person.name),
        "id_index": full("id_number", person.id_number) if person.id_number else None,
        "phone_index": full("phone", person.phone) if person.phone else None,
    }


def leg_rows(
    context: Context, filed: Filed, legs: Sequence[PlannedLeg], *, first: int = 0
) -> list[dict[str, Any]]:
    """Give the rows of new legs; ``first`` is the place of the first among the legs of the request."""
    encrypt = context.keyring.fields.encrypt
    rows = []
    for position, leg in enumerate(legs, start=first):
        beneficiary = leg.need.beneficiary
        described = orjson.dumps(disclosure.describe(beneficiary)) if beneficiary else None
        rows.append(
            {
                "id": leg.id,
                "request_id": filed.request,
                "position": position,
                "number": leg.number,
                "agency": leg.agency,
                "programme": leg.need.programme,
                "beneficiary": encrypt("legs", "beneficiary", leg.id, described),
                "beneficiary_index": beneficiary_index(context, beneficiary),
                "note": encrypt("legs", "note", leg.id, leg.need.note),
                "status": PLANNED,
                "version": 0,
                "updated_at": filed.now,
            }
        )
    return rows


def beneficiary_index(context: Context, beneficiary: Beneficiary | None) -> bytes | None:
    """Give the keyed hash of a beneficiary's ID number, the same as if the person had filed; None if not known."""
    if beneficiary is None or not beneficiary.id_number:
        return None
    return context.keyring.index.full("id_number", beneficiary.id_number)


def consent_rows(context: Context, filed: Filed, consents: Sequence[Consent]) -> list[dict[str, Any]]:
    """Give the rows of new consents: one for each agency and programme."""
    encrypt = context.keyring.fields.encrypt
    timezone = context.directory.current().timezone
    rows = []
    for consent in consents:
        particulars = orjson.dumps(dict(consent.particulars)) if consent.particulars else None
        for programme in consent.programmes:
            row = ids.at(filed.now)
            rows.append(
                {
                    "id": row,
                    "request_id": filed.request,
                    "person_id": filed.person,
                    "agency": consent.agency,
                    "programme": programme,
                    "data_kinds": [kind for kind in DATA_KINDS if kind in consent.data_kinds],
                    "purpose": consent.purpose,
                    "basis": consent.basis,
                    "starts_on": consent.starts_on,
                    "expires_on": consent.expires_on,
                    "given_by": consent.given_by,
                    "particulars": encrypt("consents", "particulars", row, particulars),
                    "recorded_at": filed.now,
                    "recorded_by": filed.staff,
                    "timer": CONSENT_EXPIRY,
                    "timer_at": max(filed.now, consent_warning(consent.expires_on, timezone)),
                }
            )
    return rows
