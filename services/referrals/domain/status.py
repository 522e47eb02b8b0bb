"""The statuses of a referral, what people call them, and whether its clock runs in them."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from shared.clock import StatusKind
from shared.text import Text


class Status(StrEnum):
    """Where a referral stands."""

    PLANNED = "planned"
    ISSUED = "issued"
    RECEIVED = "received"
    AWAITING_DOCUMENTS = "awaiting-documents"
    ACCEPTED = "accepted"
    IN_PROGRESS = "in-progress"
    SUSPENDED = "suspended"
    RETURN_PROPOSED = "return-proposed"
    TRANSFER_PROPOSED = "transfer-proposed"
    RETURNED = "returned"
    TRANSFERRED = "transferred"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Tab(StrEnum):
    """The three drawers of an agency's desk."""

    TODO = "todo"
    DOING = "doing"
    DONE = "done"


STATUS_TEXTS: Mapping[Status, Text] = MappingProxyType(
    {
        Status.PLANNED: Text("待分派", "Planned"),
        Status.ISSUED: Text("待签收", "Issued"),
        Status.RECEIVED: Text("已签收", "Received"),
        Status.AWAITING_DOCUMENTS: Text("待补正", "Awaiting documents"),
        Status.ACCEPTED: Text("已受理", "Accepted"),
        Status.IN_PROGRESS: Text("在办", "In progress"),
        Status.SUSPENDED: Text("中止", "Suspended"),
        Status.RETURN_PROPOSED: Text("退回待确认", "Return proposed"),
        Status.TRANSFER_PROPOSED: Text("转办中", "Transfer proposed"),
        Status.RETURNED: Text("已退回", "Returned"),
        Status.TRANSFERRED: Text("已转办", "Transferred"),
        Status.CLOSED: Text("办结", "Closed"),
        Status.CANCELLED: Text("撤销", "Cancelled"),
    }
)

ENDED = frozenset({Status.RETURNED, Status.TRANSFERRED, Status.CLOSED, Status.CANCELLED})
LET_GO = frozenset({Status.RETURNED, Status.TRANSFERRED, Status.CANCELLED})
"""The agency has no business with the person any more; one that has closed a referral still answers for it."""
HANDED_ON = frozenset({Status.RETURNED, Status.TRANSFERRED})
"""Somebody else was to go on with it: what the agency was sent lies there still."""
PAUSED = frozenset({Status.AWAITING_DOCUMENTS, Status.SUSPENDED})

TABS: Mapping[Tab, frozenset[Status]] = MappingProxyType(
    {
        Tab.TODO: frozenset({Status.ISSUED, Status.RECEIVED, Status.RETURN_PROPOSED}),
        Tab.DOING: frozenset(
            {
                Status.ACCEPTED,
                Status.IN_PROGRESS,
                Status.AWAITING_DOCUMENTS,
                Status.SUSPENDED,
                Status.TRANSFER_PROPOSED,
            }
        ),
        Tab.DONE: ENDED,
    }
)


def status_kind(status: Status) -> StatusKind:
    """Tell whether time counts in a status: ``running``, ``paused`` or ``ended``."""
    if status in ENDED:
        return "ended"
    return "paused" if status in PAUSED else "running"
