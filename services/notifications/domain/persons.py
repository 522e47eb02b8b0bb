"""What a person is told themselves: of which facts, in which fixed words, when, and how often it is tried.

The words name neither programme nor agency nor number, whoever has the leg: who reads over a shoulder learns nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from shared.text import Text


class Telling(NamedTuple):
    """Which words (the last part of a sentence's name in the pack), and whether they wait for no other message."""

    words: str
    urgent: bool


PAPERS, APPOINTMENT, NEWS = Telling("papers", True), Telling("appointment", True), Telling("news", False)  # noqa: FBT003 - named by the field

TOLD_TO_PERSON: Mapping[str, Telling] = MappingProxyType(
    {
        "referral.documents-requested.v1": PAPERS,
        "referral.appointment-made.v1": APPOINTMENT,
        "referral.extended.v1": NEWS,
        "referral.closed.v1": NEWS,
    }
)
REMINDED = "referral.reminded.v1"
OF_REMINDERS: Mapping[str, Telling] = MappingProxyType({"papers": PAPERS, "papers-extended": NEWS})
"""Of reminders those alone that are about the person's own papers, by ``about``."""

FACTS = frozenset({*TOLD_TO_PERSON, REMINDED})

SENTENCES: Mapping[str, Text] = MappingProxyType(
    {
        "papers": Text(
            "【{service}】您的申请需要补充材料，请尽快到登记窗口了解。",
            "[{service}] Papers are wanted for your request: please ask at the desk soon.",
        ),
        "appointment": Text(
            "【{service}】您的申请有一项预约，请到登记窗口了解时间和地点。",
            "[{service}] There is an appointment about your request: please ask at the desk when and where.",
        ),
        "news": Text(
            "【{service}】您的申请有新进展，可到登记窗口了解。",
            "[{service}] There is news about your request: you can ask at the desk.",
        ),
    }
)
"""Said where the district's pack, of an earlier release, has no ``person.…`` sentence of its own."""

WAITING, SENDING, SENT, FAILED, UNKNOWN, DROPPED = (
    "waiting",
    "sending",
    "sent",
    "failed",
    "unknown",
    "dropped",
)
STATES = (WAITING, SENDING, SENT, FAILED, UNKNOWN, DROPPED)
"""Unknown: it may have arrived, and is not sent again. Dropped: nothing was to be sent any more."""

GIVE_UP = timedelta(days=3)
"""News older than this are told by nobody: whoever asks at the desk knows more by then."""
LEASE = timedelta(minutes=10)
"""After so long whoever took a message in hand is gone; the longest attempt takes half a minute."""
ASK_AGAIN = timedelta(hours=1)
FIRST_WAIT, GROWTH, LONGEST_WAIT = timedelta(minutes=1), 4, timedelta(hours=6)

OPENS, CLOSES = 8, 20


@dataclass(frozen=True, slots=True)
class Hours:
    """Between which hours of a day persons are told anything, in the district's own time."""

    timezone: str
    opens: int = OPENS
    closes: int = CLOSES

    @classmethod
    def of(cls, timezone: str, options: Mapping[str, Any]) -> Hours:
        """Read them from the pack's options, ``{contact: {from_hour, until_hour}}``, where it has them."""
        given = options.get("contact") or {}
        return cls(timezone, given.get("from_hour", OPENS), given.get("until_hour", CLOSES))

    def open_at(self, now: datetime) -> bool:
        """Tell whether anybody may be disturbed now."""
        return self.opens <= now.astimezone(ZoneInfo(self.timezone)).hour < self.closes

    def day_began(self, now: datetime) -> datetime:
        """Give the first moment of the present day."""
        return self._at(now, days=0, hour=0)

    def tomorrow(self, now: datetime) -> datetime:
        """Give the moment at which the next day's messages begin."""
        return self._at(now, days=1, hour=self.opens)

    def _at(self, now: datetime, *, days: int, hour: int) -> datetime:
        zone = ZoneInfo(self.timezone)
        day = now.astimezone(zone).date() + timedelta(days)
        return datetime.combine(day, time(hour), zone).astimezone(UTC)


def telling_of(type_: str, about: str | None) -> Telling | None:
    """Give what a person is told of a fact; None where it is nothing to them."""
    return OF_REMINDERS.get(about or "") if type_ == REMINDED else TOLD_TO_PERSON.get(type_)


def wait_after(attempts: int) -> timedelta:
    """Give how long to wait after so many attempts that came to nothing: 1, 4, 16, 64 … minutes, 6 hours at most."""
    return min(FIRST_WAIT * int(GROWTH ** min(attempts - 1, 8)), LONGEST_WAIT)
