"""What has befallen a referral beyond its status: pauses, papers asked for, proposals, approvals, notices."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal

PauseKind = Literal["papers", "suspension", "return", "publicity", "closed"]


@dataclass(frozen=True, slots=True)
class Pause:
    """A time in which the agency's clocks stand still; ``end`` is None while it lasts."""

    kind: PauseKind
    start: datetime
    end: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """That somebody else should help: a return (``to_agency`` None until confirmed) or a transfer.

    ``by`` is None where it was taken down from paper. ``confirmed`` says that a successor is being made; ``failed`` why
    it could not be.
    """

    kind: Literal["return", "transfer"]
    reason: str
    by: str | None = None
    to_agency: str | None = None
    to_programme: str | None = None
    confirmed: bool = False
    failed: str | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """An action that waits for the leader: its codes, and its words sealed to the agency itself."""

    action: str
    fields: Mapping[str, Any]
    by: str
    at: datetime
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """Consent has ended: since when and why, and on what ground of its own the agency keeps what it has.

    ``forgotten_at`` says when the packet of one that ended years ago was removed though nobody had answered.
    """

    at: datetime
    reason: str
    acknowledged_at: datetime | None = None
    ground: str | None = None
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A named step that was reached."""

    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """That people were told of a day: which (a clock's due day, a review, a step), and how far in its own counting."""

    what: str
    on: date
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Everything that most referrals never meet; a fresh one is ``Life()``.

    ``decide_total`` is the decision clock's total after an extension; ``papers`` were asked for, ``papers_asked``
    times, and are due from the person on ``papers_due_on``. ``days_used`` came along from a predecessor. ``returns``
    counts how often this need was returned. ``told`` keeps, of each kind of day, the last that was told.
    ``reopened_from`` is the outcome it had when it was opened again, whose place it keeps meanwhile.
    ``withdrawal_asked_at``: since when the person wishes to withdraw what the agency had already accepted.
    ``appointment_mark`` is a keyed hash of where and when on ``appointment_on``, which nobody reads here.
    ``noticed_on`` is the day of the last notice that somebody gave by hand.
    ``sent_back``: planned still, it lies with the desk that filed it, and the street's time does not run.
    ``erased_at``: since when nothing of the person is held here any more, because they were erased.
    """

    pauses: tuple[Pause, ...] = ()
    decide_total: int | None = None
    papers: tuple[str, ...] = ()
    papers_asked: int = 0
    papers_due_on: date | None = None
    papers_extended: bool = False
    papers_reminded_on: date | None = None
    papers_reminders: int = 0
    review_on: date | None = None
    proposal: Proposal | None = None
    frozen: Frozen | None = None
    steps: tuple[Step, ...] = ()
    predecessor: str | None = None
    successor: str | None = None
    days_used: int = 0
    returns: int = 0
    urged_on: date | None = None
    noticed_on: date | None = None
    told: tuple[Told, ...] = ()
    overdue_reason: str | None = None
    appointment_on: date | None = None
    appointment_mark: str | None = None
    rating: int | None = None
    sent_back: bool = False
    withdrawal_asked_at: datetime | None = None
    reopened_from: str | None = None
    erased_at: datetime | None = None

    def after_telling(self, told: Told) -> Life:
        """Remember that a day was told; of each kind only the newest is kept."""
        return replace(self, told=(*(each for each in self.told if each.what != told.what), told))

    def paused(self, kind: PauseKind, at: datetime) -> Life:
        """Begin a pause."""
        return replace(self, pauses=(*self.pauses, Pause(kind, at)))

    def resumed(self, at: datetime) -> Life:
        """End the pause that lasts, if one does."""
        return replace(
            self,
            pauses=tuple(
                replace(pause, end=max(at, pause.start)) if pause.end is None else pause
                for pause in self.pauses
            ),
        )


FRESH = Life()
"""The life of a referral to which nothing out of the ordinary has happened."""
