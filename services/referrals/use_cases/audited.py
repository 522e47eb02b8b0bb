"""What somebody at an agency or at the coordinating office did or looked at, as a line of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.referrals.use_cases.context import Context
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.identity import Grant, Principal

LONGEST_ID = 64
"""What is asked about may be anything somebody typed; the log keeps the beginning."""


def audit(
    context: Context,
    uow: UnitOfWork,
    principal: Principal,
    grant: Grant,
    action: str,
    about: tuple[str, str],
    detail: Mapping[str, Any] | None = None,
    *,
    reason: str | None = None,
) -> None:
    """Write down what the principal does now ``about`` an object, by its type and id.

    ``detail`` holds codes, ids and counts, ``reason`` what they gave as one.
    """
    object_type, object_id = about
    uow.audit(
        AuditEntry(
            at=context.clock.now(),
            actor=principal.staff,
            post=str(grant.post),
            action=action,
            object_type=object_type,
            object_id=object_id[:LONGEST_ID],
            reason=reason,
            detail=detail or {},
        )
    )
