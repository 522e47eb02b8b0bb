"""Adds legs to a request while it is open, some of them perhaps in the place of others, and consents for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import RowMapping

from services.intake.domain import events
from services.intake.domain.breaches import Breach
from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.filing import Consent, Need, SubmitRequest
from services.intake.domain.request import ADD_LEGS
from services.intake.persistence import cases
from services.intake.persistence.tables import legs as legs_table
from services.intake.persistence.tables import reissues as reissues_table
from services.intake.use_cases import needs_first
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.check_filing import check_added
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing
from services.intake.use_cases.duplicates import elsewhere, tell_specialists
from services.intake.use_cases.filing_warnings import Hint, about_beneficiaries, at_own_desk
from services.intake.use_cases.joining import Joining, refuse_excluded, refuse_met_again
from services.intake.use_cases.known_legs import Known, known_legs
from services.intake.use_cases.leg_papers import papers_for
from services.intake.use_cases.record_consents import record_consents
from services.intake.use_cases.seal_legs import PlannedLeg, plan_leg, sent, whose
from services.intake.use_cases.street_check import ask_for_check
from services.intake.use_cases.tasks import settle_tasks
from services.intake.use_cases.written_rows import Filed, leg_rows
from shared.db import Once
from shared.identity import Principal
from shared.text import Text

SETTLED_BY_SUCCESSOR = ("consent-needed", "reissue", "transfer", "returned")
OTHER_AGENCY = Rule(
    "须由 {agency} 接续办理，请选择该单位的项目。",
    "The leg goes on at {agency}: choose one of that agency's programmes.",
    "successor-elsewhere",
)
TWICE_REPLACED = Rule(
    "同一事项只能由一个新事项接续。", "A leg can be replaced by one other leg only.", "replaced-twice"
)


@dataclass(frozen=True, slots=True)
class Added:
    """One leg to add; ``replaces`` names the leg in whose place it stands."""

    need: Need
    replaces: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AddLegs:
    """Legs, and consents for them; with no legs only consents are written down."""

    request: str
    legs: tuple[Added, ...]
    consents: tuple[Consent, ...] = ()
    version: int | None = None


def add_legs(
    context: Context, principal: Principal, command: AddLegs, *, once: Once | None = None
) -> dict[str, Any]:
    """Add legs to an open request and tell referrals, which issues them.

    Where the district wants the street to check what is filed, it checks a new need, too: those legs wait for it.
    A leg that ``replaces`` another is the successor that referrals asked for: it goes to the agency that was decided
    on, and brings along the days used; the leg before it ends when this one is issued, and not before.
    Gives ``{id, number, status, version, legs: [{id, programme, agency, status}], warnings, checklist}``.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``.
        InvalidFiling: naming every field that cannot be accepted.
        Breach: the request was merged into another and takes no more legs, or no successor was asked for.
        Excluded: a leg cannot be open beside another, of this request or filed at this desk.
    """
    change = Change(
        request=command.request, action="requests.add-legs", step=ADD_LEGS, version=command.version
    )
    with changing(context, principal, change, once=once) as deed:
        case = deed.case
        if command.legs and case.merged_into is not None:
            raise Breach("merged", number=cases.number_of(deed.uow.connection, case.merged_into))
        asked = _successors(deed, command.legs)
        filing = SubmitRequest(
            person=case.person,
            needs=tuple(leg.need for leg in command.legs),
            consents=command.consents,
            urgency=case.urgency,
            answers=case.answers,
        )
        kinds = check_added(filing, case.standing(), deed.district, deed.today)
        joining = [Joining(leg.need, leg.replaces) for leg in command.legs]
        refuse_met_again(deed, joining)
        record_consents(deed, command.consents)
        known = known_legs(context, deed.uow.connection, deed.district, case.place, case.filer, filing.needs)
        refuse_excluded(deed, joining, known)
        made = [
            join(deed, leg.need, kinds[leg.need.programme], place=place, reissue=asked.get(leg.replaces))
            for place, leg in enumerate(command.legs)
        ]
        new = [leg for leg in made if leg.reissue is None]
        announce(deed, [leg for leg in made if leg.reissue is not None])
        announce(deed, new, check=bool(new) and (deed.case.check or ask_for_check(deed)))
        given = sent([leg.planned for leg in made], kinds)
        deed.audit(
            "legs.added", legs=[leg.planned.id for leg in made], consents=len(command.consents), sent=given
        )
        if twice := elsewhere(known, filing.needs):
            deed.audit("duplicate.looked-up", found="duplicate_of_other_unit")
            tell_specialists(deed.uow, case.place, twice, deed.at)
        deed.uow.result = deed.answer() | {
            "legs": [leg.brief for leg in made],
            **_hints(deed, known, command.legs, filing, made),
        }
    answer: dict[str, Any] = deed.uow.result
    return answer


@dataclass(frozen=True, slots=True)
class Joined:
    """A leg that has joined a request, and the successor asked for that it is."""

    planned: PlannedLeg
    position: int
    reissue: RowMapping | None

    @property
    def brief(self) -> dict[str, str]:
        """Show it as answers list it."""
        return {
            "id": self.planned.id,
            "programme": self.planned.need.programme,
            "agency": self.planned.agency,
            "status": "planned",
        }


def join(
    deed: Deed, need: Need, kinds: frozenset[str], *, place: int = 0, reissue: RowMapping | None = None
) -> Joined:
    """Seal and write a leg that joins the request of a deed; ``place`` counts those that join with it."""
    case, context = deed.case, deed.context
    predecessor = case.leg(reissue["leg_id"]) if reissue is not None else None
    planned = plan_leg(
        context,
        deed.district,
        whose(case.person, case.answers),
        need,
        kinds,
        now=deed.at,
        year=deed.at.astimezone(ZoneInfo(deed.district.timezone)).year,
        papers=papers_for(deed, need, kinds, leg=predecessor.id if predecessor else None),
    )
    position = max((leg.position for leg in case.legs), default=-1) + 1 + place
    filed = Filed(case.id, case.person_id, deed.by.staff, deed.at)
    (row,) = leg_rows(context, filed, [planned], first=position)
    row["replaces"] = predecessor.id if predecessor else None
    cases.add_legs(deed.uow.connection, [row])
    if predecessor is not None and reissue is not None:
        _succeed(deed, predecessor, planned, reissue)
    return Joined(planned, position, reissue)


def announce(deed: Deed, made: Sequence[Joined], *, check: bool = False) -> None:
    """Tell of legs that have joined, and answer referrals for each that is a successor it asked for.

    ``check``: they wait for the street, which a successor never does, since the leg before it waits for that one.
    """
    if not made:
        return
    legs = [
        events.AddedLeg(
            sealed=leg.planned.sealed,
            position=leg.position,
            replaces=leg.reissue["leg_id"] if leg.reissue is not None else None,
            days_used=leg.reissue["days_used"] if leg.reissue is not None else 0,
        )
        for leg in made
    ]
    cause = next((leg.reissue["id"] for leg in made if leg.reissue is not None), None)
    submission = deed.case.submission(deed.district.version, check=check)
    deed.tell(events.legs_added(deed.stamp(causation=cause), submission, legs))
    for leg in made:
        if leg.reissue is not None:
            predecessor = deed.case.leg(leg.reissue["leg_id"])
            stamp = deed.stamp(causation=leg.reissue["id"])
            deed.tell(
                events.reissue_done(
                    stamp, leg=predecessor.id, agency=predecessor.agency, successor=leg.planned.id
                )
            )


def _succeed(deed: Deed, predecessor: CaseLeg, planned: PlannedLeg, reissue: RowMapping) -> None:
    connection = deed.uow.connection
    cases.change(connection, legs_table, predecessor.id, successor=planned.id)
    cases.change(connection, reissues_table, reissue["id"], settled_at=deed.at, successor=planned.id)
    deed.line(predecessor, "reissue-done", detail={"agency": planned.agency, "successor": planned.id})
    settle_tasks(
        deed.uow, deed.case.id, *SETTLED_BY_SUCCESSOR, at=deed.at, by=deed.by.staff, leg=predecessor.id
    )


def _successors(deed: Deed, legs: Sequence[Added]) -> dict[str | None, RowMapping]:
    asked: dict[str | None, RowMapping] = {}
    faults = []
    for place, leg in enumerate(legs):
        if leg.replaces is None:
            continue
        deed.case.leg(leg.replaces)
        if leg.replaces in asked:
            faults.append(Fault(f"legs.{place}.replaces", TWICE_REPLACED))
            continue
        found = cases.open_reissue(deed.uow.connection, leg.replaces)
        if found is None:
            raise Breach("no-reissue-asked")
        asked[leg.replaces] = found
        programme = deed.district.programmes.get(leg.need.programme)
        if programme is not None and programme.agency != found["to_agency"]:
            agency = deed.district.agencies.get(found["to_agency"])
            name = agency.name if agency else Text(found["to_agency"], found["to_agency"])
            faults.append(Fault(f"legs.{place}.programme", OTHER_AGENCY.format(agency=name)))
    if faults:
        raise InvalidFiling(faults)
    return asked


def _hints(
    deed: Deed,
    known: Known,
    legs: Sequence[Added],
    filing: SubmitRequest,
    made: Sequence[Joined],
) -> dict[str, list[Any]]:
    succeeding = {f"legs.{place}.programme" for place, leg in enumerate(legs) if leg.replaces is not None}
    here = [*known.own_here(), *(leg.need.programme for leg in deed.case.legs)]
    first = needs_first.lacking(filing.needs, filing.answers, here, deed.district)
    hints: list[Hint] = [
        *about_beneficiaries(filing.person, filing.needs, deed.district, deed.today),
        *at_own_desk(known, filing.needs),
        *needs_first.warnings(first),
    ]
    # A successor may well be for the same as the leg before it, and not as what another request has open.
    others = replace(known, legs=[leg for leg in known.legs if leg.request != deed.case.id])
    doubled = [hint for hint in at_own_desk(others, filing.needs) if hint["field"] in succeeding]
    return {
        "warnings": [hint for hint in hints if hint["field"] not in succeeding] + doubled,
        "checklist": needs_first.checklist(first, [leg.planned.id for leg in made]),
    }
