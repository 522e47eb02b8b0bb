"""Years after its last leg has ended a request is emptied, and whoever asked forgotten with the last of theirs.

Sources: PIPL Art. 19 and 47 (no longer than is needed); the years are the pack's, as those of referrals.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping

from services.intake.domain import contact as contact_rules
from services.intake.domain import timers
from services.intake.persistence import forgetting, life, rights
from services.intake.use_cases import contact
from services.intake.use_cases.deed import Deed, Doer, held_case
from services.intake.use_cases.erasing import carry_out
from services.intake.use_cases.moment import Moment, Next
from services.intake.use_cases.tasks import SYSTEM
from shared import ids
from shared.audit import AuditEntry
from shared.clock import local_date
from shared.directory import District

REMOVED = "content-removed"


def kept_until(district: District, ended_at: datetime) -> datetime:
    """Give the moment until which what a request says is kept, after its last leg ended."""
    years = district.options["retention"]["closed_case_years"]
    return timers.after_years(local_date(ended_at, district.timezone), years, district.timezone)


def empty_request(moment: Moment, request: RowMapping) -> Next:
    """Empty a request whose time is over; whoever asked is forgotten with it, or later.

    Where its person is to be erased and only a hold is in the way, that is done as the hold ends.
    """
    if request["ended_at"] is None:
        return Next()
    erasure = rights.approved(moment.uow.connection, request["id"])
    until = erasure["hold_until"] if erasure else kept_until(moment.district, request["ended_at"])
    if moment.now < until:
        return Next(timers.FORGET, until)
    if erasure:
        deed = Deed(
            moment.context,
            moment.uow,
            held_case(moment.context, moment.uow, request["id"]),
            moment.now,
            Doer(SYSTEM, SYSTEM),
        )
        carry_out(deed, erasure["id"])
        deed.close()
        return Next()
    contact.end(moment.context, moment.uow, request["id"], contact_rules.REMOVED, at=moment.now, by=SYSTEM)
    gone = forgetting.empty(moment.uow.connection, request["id"], moment.now)
    life.add_fact(
        moment.uow,
        life.Fact(
            id=ids.at(moment.now),
            request=request["id"],
            fact=REMOVED,
            status=request["status"],
            at=moment.now,
            staff=None,
            detail={},
        ),
    )
    _audit(moment, request, "request.forgotten", papers=gone)
    return forget_person(moment, request)


def forget_person(moment: Moment, request: RowMapping) -> Next:
    """Forget the person of an emptied request, unless another request of theirs is open or kept for longer."""
    connection, person = moment.uow.connection, request["person_id"]
    others = forgetting.others_of(connection, request["id"], person)
    if others.running:
        return Next(timers.FORGET_PERSON, moment.now + timers.LOOK_AGAIN)
    if others.last is not None and moment.now < (until := kept_until(moment.district, others.last)):
        return Next(timers.FORGET_PERSON, until)
    nobody = moment.context.keyring.fields.encrypt("people", "name", person, "")
    forgetting.forget_person(connection, request["id"], person, nobody)
    _audit(moment, request, "person.forgotten")
    return Next()


def _audit(moment: Moment, request: RowMapping, action: str, **detail: int) -> None:
    moment.uow.audit(
        AuditEntry(
            at=moment.now,
            actor=SYSTEM,
            post=SYSTEM,
            action=action,
            object_type="request",
            object_id=request["id"],
            detail=detail,
        )
    )
