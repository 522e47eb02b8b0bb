"""One made-up request as the API takes it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from deploy.demo.plan import Case
from shared.directory import District
from shared.directory.demo_people import DemoPerson

CONSENT_DAYS = 365
ALWAYS = frozenset({"identity", "contact", "household"})


def request_body(
    district: District, case: Case, person: DemoPerson, unit: str, number: int, at: datetime
) -> dict[str, Any]:
    """Give the body: one person of the filing unit's street, the case's legs, and the consents that cover them."""
    return {
        "person": {
            "name": person.name,
            "id_number": person.id_number,
            "birth_date": person.birth_date.isoformat(),
            "residence": _residence(district, unit, number),
        },
        "urgency": case.urgency,
        "answers": dict(case.answers),
        "legs": [{"programme": leg.programme} for leg in case.legs],
        "consents": _consents(district, case, at),
    }


def _consents(district: District, case: Case, at: datetime) -> list[dict[str, Any]]:
    by_agency: dict[str, list[str]] = {}
    for leg in case.legs:
        by_agency.setdefault(district.programme(leg.programme).agency, []).append(leg.programme)
    expires = (at + timedelta(days=CONSENT_DAYS)).date().isoformat()
    return [
        {
            "agency": agency,
            "programmes": programmes,
            "data_kinds": sorted(ALWAYS | _kinds(district, programmes)),
            "purpose": "aid",
            "expires_on": expires,
            "given_by": "person",
        }
        for agency, programmes in by_agency.items()
    ]


def _kinds(district: District, programmes: list[str]) -> set[str]:
    return {
        district.fields[name].kind
        for programme in programmes
        for name in district.programme(programme).fields
    }


def _residence(district: District, unit: str, number: int) -> str:
    street = district.street_of(unit)
    communities = [
        code
        for code in sorted(district.units)
        if district.units[code].level == "community" and district.street_of(code) == street
    ]
    # Two of three live where the desk is, the others elsewhere in its street.
    return communities[number % len(communities)] if number % 3 == 0 else unit
