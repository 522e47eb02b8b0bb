"""How a referral began, which its history holds no line of, and what every line of a history is called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.referrals.domain.referral import Referral
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.status import Status
from services.referrals.domain.transitions import TRANSITIONS
from shared.text import Text

ISSUE, PLAN = "issue", "plan"

ACTION_TEXTS: Mapping[str, Text] = MappingProxyType(
    {
        PLAN: Text("登记待分派", "Plan"),
        **{action: row.text for action, row in TRANSITIONS.items()},
        **{action: row.text for action, row in SIDE_ACTIONS.items()},
        "ask-approval": Text("提请审批", "Approval asked for"),
        "erase": Text("删除本人资料", "Person erased"),
    }
)
"""Action of a line → what people call it."""


def beginning(referral: Referral) -> tuple[str, Status]:
    """Give the first action and status of a referral whose history has no issue: it came with one, or never had any."""
    return (ISSUE, Status.ISSUED) if referral.has_been_issued else (PLAN, Status.PLANNED)
