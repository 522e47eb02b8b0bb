"""People among the figures: somebody is counted once for each programme and measure, where it first happened.

Who a person is nobody knows here: a token stands for somebody within one programme, or the request does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from services.referrals.domain.figures import NOTHING, Count, Figure


class Whom(NamedTuple):
    """One person under one measure: what stands for them, the programme, the measure."""

    person: str
    programme: str
    measure: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How many of the person's referrals count, and as which figure the person does; negative if taken back early."""

    number: int
    figure: Figure


def first_times(
    known: Mapping[Whom, Standing], changes: Iterable[tuple[Whom, Figure, int]]
) -> tuple[dict[Figure, Count], dict[Whom, Standing]]:
    """Find who is counted for the first time by some changes, and who no longer is.

    ``changes`` are (whom, figure, referrals more or less) in the order in which they happened. Gives what they add to
    the figures in people, and how everybody concerned stands afterwards, some of them at 0.
    """
    standing: dict[Whom, Standing] = {}
    counted: dict[Figure, Count] = {}
    for whom, figure, number in changes:
        before = standing.get(whom) or known.get(whom) or Standing(0, figure)
        after = Standing(before.number + number, before.figure if before.number > 0 else figure)
        for whose, more in ((after.figure, after.number > 0), (before.figure, -(before.number > 0))):
            if more:
                counted[whose] = counted.get(whose, NOTHING) + Count(0, people=int(more))
        standing[whom] = after
    return {figure: count for figure, count in counted.items() if count != NOTHING}, standing
