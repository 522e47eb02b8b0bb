"""What the desk should know about a filing that was nevertheless accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from services.intake.domain.filing import SubmitRequest
from services.intake.persistence.requests import OpenElsewhere
from shared.directory import District
from shared.directory.validation import birth_date_in, registration_warning
from shared.text import Text

DUPLICATE = Text(
    "同一证件号已有未办结的“{programme}”（申请 {number}）。如属重复，请撤回其中一件。",
    "This ID number already has an open leg for {programme} (request {number}). If it is one need, withdraw one.",
)
BIRTH_DATE_DIFFERS = Text(
    "填写的出生日期与身份证号中的不一致。请与本人核对。",
    "The date of birth differs from the one in the ID number. Check it with the person.",
)

Hint = dict[str, Any]
"""``{code, field, messages: {zh, en}}`` and, where there is one, the ``number`` of the other request."""


def seen_in_the_filing(command: SubmitRequest, district: District) -> Iterator[Hint]:
    """Compare what was said with itself and with the district."""
    person = command.person
    if person.id_number and person.birth_date and birth_date_in(person.id_number) != person.birth_date:
        yield _warning("birth-date-differs", "person.birth_date", BIRTH_DATE_DIFFERS)
    registered = person.household_registration
    if registered and (elsewhere := registration_warning(registered, district)) is not None:
        yield _warning("registered-elsewhere", "person.household_registration", elsewhere)


def at_own_desk(
    known: Sequence[OpenElsewhere], unit: str, command: SubmitRequest, district: District
) -> Iterator[Hint]:
    """Warn of the first open leg of the same person and programme that was filed at this very desk."""
    here = {leg.programme: leg.number for leg in reversed(known) if leg.unit == unit}
    for index, need in enumerate(command.needs):
        if need.programme in here:
            number, name = here[need.programme], district.programmes[need.programme].name
            text = Text(
                DUPLICATE.zh.format(programme=name.zh, number=number),
                DUPLICATE.en.format(programme=name.en, number=number),
            )
            yield _warning("duplicate", f"legs.{index}.programme", text) | {"number": number}


def other_desk(known: Sequence[OpenElsewhere], unit: str, command: SubmitRequest) -> bool:
    """Tell whether another desk has an open leg of the same person and programme: nothing that this one may learn."""
    wanted = {need.programme for need in command.needs}
    return any(leg.programme in wanted and leg.unit != unit for leg in known)


def _warning(code: str, field: str, text: Text) -> Hint:
    return {"code": code, "field": field, "messages": text.both()}
