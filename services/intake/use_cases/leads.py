"""Leads and errands: a grid worker tells the desk of somebody met, the desk asks the grid worker for a visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from services.intake.domain.drafts import LEAD
from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.tasks import GRID
from services.intake.use_cases.context import Context
from services.intake.use_cases.drafts import NewDraft, begin
from services.intake.use_cases.submit_request import unit_of
from services.intake.use_cases.tasks import raise_task, seal_words
from shared import ids
from shared.audit import AuditEntry
from shared.clock import deadline, local_date
from shared.db import Once
from shared.db.reach import beyond
from shared.directory import District, forbidden_word
from shared.identity import Principal, allow

NOT_YOUR_GRID = Rule(
    "{unit} 不在您负责的网格内。请填写本网格所在社区的代码。",
    "{unit} is not your grid. Give the code of a community that is.",
    "not-your-grid",
)
OUTING_WORD = Rule(
    "其中的“{word}”一词会向网格员透露无关信息。请删去或改写。",
    "It contains “{word}”, which the grid worker need not know. Remove or reword it.",
    "word-tells-the-grid",
)

PAST = Rule(
    "这一天已经过去。请填写今天或以后的日期。",
    "This day is over; give today's date or a later one.",
    "day-is-over",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLead:
    """Somebody who may need help: who, what for, and in which community."""

    name: str
    errand: str
    community: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveErrand:
    """Something the grid worker of the desk's unit is asked to do, in words that tell no more than is needed."""

    kind: str
    name: str
    errand: str
    due_on: date | None = None


def report_lead(
    context: Context, principal: Principal, lead: ReportLead, *, once: Once | None = None
) -> dict[str, Any]:
    """Make a lead a draft at the desk of its community, and tell the desk; gives the lead.

    Raises:
        Forbidden: the principal is no grid worker.
        InvalidFiling: the community is not of their grid.
    """
    grant = allow(principal, "leads.report")
    now, district = context.clock.now(), context.directory.current()
    if lead.community not in grant.units or lead.community not in district.units:
        raise InvalidFiling([Fault("community", NOT_YOUR_GRID.format(unit=lead.community))])
    person = {"name": lead.name, "phone": lead.phone, "residence": lead.community}
    body = {
        "person": {name: value for name, value in person.items() if value is not None},
        "errand": lead.errand,
    }
    with context.database.unit_of_work(once=once) as uow:
        new = NewDraft(unit=lead.community, body=body, origin=LEAD)
        # It becomes the desk's, which whoever has reported it does not read.
        with beyond(uow.connection):
            draft = begin(context, uow, new, principal.staff)["id"]
        task = ids.at(now)
        raise_task(
            uow,
            kind="lead",
            unit=lead.community,
            street=district.street_of(lead.community),
            request=draft,
            due_on=_first_contact(context, district),
            words=(task, seal_words(context, task, {"name": lead.name, "errand": lead.errand})),
            at=now,
        )
        uow.audit(
            AuditEntry(
                at=now,
                actor=principal.staff,
                post=str(grant.post),
                action="lead.reported",
                object_type="draft",
                object_id=draft,
            )
        )
        uow.result = {
            "id": draft,
            "name": lead.name,
            "errand": lead.errand,
            "community": lead.community,
            "reported_at": now,
        }
    answer: dict[str, Any] = uow.result
    return answer


def give_errand(
    context: Context, principal: Principal, errand: GiveErrand, *, once: Once | None = None
) -> dict[str, Any]:
    """Put an errand into the list of the grid worker of the desk's own unit; gives the task's id and what it says.

    Raises:
        Forbidden: no post of the principal gives errands.
        NoPost: the post's unit is not in this district.
        InvalidFiling: a word in it would tell the grid worker more than is needed, or its day is over.
    """
    grant = allow(principal, "tasks.give")
    now, district = context.clock.now(), context.directory.current()
    unit = unit_of(grant, district.units)
    faults = []
    if (word := forbidden_word(errand.errand)) is not None:
        faults.append(Fault("errand", OUTING_WORD.format(word=word)))
    if errand.due_on is not None and errand.due_on < local_date(now, district.timezone):
        faults.append(Fault("due_on", PAST))
    if faults:
        raise InvalidFiling(faults)
    task = ids.at(now)
    with context.database.unit_of_work(once=once) as uow:
        raise_task(
            uow,
            kind=errand.kind,
            unit=unit,
            street=district.street_of(unit),
            role=GRID,
            # Each errand is one of its own: the task's id stands where others name a leg.
            leg=task,
            due_on=errand.due_on,
            words=(task, seal_words(context, task, {"name": errand.name, "errand": errand.errand})),
            at=now,
        )
        uow.audit(
            AuditEntry(
                at=now,
                actor=principal.staff,
                post=str(grant.post),
                action="errand.given",
                object_type="task",
                object_id=task,
                detail={"kind": errand.kind},
            )
        )
        uow.result = {
            "id": task,
            "kind": errand.kind,
            "name": errand.name,
            "errand": errand.errand,
            "due_on": errand.due_on,
            "raised_at": now,
        }
    answer: dict[str, Any] = uow.result
    return answer


def _first_contact(context: Context, district: District) -> date:
    rule = district.limits["first_contact"]
    return deadline(rule, context.clock.now(), district.calendar, district.timezone).due_on
