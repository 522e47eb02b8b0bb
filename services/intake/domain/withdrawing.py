"""Which legs of a request can be withdrawn: those under way, and those that have ended on a waiting list."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.domain.errors import IllegalStep
from services.intake.domain.request import CLOSED, LEG_ENDED
from services.intake.domain.steps import Stand
from shared.text import Text

WAITING = "waitlisted"
"""How a leg stands that has ended on a waiting list: a place may still come of it, so it can be withdrawn."""

WITHDRAWN = "withdrawn"
"""The outcome of a leg that ended at the person's own wish, as by giving the turn up."""


def standing(status: str, outcome: str | None) -> str:
    """Give how a leg stands towards being withdrawn: its status, or that it waits for a place."""
    return WAITING if (status, outcome) == (CLOSED, WAITING) else status


def stand_of(
    status: str, legs: Iterable[tuple[str, str | None]], *, checking: bool, sent_back: bool
) -> Stand:
    """Say what decides on what can be done with a request; ``legs`` are (status, outcome)."""
    of_legs = list(legs)
    return Stand(
        status=status,
        checking=checking,
        sent_back=sent_back,
        waiting=any(standing(*leg) == WAITING for leg in of_legs),
        closed=any(leg_status == CLOSED for leg_status, _ in of_legs),
    )


def legs_to_cancel(legs: Iterable[tuple[str, str, bool]], wanted: Iterable[str]) -> list[str]:
    """Choose the legs for which a cancellation is to be asked.

    ``legs`` are (id, ``standing``, whether a cancellation is already under way); ``wanted`` the ids to withdraw, none
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
