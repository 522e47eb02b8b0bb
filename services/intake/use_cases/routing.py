"""Which counter of its agency a leg goes to, who answers for it meanwhile, and what goes with one from elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, Literal

from services.intake.domain.filing import Person
from services.intake.domain.request import LEG_ENDED, PLANNED
from services.intake.persistence import queries
from shared.directory import District, Programme
from shared.directory.validation import registration_warning
from shared.text import Text

ISSUED = "issued"
REGISTRATION = "registration"
REGISTERED = "household_registration"
ELSEWHERE = "registered-elsewhere"
_DISTRICT_DIGITS, _STREET_DIGITS = 6, 9

HAND_OVER = Text(
    "户籍（{code}）不在本区，“{programme}”一般由户籍地办理。请在随附的说明中写明联系人，便于单位与户籍地对接；本区照常受理。",
    "Registered elsewhere ({code}): {programme} is as a rule settled where somebody is registered. Add whom the agency "
    "may turn to there; it is accepted here all the same.",
)

TOLD = Text("该单位会看到户籍不在本区的提示。", "The agency is shown that this is so.")
NOT_TOLD = Text(
    "现有同意未包括家庭情况，该单位看不到这一点；需要时请征得本人同意。",
    "The consent does not cover household data, so the agency is not shown this; ask the person for it where needed.",
)

Answerable = Literal["intake-desk", "agency"]


def desk_street(district: District, programme: Programme, person: Person) -> str | None:
    """Give the street whose counter of the agency a leg belongs to; None where the agency's own desk serves it.

    The programme says whether the street is that of residence or of household registration; who is registered
    elsewhere, or only in the district at large, is served where they live. A counter that nobody staffs takes nothing.
    """
    agency = district.agencies[programme.agency]
    if not agency.desks:
        return None
    street = None
    if programme.routed_by == REGISTRATION and person.household_registration:
        street = _street_of(district, person.household_registration)
    street = street or district.street_of(person.residence)
    return (
        street if agency.desk_for(street) is not None and _is_staffed(district, agency.id, street) else None
    )


def hand_over_note(
    district: District, programme: str, registration: str | None, kinds: Collection[str]
) -> dict[str, Any] | None:
    """Give what the desk should hand on with a leg of somebody registered elsewhere; None where it does not matter.

    ``{code, messages: {zh, en}}``: it never refuses anything. It says whether the agency is told, as far as the data
    ``kinds`` consented to go.
    """
    known = district.programmes.get(programme)
    if known is None or registration is None or not is_from_elsewhere(district, known, registration):
        return None
    words = HAND_OVER.format(code=registration[:_DISTRICT_DIGITS], programme=known.name)
    told = district.person_fields[REGISTERED].kind in kinds and REGISTERED in known.person_fields
    more = TOLD if told else NOT_TOLD
    return {"code": ELSEWHERE, "messages": {"zh": words.zh + more.zh, "en": f"{words.en} {more.en}"}}


def flags(district: District, programme: Programme, person: Person, readable: Collection[str]) -> list[str]:
    """Give what the agency is told in its leg's badge: that somebody is registered elsewhere, where that matters.

    Only where it may read the registration itself. Of a clinical programme nothing: a badge as long as no other's
    would tell which one it is.
    """
    told = REGISTERED in readable and not programme.clinical
    return (
        [ELSEWHERE] if told and is_from_elsewhere(district, programme, person.household_registration) else []
    )


def is_from_elsewhere(district: District, programme: Programme, registration: str | None) -> bool:
    """Tell whether a programme goes by household registration, and that is known to lie in another district."""
    goes_by = programme.routed_by == REGISTRATION and bool(registration)
    return goes_by and registration_warning(registration or "", district) is not None


def beside(
    district: District, leg: queries.Row, registration: str | None, kinds: Collection[str]
) -> dict[str, Any]:
    """Give what a leg is shown with at its desk: who answers for it, and what should be handed on with it."""
    note = hand_over_note(district, leg["programme"], registration, kinds)
    return {"answerable": answerable_for(leg["status"]), "notes": [note] if note else []}


def answerable_for(status: str) -> Answerable | None:
    """Tell who answers for a leg (首问负责): its desk until the agency acknowledges it, nobody once it has ended."""
    if status in LEG_ENDED:
        return None
    return "intake-desk" if status in {PLANNED, ISSUED} else "agency"


def answerable_for_all(statuses: Iterable[str]) -> Answerable:
    """Tell who answers for a request: the agencies once each open leg is with one, else whoever filed it."""
    holders = {answerable_for(status) for status in statuses} - {None}
    return "agency" if holders == {"agency"} else "intake-desk"


def _street_of(district: District, code: str) -> str | None:
    return district.street_of(code) or district.street_of(code[:_STREET_DIGITS])


def _is_staffed(district: District, agency: str, street: str | None) -> bool:
    return any(
        post.role == "desk" and post.agency == agency and post.unit == street
        for member in district.staff
        for post in member.posts
    )
