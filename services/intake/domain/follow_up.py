"""The follow-up call after the last leg has ended: what can come of it, and when it closes the request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.request import CLOSED, ENDED, FOLLOWED_UP
from shared.text import Text

REACHED: Mapping[str, Text] = MappingProxyType(
    {
        "settled": Text("问题已解决", "The need is met"),
        "partly-settled": Text("部分解决", "The need is met in part"),
        "not-settled": Text("未解决", "The need is not met"),
        "new-need": Text("有新的需求", "There is a new need"),
    }
)
NOT_REACHED: Mapping[str, Text] = MappingProxyType(
    {
        "no-answer": Text("无人接听", "No answer"),
        "wrong-number": Text("号码有误", "The number is wrong"),
        "declined": Text("不愿接受回访", "Does not want to be called"),
    }
)
OUTCOMES: Mapping[str, Text] = MappingProxyType({**REACHED, **NOT_REACHED})

MOST_TRIES = 3
"""After so many calls that reached nobody the request is closed without one."""
WORST_GOOD = 3
"""A rating below it is a bad one: what it complains of is mended, and the person is called again (好差评)."""
RATING = (1, 5)

NOT_OF_A_CALL = Rule(
    "已联系到本人时，结果请从这些中选择：{codes}。",
    "If the person was reached, the outcome is one of: {codes}.",
    "outcome-not-of-a-call",
)
NOT_OF_A_TRY = Rule(
    "未联系到本人时，结果请从这些中选择：{codes}。",
    "If the person was not reached, the outcome is one of: {codes}.",
    "outcome-not-of-a-try",
)
NOBODY_RATED = Rule(
    "未联系到本人，不能填写满意度。", "Nobody was reached, so nobody can have rated it.", "nobody-rated"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: whether the person was reached, what came of it, how satisfied they are (1 to 5), and words."""

    reached: bool
    outcome: str
    satisfied: int | None = None
    words: str | None = None

    @property
    def bad(self) -> bool:
        """Whether the person is not satisfied."""
        return self.satisfied is not None and self.satisfied < WORST_GOOD


def check_call(call: Call) -> None:
    """Object to a call whose parts do not fit each other.

    Raises:
        InvalidFiling: naming what does not.
    """
    faults = []
    codes, fault = (REACHED, NOT_OF_A_CALL) if call.reached else (NOT_REACHED, NOT_OF_A_TRY)
    if call.outcome not in codes:
        faults.append(Fault("outcome", fault.format(codes=", ".join(codes))))
    if call.satisfied is not None and not call.reached:
        faults.append(Fault("satisfied", NOBODY_RATED))
    if faults:
        raise InvalidFiling(faults)


def status_after_call(status: str, call: Call, tries: int) -> str:
    """Give the status of a request after a call; ``tries`` counts the calls that reached nobody, this one included.

    A first call with a bad rating leaves it followed up, until what was wrong is mended and the person called again.
    """
    if not call.reached:
        return CLOSED if call.outcome == "declined" or tries >= MOST_TRIES else status
    return FOLLOWED_UP if status == ENDED and call.bad else CLOSED
