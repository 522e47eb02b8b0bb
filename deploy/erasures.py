"""The list of tombstones, which outlives every copy of a database, and erasing again what an older copy brings back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from services.intake import bootstrap as intake_parts
from services.intake.config import Config as IntakeConfig
from services.intake.persistence import rights
from services.intake.use_cases.erasing import reapply as erase_at_intake
from services.notifications import bootstrap as notifications_parts
from services.notifications.config import Config as NotificationsConfig
from services.notifications.persistence import messages
from services.notifications.use_cases.contacts import forget_contacts
from services.referrals import bootstrap as referrals_parts
from services.referrals.config import Config as ReferralsConfig
from services.referrals.persistence import referrals
from services.referrals.use_cases.erase import erase_request

if TYPE_CHECKING:
    from services.intake.use_cases.context import Context as Intake
    from services.notifications.use_cases.context import Context as Notifications
    from services.referrals.use_cases.context import Context as Referrals
    from shared.db import Database

Tombstone = tuple[str, datetime]
"""A request whose person was erased, and when; it tells of nobody."""


class BadList(ValueError):
    """A line of a list of tombstones is none; ``line`` counts from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is no tombstone")
        self.line = line


def tombstones(databases: Mapping[str, Database]) -> list[Tombstone]:
    """Give every tombstone there is, oldest first."""
    with databases["intake"].read() as connection:
        return rights.tombstones(connection)


def written(listed: Iterable[Tombstone]) -> str:
    """Write a list, one ``request moment`` a line."""
    return "".join(f"{request} {at.astimezone(UTC).isoformat()}\n" for request, at in listed)


def read(text: str) -> list[Tombstone]:
    """Read a list. Raises ``BadList`` naming the first line that is none."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            request, at = line.split()
            found.append((request, datetime.fromisoformat(at)))
        except ValueError as error:
            raise BadList(number) from error
    return found


def contexts(environ: Mapping[str, str]) -> tuple[Intake, Referrals, Notifications]:
    """Open what the three services work with; raises as their ``context`` does."""
    return (
        intake_parts.context(IntakeConfig.from_environment(environ)),
        referrals_parts.context(ReferralsConfig.from_environment(environ)),
        notifications_parts.context(NotificationsConfig.from_environment(environ)),
    )


def reapply(
    intake: Intake, of_referrals: Referrals, of_notifications: Notifications, listed: Sequence[Tombstone]
) -> int:
    """Erase in all three databases whatever of a list is not erased there; gives in how many places something was.

    Each does its own, without waiting for events: in an older copy their order may no longer hold.
    """
    done = 0
    for request, at in listed:
        done += erase_at_intake(intake, request, at)
        with of_referrals.database.unit_of_work() as uow:
            legs = referrals.ids_of(uow.connection, request)
            done += erase_request(of_referrals, uow, request, at) > 0
        with of_notifications.database.unit_of_work() as uow:
            gone = messages.forget(uow.connection, legs) if legs else 0
            done += gone + forget_contacts(uow, request, at) > 0
    return done
