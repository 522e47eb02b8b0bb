"""Telling every service that the tokens of an account, or of an outside system, are no longer good."""

from __future__ import annotations

from datetime import datetime

from services.intake.domain.events import staff_fact
from services.intake.use_cases.context import Context
from shared import ids
from shared.db import UnitOfWork
from shared.identity import deny


def end_tokens(
    context: Context, uow: UnitOfWork, account: str, fact: str, *, sequence: int, since: datetime
) -> None:
    """Deny what was signed until ``since``, here and by ``staff.<fact>`` in every other service."""
    # Intake does not consume its own events; the others deny the account when theirs arrives.
    deny(uow.connection, account, since)
    uow.record(
        staff_fact(fact, id=ids.new(), source=context.source, staff=account, time=since, sequence=sequence)
    )
