"""A leg goes on at another agency: made at once where the person's consent covers it, else asked for at the desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import RowMapping

from services.intake.domain import events
from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.intake.domain.exclusions import Excluded
from services.intake.domain.filing import Need
from services.intake.domain.request import ADD_LEGS, LIFE
from services.intake.persistence import cases
from services.intake.persistence.tables import reissues
from services.intake.use_cases.add_legs import SETTLED_BY_SUCCESSOR, announce, join
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import SYSTEM, Change, Deed, Doer, changing, held_case
from services.intake.use_cases.duplicates import elsewhere, tell_specialists
from services.intake.use_cases.found_later import tell_desk_of_double
from services.intake.use_cases.joining import Joining, refuse_excluded, refuse_met_again
from services.intake.use_cases.known_legs import Known, known_legs
from services.intake.use_cases.mirror_legs import UNKNOWN_LEG
from services.intake.use_cases.refusals import is_refused, note_refusal
from services.intake.use_cases.tasks import raise_task, settle_tasks
from shared.db import Once, UnitOfWork
from shared.directory import District, Programme, forbidden_word
from shared.events import Event
from shared.identity import Principal
from shared.inbox import Refused

REQUEST_ENDED, WITHDRAWAL_UNDER_WAY = "request-ended", "withdrawal-under-way"
"""Why no successor is made without anybody being asked: the person no longer wants the help at all."""
CANNOT_BE_ADDED = "cannot-be-added"
"""What the holder reads where another leg is in the way: which one it is, is told to the desk alone."""
DECLINED = "person-declines"
"""Of the reasons why no successor is made, that which is the person's own."""
ALREADY_OPEN, EXCLUDED = "already-open", "excluded"


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseReissue:
    """The desk makes no successor in a leg's place; ``reason`` is one of the domain's ``REFUSALS``."""

    request: str
    leg: str
    reason: str


def reissue_legs(context: Context, uow: UnitOfWork, asked: Sequence[Event]) -> None:
    """Take in commands to make successors, in the order given; their data is loaded by intake's reader schema.

    Until a successor has been issued, its predecessor's agency stays answerable.

    Raises:
        Refused: when one is about a leg that intake never made.
    """
    for event in asked:
        request = cases.request_of(uow.connection, event.subject)
        if request is None:
            raise Refused(UNKNOWN_LEG)
        deed = Deed(context, uow, held_case(context, uow, request), event.time, Doer(SYSTEM, SYSTEM))
        _reissue(deed, deed.case.leg(event.subject), event)
        deed.close()


def refuse_reissue(
    context: Context, principal: Principal, command: RefuseReissue, *, once: Once | None = None
) -> dict[str, Any]:
    """Tell referrals that a leg gets no successor: it stays where it is, and is decided about again there.

    Gives ``{id, number, status, version, legs}`` with the leg concerned.

    Raises:
        Forbidden, NotThere, IllegalStep: as ``changing``.
        Breach: no successor was asked for.
    """
    change = Change(request=command.request, action="requests.add-legs", step=ADD_LEGS)
    with changing(context, principal, change, once=once) as deed:
        leg = deed.case.leg(command.leg)
        asked = cases.open_reissue(deed.uow.connection, leg.id)
        if asked is None:
            raise Breach("no-reissue-asked")
        if command.reason == DECLINED:
            note_refusal(deed, asked["to_agency"], [asked["to_programme"]] if asked["to_programme"] else [])
        decline(deed, leg, asked["id"], command.reason)
        deed.uow.result = deed.answer({leg.id: leg})
    answer: dict[str, Any] = deed.uow.result
    return answer


def decline(deed: Deed, leg: CaseLeg, asked: str, reason: str = DECLINED) -> None:
    """Answer that a successor that was asked for is not made; nothing is to be done for it any more."""
    _refuse(deed, leg, asked, reason)
    settle_tasks(deed.uow, deed.case.id, *SETTLED_BY_SUCCESSOR, at=deed.at, by=deed.by.staff, leg=leg.id)
    deed.audit("leg.reissue-refused", reason=reason, leg=leg.id)


def _reissue(deed: Deed, leg: CaseLeg, event: Event) -> None:
    data: Mapping[str, Any] = event.data
    asked: dict[str, Any] = {
        "id": event.id,
        "request_id": deed.case.id,
        "leg_id": leg.id,
        "cause": data["cause"],
        "to_agency": data["to_agency"],
        "to_programme": data.get("to_programme"),
        "days_used": data["days_used"],
        "asked_at": event.time,
    }
    cases.add_reissue(deed.uow.connection, asked)
    deed.line(leg, "reissue-requested", detail={"cause": asked["cause"], "agency": asked["to_agency"]})
    refusal = _not_wanted(deed, leg)
    if refusal is not None:
        _refuse(deed, leg, event.id, refusal)
        return
    programme = _programme(deed.district, leg, asked["to_agency"], asked["to_programme"])
    kinds = deed.case.kinds(programme.agency, programme.id, deed.today) if programme else frozenset[str]()
    if programme is not None:
        need = inherited(deed.district, leg.need, programme)
        known = known_legs(
            deed.context, deed.uow.connection, deed.district, deed.case.place, deed.case.filer, [need]
        )
        hindered = _hindrance(deed, leg, need, known, made_at_once=bool(kinds))
        if hindered is not None:
            _refuse(deed, leg, event.id, CANNOT_BE_ADDED)
            _tell_desk(deed, leg, asked | {"to_programme": programme.id}, hindered)
            return
        if kinds:
            row: RowMapping | None = cases.open_reissue(deed.uow.connection, leg.id)
            made = join(deed, need, kinds, reissue=row)
            announce(deed, [made])
            _tell_of_doubles(deed, made.planned.id, need, known)
            deed.audit("leg.reissued", leg=leg.id, agency=programme.agency)
            return
        if is_refused(deed, programme.agency, programme.id):
            # Who has just said no to this very thing is not asked for it again.
            _refuse(deed, leg, event.id, DECLINED)
            return
    raise_task(
        deed.uow,
        kind="consent-needed" if programme is not None else "reissue",
        unit=deed.case.unit,
        street=deed.case.street,
        request=deed.case.id,
        leg=leg.id,
        detail={
            "cause": asked["cause"],
            "agency": asked["to_agency"],
            **({"programme": programme.id} if programme else {}),
        },
        at=deed.at,
    )


def _refuse(deed: Deed, leg: CaseLeg, asked: str, reason: str) -> None:
    cases.change(deed.uow.connection, reissues, asked, settled_at=deed.at, refusal=reason)
    stamp = deed.stamp(causation=asked)
    deed.tell(events.reissue_refused(stamp, leg=leg.id, agency=leg.agency, reason=reason))
    deed.line(leg, "reissue-refused", detail={"reason": reason})


def _hindrance(
    deed: Deed, leg: CaseLeg, need: Need, known: Known, *, made_at_once: bool
) -> dict[str, Any] | None:
    """Tell why a successor cannot stand beside what is open already, in codes for the desk; None where it can."""
    joining = [Joining(need, leg.id)]
    try:
        refuse_met_again(deed, joining)
        refuse_excluded(deed, joining, known, tell=made_at_once)
    except InvalidFiling:
        return {"reason": ALREADY_OPEN}
    except Excluded as error:
        number = {"number": error.number} if error.number else {}
        return {"reason": EXCLUDED, "beside": error.other, **number}
    return None


def _tell_of_doubles(deed: Deed, leg: str, need: Need, known: Known) -> None:
    """Tell what a successor that nobody has added by hand doubles: its own desk, or the specialists elsewhere."""
    tell_desk_of_double(deed.uow, leg, need, known, deed.at)
    if twice := elsewhere(known, [need]):
        deed.audit("duplicate.looked-up", found="duplicate_of_other_unit")
        tell_specialists(deed.uow, deed.case.place, twice, deed.at)


def _tell_desk(deed: Deed, leg: CaseLeg, asked: Mapping[str, Any], hindered: Mapping[str, Any]) -> None:
    raise_task(
        deed.uow,
        kind="successor-refused",
        unit=deed.case.unit,
        street=deed.case.street,
        request=deed.case.id,
        leg=leg.id,
        detail={name: asked[name] for name in ("cause", "to_agency", "to_programme")} | dict(hindered),
        at=deed.at,
    )


def _not_wanted(deed: Deed, leg: CaseLeg) -> str | None:
    if deed.case.status not in LIFE[ADD_LEGS].sources:
        return REQUEST_ENDED
    return WITHDRAWAL_UNDER_WAY if leg.cancelling else None


def _programme(district: District, leg: CaseLeg, agency: str, wanted: str | None) -> Programme | None:
    """Find the programme a successor is for: that named, or the leg's own where the agency runs it.

    None where the desk has to choose: an agency knows a clinical one by its outward name only.
    """
    found = district.programmes.get(wanted or leg.need.programme)
    if found is None or found.agency != agency or not found.offered:
        return None
    return found


def inherited(district: District, need: Need, programme: Programme) -> Need:
    """Carry a need over to another programme; a note meant for a health agency stays where it was."""
    before = district.programmes.get(need.programme)
    told = need.note and (before is None or not before.clinical or programme.clinical)
    keep = told and (programme.clinical or forbidden_word(need.note or "") is None)
    return replace(need, programme=programme.id, note=need.note if keep else None)
