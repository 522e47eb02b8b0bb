"""What the desk should know about a filing that was nevertheless accepted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.intake.domain.ages import OF_AGE, age_on, born_on
from services.intake.domain.filing import Need, Person, SubmitRequest
from services.intake.domain.household import OF_BENEFICIARIES
from services.intake.use_cases.known_legs import Known
from shared.directory import District
from shared.directory.validation import birth_date_in, registration_warning
from shared.text import Text

DUPLICATE = Text(
    "同一受助人或家庭已有未办结的“{programme}”（申请 {number}）。如属重复，请撤回其中一件。",
    "There is an open leg for {programme} for the same person or household already (request {number}). If it is one "
    "need, withdraw one.",
)
PERHAPS_DUPLICATE = Text(
    "同名且出生日期相同的人已有未办结的“{programme}”（申请 {number}），但无身份证号可核对。如系同一人，请撤回一件。",
    "Somebody of the same name and date of birth has an open leg for {programme} already (request {number}), and there "
    "is no ID number to tell them apart. If it is one person, withdraw one.",
)
BIRTH_DATE_DIFFERS = Text(
    "填写的出生日期与身份证号中的不一致。请与本人核对。",
    "The date of birth differs from the one in the ID number. Check it with the person.",
)
AGES_DIFFER = Text(
    "按出生日期，受益人与本人的年龄不符合所填关系（{relation}）。请核对关系与出生日期。",
    "By the dates of birth, the one it is for cannot well be related so ({relation}). Check relation and dates.",
)
GROWN_UP = Text(
    "“{programme}”只办理未满18周岁的儿童，而受益人按出生日期已成年。请核对。",
    "{programme} is for children under 18, and by the date of birth the one it is for is of age. Check it.",
)

CHILD = "child"
"""Of a programme: it helps children."""
YOUNGER, OLDER = frozenset({"child", "grandchild"}), frozenset({"parent", "grandparent"})
"""Relations in which somebody is younger, or older, than the person."""

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


def about_beneficiaries(
    person: Person, needs: Sequence[Need], district: District, today: date
) -> Iterator[Hint]:
    """Compare whom each need is for with the person and with the programme; neither refuses anything."""
    asks = born_on(person)
    for place, need in enumerate(needs):
        who = need.beneficiary
        born = born_on(who) if who is not None else asks
        programme = district.programmes.get(need.programme)
        if born is None:
            continue
        path = f"legs.{place}.beneficiary.birth_date" if who is not None else f"legs.{place}.beneficiary"
        if who is not None and asks is not None and not _may_be(who.relation, born, asks):
            relation = OF_BENEFICIARIES.get(who.relation, Text(who.relation, who.relation))
            yield _warning("beneficiary-age-differs", path, AGES_DIFFER.format(relation=relation))
        elif programme is not None and programme.beneficiary == CHILD and age_on(born, today) >= OF_AGE:
            yield _warning("beneficiary-grown-up", path, GROWN_UP.format(programme=programme.name))


def _may_be(relation: str, born: date, asks: date) -> bool:
    return not ((relation in YOUNGER and born <= asks) or (relation in OLDER and born >= asks))


def at_own_desk(known: Known, needs: Sequence[Need]) -> Iterator[Hint]:
    """Warn of the first open leg for the same person or household and programme that was filed at this very desk.

    Without an ID number, of one for somebody who is perhaps the same.
    """
    for index, need in enumerate(needs):
        first = next((leg for leg in known.twice(need) if leg.unit == known.filed.unit), None)
        code, told = "duplicate", DUPLICATE
        if first is None:
            first, code, told = next(known.perhaps(need), None), "perhaps-duplicate", PERHAPS_DUPLICATE
        if first is not None:
            programme = known.district.programmes.get(need.programme)
            name = programme.name if programme else Text(need.programme, need.programme)
            text = told.format(programme=name, number=first.number)
            yield _warning(code, f"legs.{index}.programme", text) | {"number": first.number}


def shown(answer: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Write an answer as the API gives it: each warning also in the reader's language."""
    warnings = [
        {**warning, "message": warning["messages"][language]} for warning in answer.get("warnings", ())
    ]
    return {**answer, "warnings": warnings}


def _warning(code: str, field: str, text: Text) -> Hint:
    return {"code": code, "field": field, "messages": text.both()}
