"""What is told of an account: to the audit log, and to every service whose tokens of it are no longer good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.intake.domain.events import staff_fact
from shared import ids
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.identity import deny


def end_tokens(
    uow: UnitOfWork, account: str, fact: str, *, source: str, sequence: int, since: datetime
) -> None:
    """Deny what was signed until ``since``, here and by ``staff.<fact>`` in every other service.

    ``account`` may be an outside system, too.
    """
    # Intake does not consume its own events; the others deny the account when theirs arrives.
    deny(uow.connection, account, since)
    uow.record(staff_fact(fact, id=ids.new(), source=source, staff=account, time=since, sequence=sequence))


def entry(
    now: datetime,
    actor: str,
    account: str,
    action: str,
    reason: str | None = None,
    *,
    post: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEntry:
    """Make a line of the audit log about an account."""
    return AuditEntry(
        at=now,
        actor=actor,
        post=post,
        action=action,
        object_type="account",
        object_id=account,
        reason=reason,
        detail=detail or {},
    )
