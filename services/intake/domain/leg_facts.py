"""What each fact about a leg means for intake's mirror of it: one row per type of event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.intake.domain.request import LEG_ISSUED, LEG_REOPENED, LEGS_ENDED


@dataclass(frozen=True, slots=True)
class Meaning:
    """``moves``: the leg takes the status and version the event tells. ``ends``: the leg has come to its end.

    ``request``: what has happened to the request with it. ``answers_cancel``: a cancellation asked for is settled;
    ``answers``: another command is. ``shows``: which codes of the event's data the timeline keeps. ``task``: the kind
    of task it raises at the desk, and ``settles`` the kinds that are done with it; both concern the leg alone.
    ``tasks`` says which task follows from the values of one of its codes, or of several: ``((codes, {values: kind}),
    …)``. ``stays``: no successor is wanted in its place any more. ``newest``: only the last of its kind has anything to
    do with tasks. ``mends``: the refusal of the same wish before, which asks nothing of the desk any more.
    """

    moves: bool = True
    ends: bool = False
    request: str | None = None
    answers_cancel: bool = False
    answers: bool = False
    shows: tuple[str, ...] = ()
    task: str | None = None
    settles: tuple[str, ...] = ()
    stays: bool = False
    tasks: tuple[tuple[str, Mapping[str, str]], ...] = ()
    newest: bool = False
    mends: str | None = None

    @property
    def settled(self) -> bool:
        """Whether it answers something the desk has asked."""
        return self.answers or self.answers_cancel

    def task_for(self, data: Mapping[str, Any]) -> str | None:
        """Give the kind of task that follows from an event with these data."""
        for codes, kinds in self.tasks:
            values = " ".join(str(data.get(code)) for code in codes.split())
            if values in kinds:
                return kinds[values]
        return self.task


NOT_NEEDED = "not-needed"
"""Why a successor was cancelled before its agency heard of it: it was decided otherwise meanwhile."""
ANSWER_OWED = "answer-owed"
"""The task to have the agency say on what ground it keeps what a withdrawn consent had covered."""
_PAPERS = ("papers-wanted", "papers-lapsing")
_UNSIGNED = ("unacknowledged",)
_SUCCESSOR = ("consent-needed", "reissue", "transfer")
_ALL = (
    *(*_UNSIGNED, *_PAPERS, *_SUCCESSOR),
    *("renewal", "command-refused", "cancel-refused", "duplicate", "exclusion", "successor-refused"),
    "appointment",
)
"""What nobody need do any more once a leg has ended; what its agency has written is still to be read."""


def _told(*shows: str, task: str | None = None) -> Meaning:
    """A fact that changes neither status nor clock."""
    return Meaning(moves=False, shows=shows, task=task)


_FACTS = {
    "planned": Meaning(),
    "issued": Meaning(request=LEG_ISSUED, shows=("due_on",)),
    "acknowledged": Meaning(shows=("by_post",), settles=_UNSIGNED),
    # An agency that goes on without the papers it had asked for has them brought by nobody.
    "accepted": Meaning(shows=("by_post",), settles=(*_UNSIGNED, *_PAPERS)),
    "documents-requested": Meaning(shows=("papers", "papers_due_on"), task="papers-wanted"),
    "documents-supplied": Meaning(shows=("papers",), settles=_PAPERS, mends="supply-refused"),
    "step-recorded": Meaning(shows=("step",)),
    "suspended": Meaning(shows=("reason", "review_on")),
    "resumed": Meaning(),
    "extended": Meaning(shows=("reason", "due_on")),
    "return-proposed": Meaning(shows=("reason", "returns"), settles=_UNSIGNED),
    "return-refused": Meaning(shows=("reason",), settles=_SUCCESSOR, stays=True),
    "returned": Meaning(
        ends=True,
        request=LEGS_ENDED,
        shows=("reason", "next", "successor"),
        task="returned",
        settles=_ALL,
    ),
    "transfer-proposed": Meaning(shows=("reason", "to_agency", "to_programme")),
    "transfer-refused": Meaning(shows=("reason",), settles=_SUCCESSOR, stays=True),
    "transferred": Meaning(ends=True, request=LEGS_ENDED, shows=("to_agency", "successor"), settles=_ALL),
    "closed": Meaning(
        ends=True,
        request=LEGS_ENDED,
        shows=("outcome", "reason", "overdue_reason"),
        settles=_ALL,
        tasks=(("outcome", {"refused": "appeal", "terminated": "appeal"}),),
    ),
    "reopened": Meaning(request=LEG_REOPENED, shows=("reason",), settles=("appeal",), mends="reopen-refused"),
    "cancelled": Meaning(
        ends=True,
        request=LEGS_ENDED,
        shows=("reason",),
        settles=_ALL,
        stays=True,
        # A successor for which nobody waits any more: the desk was told that it was made.
        tasks=(("reason", {NOT_NEEDED: "successor-dropped"}),),
    ),
    "due-moved": Meaning(shows=("due_on", "was_on")),
    "resealed": _told("rev", "changed", "reason"),
    # It stays to be done when the leg has ended: the agency holds what it was sent all the same.
    "frozen": Meaning(shows=("reason",), task=ANSWER_OWED),
    "unfrozen": Meaning(shows=("rev",), settles=(ANSWER_OWED,)),
    "withdrawal-asked": Meaning(shows=("reason",)),
    "line-left": Meaning(ends=True, shows=("outcome", "reason"), settles=_ALL),
    "withdrawal-acknowledged": Meaning(shows=("ground",), settles=(ANSWER_OWED,)),
    "approval-requested": _told("action"),
    "approval-settled": _told("action", "approved", "reason"),
    "reminded": Meaning(
        moves=False,
        shows=("about", "on", "whose", "level"),
        tasks=(("about", {"papers": "papers-lapsing"}),),
    ),
    "claimed": _told(),
    "assigned": _told(),
    "reassigned": _told(),
    "delegated": _told("until"),
    "urged": _told("by_post"),
    # While nobody has signed for it in time, whoever filed it answers for it and asks (首问负责). A notice that the
    # coordinator gives may come long before that.
    "supervised": Meaning(
        moves=False,
        shows=("level", "cause"),
        tasks=(
            ("cause", {"third-return": "third-return"}),
            ("cause status", {"clock issued": "unacknowledged"}),
        ),
    ),
    "noted": _told("reason"),
    # What the desk has sent itself comes back as a fact, too, and asks nothing of it.
    "messaged": Meaning(moves=False, shows=("to",), tasks=(("to", {"intake-desk": "message"}),)),
    # The newest appointment is the one to tell; who ticks off the one before is told that it is no longer open.
    "appointment-made": Meaning(
        moves=False, shows=("on",), task="appointment", settles=("appointment",), newest=True
    ),
    "recorded-on-behalf": _told("action", "by_post"),
    "rated": _told("grade"),
    "moved": _told("unit"),
    "opened": _told("what", "by_post"),
    "erased": Meaning(moves=False, shows=("keys",), settles=(ANSWER_OWED,)),
    "cancel-done": Meaning(moves=False, answers_cancel=True),
    "cancel-refused": Meaning(moves=False, answers_cancel=True, shows=("reason",), task="cancel-refused"),
}
_COMMANDS = ("supply", "reseal", "freeze", "unfreeze", "reopen", "more-time", "message", "rate", "record")
_ANSWERS = {
    fact: meaning
    for verb in _COMMANDS
    for fact, meaning in (
        (f"{verb}-done", Meaning(moves=False, answers=True)),
        (
            f"{verb}-refused",
            Meaning(
                moves=False,
                answers=True,
                shows=("reason", "action", "wrong_fields", "on"),
                task="command-refused",
            ),
        ),
    )
}

MEANINGS: Mapping[str, Meaning] = MappingProxyType(
    {f"referral.{fact}.v1": meaning for fact, meaning in (_FACTS | _ANSWERS).items()}
)
"""Every fact that referrals tells of a leg."""
MENDED_BY: Mapping[str, str] = MappingProxyType(
    {meaning.mends: fact for fact, meaning in _FACTS.items() if meaning.mends is not None}
)
"""Refusal → the fact by which the same wish was carried out after all."""


def fact_of(event_type: str) -> str:
    """Give the bare fact of a type: ``acknowledged`` of ``referral.acknowledged.v1``."""
    return event_type.split(".")[1]
