"""The one table of what may happen to a referral: action, from which status, to which, by whom, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.referrals.domain.errors import IllegalTransition
from services.referrals.domain.status import Status
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table.

    ``roles`` are the posts that may take the action here; an empty set means that nobody who signs in may: the
    referral is opened by its request, and cancelled by a command from the help desk that filed it. ``required`` names
    the fields without which there is nothing to decide on; ``only_before_acceptance`` lists those statuses of
    ``sources`` from which the way is open only while the agency has not accepted. ``fact`` is the event told.
    """

    action: str
    text: Text
    sources: frozenset[Status]
    target: Status
    roles: frozenset[str]
    fact: str
    required: tuple[str, ...] = ()
    only_before_acceptance: frozenset[Status] = frozenset()


_DESK = frozenset({"desk"})
_NOBODY: frozenset[str] = frozenset()

TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {
        row.action: row
        for row in (
            Transition(
                action="issue",
                text=Text("送达", "Issue"),
                sources=frozenset({Status.PLANNED}),
                target=Status.ISSUED,
                roles=_NOBODY,
                fact="referral.issued.v1",
            ),
            Transition(
                action="acknowledge",
                text=Text("签收", "Acknowledge"),
                sources=frozenset({Status.ISSUED}),
                target=Status.RECEIVED,
                roles=_DESK,
                fact="referral.acknowledged.v1",
            ),
            Transition(
                action="accept",
                text=Text("受理", "Accept"),
                sources=frozenset({Status.ISSUED, Status.RECEIVED, Status.AWAITING_DOCUMENTS}),
                target=Status.ACCEPTED,
                roles=_DESK,
                fact="referral.accepted.v1",
            ),
            Transition(
                action="start",
                text=Text("办理", "Start"),
                sources=frozenset({Status.ACCEPTED, Status.IN_PROGRESS}),
                target=Status.IN_PROGRESS,
                roles=_DESK,
                fact="referral.step-recorded.v1",
            ),
            Transition(
                action="close",
                text=Text("办结", "Close"),
                sources=frozenset({Status.ACCEPTED, Status.IN_PROGRESS}),
                target=Status.CLOSED,
                roles=_DESK,
                fact="referral.closed.v1",
                required=("outcome",),
            ),
            Transition(
                action="cancel",
                text=Text("撤销", "Cancel"),
                sources=frozenset(
                    {
                        Status.PLANNED,
                        Status.ISSUED,
                        Status.RECEIVED,
                        Status.RETURN_PROPOSED,
                        Status.AWAITING_DOCUMENTS,
                        Status.TRANSFER_PROPOSED,
                    }
                ),
                target=Status.CANCELLED,
                roles=_NOBODY,
                fact="referral.cancelled.v1",
                required=("reason",),
                only_before_acceptance=frozenset({Status.AWAITING_DOCUMENTS, Status.TRANSFER_PROPOSED}),
            ),
        )
    }
)

NAMED_ACTIONS = frozenset(
    {
        *TRANSITIONS,
        "request-documents",
        "documents-supplied",
        "step",
        "suspend",
        "resume",
        "extend",
        "propose-return",
        "confirm-return",
        "refuse-return",
        "propose-transfer",
        "complete-transfer",
        "refuse-transfer",
        "reopen",
    }
)
"""Every action that has a name in a referral's life; one without a row above is possible in no status."""

BY_COMMAND: Mapping[str, Text] = MappingProxyType(
    {
        "issue": Text(
            "转介由系统在收到申请时送达，不在此处操作。",
            "A referral is issued when its request arrives, not here.",
        ),
        "cancel": Text(
            "撤销由登记窗口提出，请在原登记处操作。",
            "Cancelling starts at the desk that filed the request; please ask there.",
        ),
        "documents-supplied": Text(
            "补正材料由登记窗口提交，请在原登记处操作。",
            "Papers are supplied through the desk that filed the request.",
        ),
    }
)
"""Actions that reach this service only as messages, and what to tell whoever tries them here."""


def is_open_to(transition: Transition, status: Status, *, accepted: bool) -> bool:
    """Tell whether a transition leads out of ``status``; ``accepted`` says whether the agency ever took it on."""
    if status not in transition.sources:
        return False
    return not (accepted and status in transition.only_before_acceptance)


def possible_actions(
    status: Status, *, accepted: bool, roles: frozenset[str] | None = None
) -> tuple[str, ...]:
    """Name the actions that lead on from ``status``, in table order; with ``roles`` only those these may take."""
    return tuple(
        row.action
        for row in TRANSITIONS.values()
        if is_open_to(row, status, accepted=accepted) and (roles is None or row.roles & roles)
    )


def transition_for(action: str, status: Status, *, accepted: bool) -> Transition:
    """Find the row for an action in a status.

    Raises ``IllegalTransition`` when there is none, naming what somebody at a desk could do instead.
    """
    row = TRANSITIONS.get(action)
    if row is not None and is_open_to(row, status, accepted=accepted):
        return row
    by_hand = frozenset().union(*(row.roles for row in TRANSITIONS.values()))
    raise IllegalTransition(action, status, possible_actions(status, accepted=accepted, roles=by_hand))
