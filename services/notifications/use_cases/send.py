"""Sends persons what they are to be told: one attempt at a time, written down before it is made and after.

Nobody can hand something to a gateway and write that down in one step. So the attempt is committed first; whoever dies
in it leaves a row that nobody takes again, and after a while it says that nothing is known of it. The same holds for
an answer that never came: a message may be missing then, and is never sent twice by us. What certainly was not taken
is tried again, ever more seldom, until the news are too old.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy import RowMapping

from services.notifications.domain.persons import (
    ASK_AGAIN,
    FAILED,
    LEASE,
    SENDING,
    SENT,
    SENTENCES,
    UNKNOWN,
    WAITING,
    Hours,
    wait_after,
)
from services.notifications.persistence import contacts, sendings
from services.notifications.use_cases.context import Context
from shared.audit import AuditEntry
from shared.channels import Channel, Outcome, Result
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.directory import District
from shared.sealing import CannotOpen
from shared.sealing.packets import INTAKE, NOTIFICATIONS
from shared.telemetry.failpoints import failpoint
from shared.text import Text

SYSTEM = "system"
BUDGET_SECONDS = 5.0
"""Other timers wait meanwhile: after so long the rest is left for the next tick."""
REPLAYED, NO_ADDRESS = "replayed", "no-address"
ADDRESSES: Mapping[str, str] = {"sms": "phone", "mail": "mail"}
EXPIRED, ENDED, TOO_OLD, LOST, DEMO, JOINED = "expired", "consent-ended", "too-old", "lost", "demo", "joined"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Taken:
    """One attempt that is committed: nobody else makes it."""

    row: RowMapping
    channel: str
    attempt: int


class Sender:
    """Tells persons what happened, by the channels the installation has; several may run at once, on any machine."""

    def __init__(
        self,
        context: Context,
        channels: Mapping[str, Channel],
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._channels = channels
        self._monotonic = monotonic

    def tick(self) -> int:
        """Send what is due; gives how many attempts were made. In the quiet hours, and of a demo, nothing goes out."""
        now = self._context.clock.now()
        district = self._context.directory.current()
        hours = Hours.of(district.timezone, district.options)
        today = local_date(now, district.timezone)
        with self._context.database.read() as connection:
            if not sendings.anything(connection, now, today):
                return 0
        with self._context.database.unit_of_work() as uow:
            contacts.end_expired(uow.connection, today, EXPIRED, now)
            sendings.lose(uow.connection, now - LEASE, now, LOST)
            sendings.drop(uow.connection, now, alone=ENDED, late=TOO_OLD)
            if district.demo:
                sendings.withhold(uow.connection, now, DEMO)
        if district.demo or not self._channels or not hours.open_at(now):
            return 0
        return self._send_due(district, hours)

    def _send_due(self, district: District, hours: Hours) -> int:
        until, made = self._monotonic() + BUDGET_SECONDS, 0
        while self._monotonic() < until:
            taken = self._take(hours)
            if taken is None:
                break
            if taken.channel:
                made += 1
                if self._attempt(district, taken).away:
                    # Whoever waits behind is not made to fail, too.
                    break
        return made

    def _take(self, hours: Hours) -> _Taken | None:
        """Take the next message in hand and commit that; without a channel it was only put off."""
        now = self._context.clock.now()
        with self._context.database.unit_of_work() as uow:
            row = sendings.take(uow.connection, now)
            if row is None:
                return None
            usable = [channel for channel in row["channels"] if channel in self._channels]
            if not usable:
                sendings.change(uow.connection, row["id"], due_at=now + ASK_AGAIN)
                return _Taken(row, "", 0)
            since = hours.day_began(now)
            if not row["urgent"] and sendings.told_since(uow.connection, row["request"], since):
                sendings.change(uow.connection, row["id"], due_at=hours.tomorrow(now))
                return _Taken(row, "", 0)
            attempt = row["attempts"] + 1
            begun = {"state": SENDING, "channel": usable[0], "attempts": attempt, "attempted_at": now}
            sendings.change(uow.connection, row["id"], **begun)
            self._audit(uow, row, "contact.opened", now)
        return _Taken(row, usable[0], attempt)

    def _attempt(self, district: District, taken: _Taken) -> Result:
        failpoint("sender.before-sending")
        row = taken.row
        try:
            claims = self._context.keyring.open(
                row["packet"], NOTIFICATIONS, "contact", row["contact"], sender=INTAKE
            )
        except CannotOpen as error:
            return self._refuse(taken, error.reason)
        address = claims.body.get(ADDRESSES[taken.channel])
        if claims.rev != row["rev"] or not isinstance(address, str):
            return self._refuse(taken, REPLAYED if claims.rev != row["rev"] else NO_ADDRESS)
        subject, text = _words(district, row["words"], str(claims.body.get("language")))
        result = self._channels[taken.channel].send(row["id"], address, subject, text)
        failpoint("sender.after-sending")
        self._write_down(taken, result)
        return result

    def _write_down(self, taken: _Taken, result: Result) -> None:
        now = self._context.clock.now()
        with self._context.database.unit_of_work() as uow:
            values = _AFTER[result.outcome](taken, now) | {"reason": result.reason or None}
            mine = sendings.settle(uow.connection, taken.row["id"], taken.attempt, **values)
            if mine and result.outcome is Outcome.SENT:
                sendings.join(uow.connection, taken.row, now, JOINED)
        log.info(
            "person.told" if result.outcome is Outcome.SENT else "person.not-told",
            sending=taken.row["id"],
            channel=taken.channel,
            outcome=result.outcome.value,
            reason=result.reason,
            attempt=taken.attempt,
        )

    def _refuse(self, taken: _Taken, reason: str) -> Result:
        """Use a packet no more that is not what it should be; it is kept, and an operator is told why."""
        now, code = self._context.clock.now(), f"packet-{reason}"
        with self._context.database.unit_of_work() as uow:
            contacts.put_aside(uow.connection, taken.row["contact"], code, now)
            ended = {"state": FAILED, "reason": code, "finished_at": now}
            sendings.settle(uow.connection, taken.row["id"], taken.attempt, **ended)
            self._audit(uow, taken.row, "contact.refused", now, reason=reason)
        log.warning("contact.refused", contact=taken.row["contact"], reason=reason)
        return Result(Outcome.REFUSED, code)

    def _audit(
        self, uow: UnitOfWork, row: RowMapping, action: str, now: datetime, *, reason: str | None = None
    ) -> None:
        uow.audit(
            AuditEntry(
                at=now,
                actor=SYSTEM,
                post=SYSTEM,
                action=action,
                object_type="contact",
                object_id=row["contact"],
                reason=reason,
                detail={"event": row["event_id"]},
            )
        )


def _later(taken: _Taken, now: datetime) -> dict[str, Any]:
    return {"state": WAITING, "due_at": now + wait_after(taken.attempt)}


_AFTER: Mapping[Outcome, Callable[[_Taken, datetime], dict[str, Any]]] = {
    Outcome.SENT: lambda _, now: {"state": SENT, "finished_at": now},
    Outcome.NOT_TAKEN: _later,
    Outcome.REFUSED: lambda _, now: {"state": FAILED, "finished_at": now},
    Outcome.UNKNOWN: lambda _, now: {"state": UNKNOWN, "finished_at": now},
}
"""What becomes of a message after an attempt. One that was not taken waits, and is given up when its news are old."""


def _words(district: District, words: str, language: str) -> tuple[str, str]:
    """Give subject and text in the person's language: the district's fixed sentence, which names nobody."""
    sentence: Text = district.texts.get(f"person.{words}") or SENTENCES[words]
    service = district.product_name.of(language)
    return service, sentence.of(language).format(service=service)
