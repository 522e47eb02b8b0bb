"""What stands for somebody in the figures: the same for all of a person's legs of one programme, and for no others."""

from __future__ import annotations

import hashlib
import hmac
import uuid

from services.intake.domain.filing import Need, Person
from services.intake.use_cases.context import Context
from shared.directory import Programme

_BYTES = 16


def counted_as(context: Context, programme: Programme, person: Person, need: Need) -> str | None:
    """Give the token under which whom a leg is for is counted; None where neither has an ID number.

    It is made from the ID number by a key that intake alone has, and anew for each programme of each agency: two
    agencies' legs cannot be joined by it. Who has no ID number is known by name beside the one who asks.
    """
    full, beneficiary = context.keyring.index.full, need.beneficiary
    known = person.id_number if beneficiary is None else beneficiary.id_number or person.id_number
    if not known:
        return None
    named = beneficiary is not None and not beneficiary.id_number
    whom = full("name", beneficiary.name).hex() if beneficiary is not None and named else ""
    told = f"figures\x1f{programme.agency}\x1f{programme.outward_id}\x1f{whom}"
    digest = hmac.digest(full("id_number", known), told.encode(), hashlib.sha256)
    return str(uuid.UUID(bytes=digest[:_BYTES]))
