"""What somebody at a desk did or looked at, as a line of the audit log."""

from __future__ import annotations

from services.intake.use_cases.context import Context
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.identity import Grant, Principal


def audit(
    context: Context,
    uow: UnitOfWork,
    principal: Principal,
    grant: Grant,
    action: str,
    object_type: str,
    object_id: str,
    **detail: str,
) -> None:
    """Write down what the principal does now; ``detail`` holds codes and ids."""
    uow.audit(
        AuditEntry(
            at=context.clock.now(),
            actor=principal.staff,
            post=str(grant.post),
            action=action,
            object_type=object_type,
            object_id=object_id,
            detail=detail,
        )
    )
