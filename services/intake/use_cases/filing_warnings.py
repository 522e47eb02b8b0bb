"""What the desk should know about a filing that was nevertheless accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from services.intake.domain.filing import Need, SubmitRequest
from services.intake.use_cases.known_legs import Known
from shared.directory import District
from shared.directory.validation import birth_date_in, registration_warning
from shared.text import Text

DUPLICATE = Text(
    "同一受助人或家庭已有未办结的“{programme}”（申请 {number}）。如属重复，请撤回其中一件。",
    "There is an open leg for {programme} for the same person or household already (request {number}). If it is one "
    "need, withdraw one.",
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


def at_own_desk(known: Known, needs: Sequence[Need]) -> Iterator[Hint]:
    """Warn of the first open leg for the same person or household and programme that was filed at this very desk."""
    for index, need in enumerate(needs):
        first = next((leg for leg in known.twice(need) if leg.unit == known.filed.unit), None)
        if first is not None:
            programme = known.district.programmes.get(need.programme)
            name = programme.name if programme else Text(need.programme, need.programme)
            text = Text(
                DUPLICATE.zh.format(programme=name.zh, number=first.number),
                DUPLICATE.en.format(programme=name.en, number=first.number),
            )
            yield _warning("duplicate", f"legs.{index}.programme", text) | {"number": first.number}


def shown(answer: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Write an answer as the API gives it: each warning also in the reader's language."""
    warnings = [
        {**warning, "message": warning["messages"][language]} for warning in answer.get("warnings", ())
    ]
    return {**answer, "warnings": warnings}


def _warning(code: str, field: str, text: Text) -> Hint:
    return {"code": code, "field": field, "messages": text.both()}
