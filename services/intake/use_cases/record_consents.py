"""Writes consents down and lets what they cover go on: a frozen leg is taken up again, a packet follows its consent."""

from __future__ import annotations

from collections.abc import Sequence

from services.intake.domain.consents import covered_kinds
from services.intake.domain.filing import EMERGENCY, Consent
from services.intake.persistence import cases
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.correct import reseal, seal_again
from services.intake.use_cases.deed import Deed
from services.intake.use_cases.seal_legs import may_be_read, whose
from services.intake.use_cases.tasks import raise_task, settle_tasks
from services.intake.use_cases.written_rows import Filed, consent_rows
from shared.clock import deadline


def record_consents(deed: Deed, consents: Sequence[Consent]) -> None:
    """Write new consents down, each in the place of the one for the same agency and programme.

    A leg that was frozen when its consent was taken back goes on with a fresh packet; where a new consent lets the
    agency of a leg under way learn more or less than before, its packet is sealed again.
    """
    case = deed.case
    if not consents:
        return
    rows = consent_rows(deed.context, Filed(case.id, case.person_id, deed.by.staff, deed.at), consents)
    cases.add_consents(deed.uow.connection, case.held.consents, rows, deed.at)
    deed.note("consent-recorded", detail={"agencies": sorted({consent.agency for consent in consents})})
    deed.audit("consent.recorded", count=len(rows))
    if any(consent.basis == EMERGENCY for consent in consents):
        rule = deed.district.limits["first_contact"]
        raise_task(
            deed.uow,
            kind="inform-afterwards",
            unit=case.unit,
            street=case.street,
            request=case.id,
            due_on=deadline(rule, deed.at, deed.district.calendar, deed.district.timezone).due_on,
            at=deed.at,
        )
    pending = cases.pending(deed.uow.connection, case.id)
    for leg in case.legs:
        if not leg.ended and (leg.agency, leg.need.programme) in {
            (row["agency"], row["programme"]) for row in rows
        }:
            _settle(deed, leg, consents)
            _go_on(deed, leg, consents, frozen=leg.frozen or (leg.id, "freeze") in pending)


def _settle(deed: Deed, leg: CaseLeg, consents: Sequence[Consent]) -> None:
    # One that begins when the old one ends is in time, too.
    begins = [consent.starts_on for consent in consents if consent.starts_on is not None]
    day = max([deed.today, *begins])
    if not covered_kinds(consents, leg.agency, leg.need.programme, day):
        return
    kinds = ["renewal"]
    if cases.open_reissue(deed.uow.connection, leg.id) is None:
        # Else what is needed is a consent for the agency that is to go on with it.
        kinds.append("consent-needed")
    settle_tasks(deed.uow, deed.case.id, *kinds, at=deed.at, by=deed.by.staff, leg=leg.id)


def _go_on(deed: Deed, leg: CaseLeg, consents: Sequence[Consent], *, frozen: bool) -> None:
    programme = deed.district.programmes.get(leg.need.programme)
    kinds = covered_kinds(consents, leg.agency, leg.need.programme, deed.today)
    if programme is None or not kinds or leg.cancelling:
        return
    subject = whose(deed.case.person, deed.case.answers)
    if frozen:
        deed.ask(leg, "unfreeze", seal_again(deed, subject, leg, kinds))
        return
    now = may_be_read(deed.district, programme, kinds)
    before = may_be_read(
        deed.district, programme, deed.case.kinds(leg.agency, leg.need.programme, deed.today)
    )
    changed = sorted((now.person ^ before.person) | (now.answers ^ before.answers))
    if changed:
        reseal(deed, subject, leg, kinds, changed)
