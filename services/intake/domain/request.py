"""The life of a request: its statuses and the one table of steps between them.

Referrals alone decides the status of a leg; intake mirrors what the events said and draws from it its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from services.intake.domain.errors import IllegalStep
from shared.text import Text

SUBMITTED, IN_PROGRESS, ENDED, WITHDRAWN = "submitted", "in-progress", "ended", "withdrawn"
STATUSES = (SUBMITTED, IN_PROGRESS, ENDED, WITHDRAWN)
OPEN = frozenset({SUBMITTED, IN_PROGRESS})

LEG_ISSUED, LEGS_ENDED, LEGS_WITHDRAWN = "leg-issued", "legs-ended", "legs-withdrawn"

TRANSITIONS: Mapping[tuple[str, str], str] = {
    (SUBMITTED, LEG_ISSUED): IN_PROGRESS,
    (SUBMITTED, LEGS_ENDED): ENDED,
    (IN_PROGRESS, LEGS_ENDED): ENDED,
    (SUBMITTED, LEGS_WITHDRAWN): WITHDRAWN,
    (IN_PROGRESS, LEGS_WITHDRAWN): WITHDRAWN,
}
"""(status, what happened) → status. ``legs-withdrawn``: all legs are cancelled after the whole was withdrawn."""

PLANNED = "planned"
CANCELLED = "cancelled"
LEG_ENDED = frozenset({"closed", "cancelled", "returned", "transferred"})
"""Statuses in which a leg has come to its end."""

LEG_PAUSED = frozenset({"awaiting-documents", "suspended"})
"""Statuses in which the agency's time stands still."""

UNANSWERED = frozenset({PLANNED, "issued", "received", "return-proposed"})
"""Statuses in which referrals will cancel a leg; told beforehand, decided there."""

REASONS: Mapping[str, Text] = {
    "withdrawn-by-person": Text("本人不再需要", "The person no longer wants it"),
    "circumstances-changed": Text("情况已变化", "Circumstances have changed"),
    "filed-in-error": Text("登记有误", "Filed in error"),
    "duplicate": Text("重复登记", "Filed twice"),
    "consent-withdrawn": Text("本人撤回同意", "Consent withdrawn"),
}
"""Why a leg is withdrawn: codes only, since the reason is told to the agency."""


def statuses_before(fact: str) -> tuple[str, ...]:
    """List the statuses in which ``fact`` moves a request on."""
    return tuple(status for status, happened in TRANSITIONS if happened == fact)


def status_after(fact: str) -> str:
    """Give the one status to which ``fact`` leads."""
    (target,) = {after for (_status, happened), after in TRANSITIONS.items() if happened == fact}
    return target


def require_open(status: str) -> None:
    """Object, if the request has come to its end, to changing it.

    Raises:
        IllegalStep: with the present status; nothing is possible any more.
    """
    if status not in OPEN:
        raise IllegalStep(
            status,
            (),
            Text(
                f"申请已{LABELS[status].zh}，不能再撤回。",
                f"The request is {status} and can no longer be withdrawn.",
            ),
        )


def legs_to_cancel(legs: Iterable[tuple[str, str, bool]], wanted: Iterable[str]) -> list[str]:
    """Choose the legs for which a cancellation is to be asked.

    ``legs`` are (id, status, whether a cancellation is already under way); ``wanted`` the ids to withdraw, none
    meaning all. An ended leg or one already asked for is left out when all are meant, and objected to when named.

    Raises:
        IllegalStep: when a named leg has ended or is being withdrawn, or nothing is left to withdraw.
    """
    by_id = {leg: (status, asked) for leg, status, asked in legs}
    named = list(wanted)
    for leg in named:
        status, asked = by_id[leg]
        if status in LEG_ENDED:
            raise IllegalStep(
                status, (), Text("该事项已结束，不能撤回。", "This leg has ended; it cannot be withdrawn.")
            )
        if asked:
            raise IllegalStep(
                status, (), Text("该事项的撤回正在处理。", "This leg is already being withdrawn.")
            )
    chosen = named or [leg for leg, (status, asked) in by_id.items() if status not in LEG_ENDED and not asked]
    if not chosen:
        raise IllegalStep(
            "withdrawal-requested", (), Text("没有可撤回的事项。", "There is nothing left to withdraw.")
        )
    return chosen


LABELS: Mapping[str, Text] = {
    SUBMITTED: Text("提交", "submitted"),
    IN_PROGRESS: Text("在办", "in progress"),
    ENDED: Text("办结", "ended"),
    WITHDRAWN: Text("撤回", "withdrawn"),
}
