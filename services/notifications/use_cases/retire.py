"""Messages are kept no longer than the cases they are about: their codes name legs, and legs are forgotten in time.

Source: 个人信息保护法 Art. 19 (no longer than is needed); the years are the pack's, as those of intake and referrals.
"""

from __future__ import annotations

from datetime import timedelta

from services.notifications.persistence import messages
from services.notifications.use_cases.contacts import retire_contacts
from services.notifications.use_cases.context import Context

AT_ONCE = 1000


def retire(context: Context) -> int:
    """Delete messages told so many years ago as a closed case is kept, at most 1,000; gives how many went."""
    years = int(context.directory.current().options["retention"]["closed_case_years"])
    before = context.clock.now() - timedelta(days=366 * years)
    with context.database.unit_of_work() as uow:
        return messages.retire(uow.connection, before, AT_ONCE) + retire_contacts(uow, before, AT_ONCE)
