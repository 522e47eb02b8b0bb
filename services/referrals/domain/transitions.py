"""The one table of what may happen to a referral: action, from which status, to which, by whom, and what it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from services.referrals.domain.errors import IllegalTransition
from services.referrals.domain.status import Status
from shared.text import Text


class Way(Enum):
    """Where an action leads if not to a status of its own."""

    BACK = "back"
    """To the status before the present one."""
    STAY = "stay"
    """Nowhere: the status stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of the table.

    ``roles`` are the posts that may take the action here; an empty set means that nobody who signs in may: it comes
    as a command from the help desk, from the clock, or with a successor's issue. ``required`` names the fields without
    which there is nothing to decide on; ``only_before_acceptance`` lists those statuses of ``sources`` from which the
    way is open only while the agency has not accepted, ``by_silence`` those from which it is the clock's alone, for
    want of a word from the agency. ``fact`` is the event told.
    """

    action: str
    text: Text
    sources: frozenset[Status]
    target: Status | Way
    roles: frozenset[str]
    fact: str
    required: tuple[str, ...] = ()
    only_before_acceptance: frozenset[Status] = frozenset()
    by_silence: frozenset[Status] = frozenset()


_DESK = frozenset({"desk"})
_AGENCY = frozenset({"desk", "leader"})
_COORDINATOR = frozenset({"coordinator"})
_NOBODY: frozenset[str] = frozenset()
_AT_WORK = frozenset({Status.ACCEPTED, Status.IN_PROGRESS})


def _row(
    action: str,
    text: Text,
    sources: frozenset[Status],
    target: Status | Way,
    roles: frozenset[str],
    fact: str,
    *required: str,
    only_before_acceptance: frozenset[Status] = frozenset(),
    by_silence: frozenset[Status] = frozenset(),
) -> Transition:
    return Transition(
        action=action,
        text=text,
        sources=sources,
        target=target,
        roles=roles,
        fact=f"referral.{fact}.v1",
        required=required,
        only_before_acceptance=only_before_acceptance,
        by_silence=by_silence,
    )


TRANSITIONS: Mapping[str, Transition] = MappingProxyType(
    {
        row.action: row
        for row in (
            _row(
                "issue", Text("送达", "Issue"), frozenset({Status.PLANNED}), Status.ISSUED, _NOBODY, "issued"
            ),
            _row(
                "acknowledge",
                Text("签收", "Acknowledge"),
                frozenset({Status.ISSUED}),
                Status.RECEIVED,
                _DESK,
                "acknowledged",
            ),
            _row(
                "accept",
                Text("受理", "Accept"),
                frozenset({Status.ISSUED, Status.RECEIVED, Status.AWAITING_DOCUMENTS}),
                Status.ACCEPTED,
                _DESK,
                "accepted",
                # Whoever means to hand it on stays answerable; the status stays, for the successor is on its way.
                by_silence=frozenset({Status.TRANSFER_PROPOSED}),
            ),
            _row(
                "request-documents",
                Text("一次性告知补正", "Ask for papers"),
                frozenset({Status.RECEIVED, *_AT_WORK}),
                Status.AWAITING_DOCUMENTS,
                _DESK,
                "documents-requested",
                "papers",
            ),
            _row(
                "documents-supplied",
                Text("补正材料", "Supply papers"),
                frozenset({Status.AWAITING_DOCUMENTS}),
                Way.BACK,
                _NOBODY,
                "documents-supplied",
            ),
            _row("start", Text("办理", "Start"), _AT_WORK, Status.IN_PROGRESS, _DESK, "step-recorded"),
            _row(
                "step",
                Text("登记步骤", "Record a step"),
                _AT_WORK,
                Status.IN_PROGRESS,
                _DESK,
                "step-recorded",
                "step",
            ),
            _row(
                "suspend",
                Text("中止", "Suspend"),
                _AT_WORK,
                Status.SUSPENDED,
                _DESK,
                "suspended",
                "reason",
                "review_on",
            ),
            _row("resume", Text("恢复", "Resume"), frozenset({Status.SUSPENDED}), Way.BACK, _DESK, "resumed"),
            _row("extend", Text("延期", "Extend"), _AT_WORK, Way.STAY, _AGENCY, "extended", "reason"),
            _row(
                "propose-return",
                Text("退回", "Propose a return"),
                frozenset({Status.ISSUED, Status.RECEIVED}),
                Status.RETURN_PROPOSED,
                _DESK,
                "return-proposed",
                "reason",
            ),
            _row(
                "confirm-return",
                Text("确认退回", "Confirm the return"),
                frozenset({Status.RETURN_PROPOSED}),
                Status.RETURNED,
                _COORDINATOR,
                "returned",
                "next",
            ),
            _row(
                "complete-return",
                Text("完成退回", "Complete the return"),
                frozenset({Status.RETURN_PROPOSED}),
                Status.RETURNED,
                _NOBODY,
                "returned",
            ),
            _row(
                "refuse-return",
                Text("不予退回", "Refuse the return"),
                frozenset({Status.RETURN_PROPOSED}),
                Way.BACK,
                _COORDINATOR,
                "return-refused",
                "reason",
            ),
            _row(
                "propose-transfer",
                Text("转办", "Propose a transfer"),
                frozenset({Status.RECEIVED, *_AT_WORK}),
                Status.TRANSFER_PROPOSED,
                _DESK,
                "transfer-proposed",
                "reason",
                "to_agency",
            ),
            _row(
                "complete-transfer",
                Text("完成转办", "Complete the transfer"),
                frozenset({Status.TRANSFER_PROPOSED}),
                Status.TRANSFERRED,
                _NOBODY,
                "transferred",
            ),
            _row(
                "refuse-transfer",
                Text("不予转办", "Refuse the transfer"),
                frozenset({Status.TRANSFER_PROPOSED}),
                Way.BACK,
                _NOBODY,
                "transfer-refused",
            ),
            _row("close", Text("办结", "Close"), _AT_WORK, Status.CLOSED, _DESK, "closed", "outcome"),
            _row(
                "lapse",
                Text("逾期未补正", "Lapse"),
                frozenset({Status.AWAITING_DOCUMENTS}),
                Status.CLOSED,
                _NOBODY,
                "closed",
            ),
            _row(
                "reopen",
                Text("重新办理", "Reopen"),
                frozenset({Status.CLOSED}),
                Status.IN_PROGRESS,
                _COORDINATOR,
                "reopened",
                "reason",
            ),
            _row(
                "cancel",
                Text("撤销", "Cancel"),
                frozenset(
                    {
                        Status.PLANNED,
                        Status.ISSUED,
                        Status.RECEIVED,
                        Status.RETURN_PROPOSED,
                        Status.AWAITING_DOCUMENTS,
                        Status.TRANSFER_PROPOSED,
                    }
                ),
                Status.CANCELLED,
                _NOBODY,
                "cancelled",
                "reason",
                only_before_acceptance=frozenset({Status.AWAITING_DOCUMENTS, Status.TRANSFER_PROPOSED}),
            ),
        )
    }
)

NAMED_ACTIONS = frozenset(TRANSITIONS)
"""Every action of the table."""


def is_open_to(transition: Transition, status: Status, *, accepted: bool, silent: bool = False) -> bool:
    """Tell whether a transition leads out of ``status``; ``accepted`` says whether the agency ever took it on.

    ``silent``: the clock takes it, because the agency has said nothing in its time.
    """
    if silent and status in transition.by_silence:
        return not accepted
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


def possible_by_hand(status: Status, *, accepted: bool) -> tuple[str, ...]:
    """Name the actions that somebody who signs in could take in ``status``, in table order."""
    by_hand = frozenset().union(*(row.roles for row in TRANSITIONS.values()))
    return possible_actions(status, accepted=accepted, roles=by_hand)


def transition_for(action: str, status: Status, *, accepted: bool, silent: bool = False) -> Transition:
    """Find the row for an action in a status; ``accepted`` and ``silent`` as in ``is_open_to``.

    Raises ``IllegalTransition`` when there is none, naming what somebody who signs in could do instead.
    """
    row = TRANSITIONS.get(action)
    if row is not None and is_open_to(row, status, accepted=accepted, silent=silent):
        return row
    raise IllegalTransition(action, status, possible_by_hand(status, accepted=accepted))
