"""One change of a case: its events in their order, the lines of its history, and its count, in one transaction."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from services.intake.domain import events
from services.intake.domain.breaches import Breach
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.domain.request import LEG_ENDED, PLANNED
from services.intake.domain.steps import require
from services.intake.persistence import cases, life, rights
from services.intake.persistence import requests as store
from services.intake.use_cases.case import Case, CaseLeg, case_of
from services.intake.use_cases.context import Context
from services.intake.use_cases.may import steps_allowed
from services.intake.use_cases.missing import missing
from services.intake.use_cases.withdraw_request import StaleRequest
from shared import ids
from shared.audit import AuditEntry
from shared.clock import local_date
from shared.db import Once, UnitOfWork
from shared.db.reach import beyond
from shared.directory import District
from shared.events import Event
from shared.identity import Principal, allow

SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Which request is to be changed: ``action`` of the policy, ``step`` of a request's life.

    Without a ``step`` it may be done whatever the status. ``version`` is the one the caller saw, where he names one;
    ``also`` is another request to be held with it. ``leaves``: what is done takes it out of the reach of its doer.
    """

    request: str
    action: str
    step: str | None
    version: int | None = None
    also: str | None = None
    leaves: bool = False


@dataclass(frozen=True, slots=True)
class Doer:
    """Who does it, under which post."""

    staff: str
    post: str


class Deed:
    """What is done to one held request; ``close`` writes it down and counts it as one change."""

    def __init__(self, context: Context, uow: UnitOfWork, case: Case, at: datetime, by: Doer) -> None:
        self.context = context
        self.uow = uow
        self.case = case
        self.at = at
        self.by = by
        self.district: District = context.directory.current()
        self._sequence = case.sequence
        self._lines: list[dict[str, Any]] = []

    @property
    def today(self) -> date:
        """The day of the deed in the district's own time."""
        return local_date(self.at, self.district.timezone)

    def stamp(self, *, causation: str | None = None) -> events.Stamp:
        """Give what the next event of the request carries."""
        self._sequence += 1
        return events.Stamp(
            id=ids.new(),
            source=self.context.source,
            request=self.case.id,
            time=self.at,
            sequence=self._sequence,
            causation=causation,
        )

    def tell(self, event: Event) -> None:
        """Record an event made with the last stamp."""
        self.uow.record(event)

    def ask(
        self,
        leg: CaseLeg,
        verb: str,
        data: Mapping[str, Any],
        *,
        detail: Mapping[str, Any] | None = None,
        words: Mapping[str, Any] | None = None,
    ) -> str:
        """Ask something of a leg; gives the id of the command, by which its answer will name it."""
        stamp = self.stamp()
        self.tell(events.command(verb, stamp, leg=leg.id, agency=leg.agency, data=data))
        row = {
            "id": stamp.id,
            "request_id": self.case.id,
            "leg_id": leg.id,
            "verb": verb,
            "asked_at": self.at,
            "asked_by": self.by.staff,
        }
        cases.add_command(self.uow.connection, row)
        self.line(leg, f"{verb}-requested", detail=detail, words=words)
        return stamp.id

    def cancel(self, leg: CaseLeg, reason: str) -> None:
        """Ask for a leg's cancellation, which is noted with the leg itself."""
        self.tell(events.cancel_requested(self.stamp(), leg=leg.id, agency=leg.agency, reason=reason))
        store.ask_to_cancel(self.uow.connection, [leg.id], self.at)
        self.line(leg, "cancel-requested", detail={"reason": reason})

    def line(
        self,
        leg: CaseLeg,
        fact: str,
        *,
        detail: Mapping[str, Any] | None = None,
        words: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a line to the history of a leg; ``words`` are encrypted."""
        line = ids.at(self.at)
        encrypt = self.context.keyring.fields.encrypt
        self._lines.append(
            {
                "id": line,
                "request_id": self.case.id,
                "leg_id": leg.id,
                "fact": fact,
                "status": leg.status,
                "at": self.at,
                "sequence": 0,
                "staff": None if self.by.staff == SYSTEM else self.by.staff,
                "detail": dict(detail or {}),
                "words": encrypt("leg_events", "words", line, orjson.dumps(dict(words)) if words else None),
            }
        )

    def note(
        self,
        fact: str,
        *,
        status: str | None = None,
        detail: Mapping[str, Any] | None = None,
        words: Mapping[str, Any] | None = None,
    ) -> None:
        """Add a line to the history of the request as a whole; ``status`` is the one the deed leads to, if to another.

        ``words`` are encrypted.
        """
        row = ids.at(self.at)
        sealed = orjson.dumps(dict(words)) if words else None
        life.add_fact(
            self.uow,
            life.Fact(
                id=row,
                request=self.case.id,
                fact=fact,
                status=status or self.case.status,
                at=self.at,
                staff=None if self.by.staff == SYSTEM else self.by.staff,
                detail=dict(detail or {}),
                words=self.context.keyring.fields.encrypt("request_events", "words", row, sealed),
            ),
        )

    def audit(self, action: str, *, reason: str | None = None, **detail: Any) -> None:  # noqa: ANN401 - codes and counts
        """Add a line to the audit log."""
        self.uow.audit(
            AuditEntry(
                at=self.at,
                actor=self.by.staff,
                post=self.by.post,
                action=action,
                object_type="request",
                object_id=self.case.id,
                reason=reason,
                detail=detail,
            )
        )

    def answer(self, legs: Mapping[str, CaseLeg] | None = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Give the request as an answer shows it after the deed, with the legs it was about."""
        return {
            "id": self.case.id,
            "number": self.case.number,
            "status": self.case.status,
            "version": self.case.version + 1,
            "legs": [leg.brief for leg in (legs or {}).values()],
            **more,
        }

    def close(self) -> None:
        """Write the lines, and count the change with its events."""
        cases.write_down(self.uow.connection, self._lines)
        store.advance(self.uow.connection, self.case.id, sequence=self._sequence, at=self.at, withdrawn=False)


@contextmanager
def changing(
    context: Context, principal: Principal, change: Change, *, once: Once | None = None
) -> Iterator[Deed]:
    """Hold a request within reach and let it be changed; what is done commits at the end, or nothing does.

    Raises:
        Forbidden: no post of the principal allows the action.
        NotThere: there is no such request within reach.
        StaleRequest: it is no longer at ``version``.
        IllegalStep: its status does not allow the step.
        Breach: its time is over and it was emptied, or its person is to be erased.
    """
    grant = allow(principal, change.action)
    at = context.clock.now()
    with context.database.unit_of_work(once=once) as uow:
        if change.also is not None:
            # Both in one order, so that two who hold the same two never wait for each other.
            cases.hold_both(uow.connection, change.request, change.also)
        case = held_case(context, uow, change.request)
        if not grant.reaches(unit=case.unit, street=case.street):
            raise OutOfReach("request", case.id)
        if change.version not in {None, case.version}:
            raise StaleRequest(case.version, case.status, change.version)
        if case.held.request["forgotten_at"] is not None:
            raise Breach("content-removed")
        if rights.approved(uow.connection, case.id):
            # Stored until a hold ends, and used for nothing else.
            raise Breach("erasure-under-way")
        if change.step is not None:
            require(case.stand, change.step, steps_allowed(principal, unit=case.unit, street=case.street))
        deed = Deed(context, uow, case, at, Doer(principal.staff, str(grant.post)))
        # Of what is no longer one's own the rest could not be written.
        with beyond(uow.connection) if change.leaves else nullcontext():
            yield deed
            deed.close()


def held_case(context: Context, uow: UnitOfWork, request: str) -> Case:
    """Load and hold one request; raises ``NotThere`` when there is none."""
    try:
        wanted = str(uuid.UUID(request))
    except ValueError as error:
        raise NotThere from error
    today = local_date(context.clock.now(), context.directory.current().timezone)
    held = cases.hold(uow.connection, wanted, today)
    if held is None:
        raise missing(uow.connection, "request", wanted)
    return case_of(context, held)


def require_sendable(deed: Deed, leg: CaseLeg) -> frozenset[str]:
    """Object to sending anything new to a leg's agency that no consent covers; gives the data kinds consented to.

    Raises:
        Breach: the leg has ended, was frozen or not issued yet, or its consent has ended.
    """
    if leg.status in LEG_ENDED:
        raise Breach("leg-ended")
    return require_covered(deed, leg)


def require_covered(deed: Deed, leg: CaseLeg) -> frozenset[str]:
    """As ``require_sendable``, whether or not the leg has ended."""
    if leg.status == PLANNED:
        raise Breach("leg-not-issued")
    if leg.frozen:
        raise Breach("leg-frozen")
    return require_consent(deed, leg)


def require_consent(deed: Deed, leg: CaseLeg) -> frozenset[str]:
    """Give the data kinds that the person lets a leg's agency learn today; raises ``Breach`` where it is none."""
    kinds = deed.case.kinds(leg.agency, leg.need.programme, deed.today)
    if not kinds:
        raise Breach("consent-ended")
    return kinds
