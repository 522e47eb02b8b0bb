"""A date of birth put right shows that a guardian had to consent: the desk is asked to take that consent."""

from __future__ import annotations

from services.intake.domain.ages import youngest
from services.intake.domain.consent_rules import is_theirs_to_give
from services.intake.domain.filing import Person
from services.intake.use_cases.deed import Deed
from services.intake.use_cases.tasks import raise_task


def ask_guardians(deed: Deed, person: Person) -> None:
    """Raise a task for each open leg whose consent the person, as is known now, was too young to give."""
    rules, case = deed.district.options["consent"], deed.case
    before, after = youngest(case.person, deed.today), youngest(person, deed.today)
    if before == after:
        return
    given = {
        (consent.agency, programme): consent
        for consent in (one.consent for one in case.consents if one.withdrawn_at is None)
        for programme in consent.programmes
    }
    for leg in case.legs:
        consent = given.get((leg.agency, leg.need.programme))
        if leg.ended or leg.cancelling or consent is None or is_theirs_to_give(consent, after, rules):
            continue
        raise_task(
            deed.uow,
            kind="consent-needed",
            unit=case.unit,
            street=case.street,
            request=case.id,
            leg=leg.id,
            detail={"cause": "guardian", "agency": leg.agency},
            at=deed.at,
        )
