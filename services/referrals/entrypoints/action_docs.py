"""What the API's description says of each action, read from the tables that decide about it."""

from __future__ import annotations

from collections.abc import Iterable

from services.referrals.domain.approvals import NEEDS_LEADER
from services.referrals.domain.side_actions import SIDE_ACTIONS, is_versioned
from services.referrals.domain.status import Status
from services.referrals.domain.transitions import TRANSITIONS, Way


def described(action: str) -> str:
    """Say when an action is possible, who takes it and what comes of it: a line, and a paragraph."""
    row, side = TRANSITIONS.get(action), SIDE_ACTIONS.get(action)
    known = row or side
    if known is None:
        raise LookupError(action)
    statuses = row.sources if row is not None else SIDE_ACTIONS[action].statuses
    sentences = [
        f"Possible while the referral is {_either(status.value for status in Status if status in statuses)}.",
        f"Taken by: {', '.join(sorted(known.roles))}.",
        f"{_leads(row.target if row is not None else Way.STAY)}, and is told as `{known.fact}`.",
    ]
    if action in NEEDS_LEADER:
        sentences.append("What needs the leader waits for their approval: the answer shows it as `pending`.")
    needs = "Needs `If-Match`; takes" if is_versioned(action) else "Takes"
    return f"{known.text.en}\n\n{' '.join(sentences)} {needs} `Idempotency-Key`."


def _leads(target: Status | Way) -> str:
    match target:
        case Way.BACK:
            return "Leads back to the status before"
        case Way.STAY:
            return "Leaves the status as it is"
        case _:
            return f"Leads to {target.value}"


def _either(names: Iterable[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
