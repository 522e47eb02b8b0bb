"""Where somebody may be told is not sent again once they are not to be told there: asked of intake, which knows it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING

from deploy.run_out import EXPIRED, INTAKE
from services.intake.persistence.contact import Stand, stands
from shared.clock import local_date
from shared.directory import Directory
from shared.events import Event, parse
from shared.inbox.letters import show_letter
from shared.messaging import service_user
from shared.outbox.replay import bodies
from shared.outbox.scrubbing import SCRUBBED, scrub_events

if TYPE_CHECKING:
    from shared.db import Database

GIVEN = "consent.contact-given.v1"
ENDED, REPLACED = "told-no-more", "replaced"


def told_no_more(
    databases: Mapping[str, Database], producer: str, events: Collection[str], at: datetime
) -> dict[str, str]:
    """Give those of these events that say where somebody may be told and are true no more, each with the reason.

    Withdrawn, ended or erased (``told-no-more``), past its last day (``expired``), or given anew (``replaced``).
    """
    if producer != INTAKE or not events:
        return {}
    with databases[INTAKE].read() as connection:
        found = [parse(body) for _, body in bodies(connection, events, {GIVEN}).values()]
    return _reasons(databases, found, at)


def empty_letter(databases: Mapping[str, Database], consumer: str, number: int, at: datetime) -> str | None:
    """Take the packet out of a letter that says where somebody may be told no more; gives the reason, if it was one.

    The letter is tried again all the same: without effect, so that what waits behind it goes on.
    Raises ``UnknownLetterError``.
    """
    letter = show_letter(databases[consumer], number)
    # A stranger's letter is what an operator is to look at, and is turned away again as it was.
    if letter.fields["type"] != GIVEN or letter.fields["user_id"] != service_user(INTAKE) or not letter.body:
        return None
    event = parse(letter.body)
    reason = _reasons(databases, [event], at).get(event.id)
    if reason is not None:
        with databases[consumer].unit_of_work() as uow:
            scrub_events(uow.connection, [event.id])
    return reason


def _reasons(databases: Mapping[str, Database], events: Collection[Event], at: datetime) -> dict[str, str]:
    sealed = [event for event in events if event.data["packet"] != SCRUBBED]
    if not sealed:
        return {}
    today = local_date(at, Directory(databases[INTAKE]).current().timezone)
    with databases[INTAKE].read() as connection:
        known = stands(connection, {event.subject for event in sealed})
    reasons = {event.id: _reason(known.get(event.subject), event.sequence, today) for event in sealed}
    return {event: reason for event, reason in reasons.items() if reason is not None}


def _reason(stand: Stand | None, sequence: int, today: date) -> str | None:
    if stand is None or stand.ended:
        return ENDED
    if stand.expires_on < today:
        return EXPIRED
    return REPLACED if sequence < stand.sequence else None
