"""How many papers one member of staff may hand in on a day: each is opened, judged and encrypted, which is dear."""

from __future__ import annotations

from services.intake.use_cases.context import Context
from shared.audit.quota import spent
from shared.identity import Principal

ADDED = "paper.added"


def hold_to_quota(context: Context, principal: Principal) -> None:
    """Raise ``QuotaSpent`` for more papers than anybody scans in a day; asked before the file is looked at."""
    with context.database.read() as connection:
        refusal = spent(
            connection,
            principal.staff,
            ADDED,
            context.clock.now(),
            context.directory.current().timezone,
        )
    if refusal is not None:
        raise refusal
