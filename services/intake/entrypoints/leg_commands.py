"""Bodies of the API of legs, made into the commands of the use cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.intake.schemas.http import consent_from, need_from, tidied
from services.intake.use_cases.add_legs import Added, AddLegs
from services.intake.use_cases.correct import CorrectedLeg, CorrectRequest


def to_add(request: str, body: Mapping[str, Any], version: int | None) -> AddLegs:
    """Make the command from a loaded ``AddLegsBody``."""
    return AddLegs(
        request=request,
        legs=tuple(Added(need_from(leg), leg.get("replaces")) for leg in body["legs"]),
        consents=tuple(consent_from(consent) for consent in body["consents"]),
        version=version,
    )


def to_correct(request: str, body: Mapping[str, Any], version: int) -> CorrectRequest:
    """Make the command from a loaded ``CorrectBody``."""
    person = body["person"]
    if person.get("name"):
        person = {**person, "name": person["name"].strip()}
    if person.get("id_number"):
        person = {**person, **tidied(person)}
    return CorrectRequest(
        request=request,
        person=person,
        answers=body["answers"],
        legs=tuple(CorrectedLeg(leg["id"], _given(leg)) for leg in body["legs"]),
        version=version,
    )


def _given(leg: Mapping[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in leg.items() if name != "id"}
    if given.get("beneficiary"):
        given["beneficiary"] = need_from({"programme": "", **given}).beneficiary
    if "note" in given:
        given["note"] = (given["note"] or "").strip() or None
    return given
