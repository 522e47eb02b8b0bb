"""Standing in for a colleague: which posts may be stood in for, by whom, and for how long."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from services.intake.domain.errors import Fault, InvalidFiling
from shared.text import Text

if TYPE_CHECKING:
    from shared.identity import Post

ROLES = frozenset({"hut", "specialist", "desk", "leader"})
"""Posts with work that cannot wait. Who supervises, runs the platform or audits is not stood in for: the pack names a
second person for that, who shows under their own name."""
LONGEST = timedelta(days=366)
StreetOf = Callable[[str], str | None]
"""Gives the street of a unit, by their codes."""

NOBODY = Text("没有这个可用的账号。", "There is no such account in use.")
ONESELF = Text("不能委托给本人。", "Nobody stands in for oneself.")
NOTHING_TO_LEND = Text(
    "此账号没有可由他人代行的岗位。", "This account has no post that another could stand in for."
)
ANOTHER_HOUSE = Text(
    "须为同一单位（或同一街道）的同事。",
    "It has to be a colleague of the same agency, or of the same street.",
)
WRONG_DAY = Text(
    "请填写今天至一年之内的日期，如 2026-12-01。", "Give a day from today to a year on, such as 2026-12-01."
)


@dataclass(frozen=True, slots=True)
class Delegation:
    """``deputy`` may act for ``staff`` up to ``until``, that day included."""

    id: str
    staff: str
    deputy: str
    until: date


def lent(posts: Sequence[Post]) -> tuple[Post, ...]:
    """Give the posts that another may stand in for."""
    return tuple(post for post in posts if post.role in ROLES)


def require_lendable(
    own: Sequence[Post], others: Sequence[Post] | None, street_of: StreetOf, until: date, today: date
) -> None:
    """Object to a delegation that cannot be; ``others`` are the deputy's posts, None where there is no such account.

    Nobody learns by it what another agency was sent: the deputy works in the same house already.

    Raises:
        InvalidFiling: naming every field that is wrong.
    """
    faults = []
    if not lent(own):
        faults.append(Fault("staff", NOTHING_TO_LEND))
    if others is None:
        faults.append(Fault("deputy", NOBODY))
    elif not all(_same_house(post, others, street_of) for post in lent(own)):
        faults.append(Fault("deputy", ANOTHER_HOUSE))
    if not today <= until <= today + LONGEST:
        faults.append(Fault("until", WRONG_DAY))
    if faults:
        raise InvalidFiling(faults)


def _same_house(post: Post, others: Sequence[Post], street_of: StreetOf) -> bool:
    if post.agency is not None:
        return any(other.agency == post.agency for other in others)
    street = street_of(post.unit or "")
    return street is not None and any(street_of(other.unit or "") == street for other in others)
