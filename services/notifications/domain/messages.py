"""Which fact of a leg is told to whom, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from services.notifications.domain import inboxes
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What this service reads of one event about a leg.

    ``subject`` is the leg, ``number`` the leg's own number, ``programme`` its outward id, ``unit`` the code
    of the unit that filed the request, and ``request`` the request's id (for the filing unit's link only).
    """

    event_id: str
    type: str
    subject: str
    agency: str
    at: datetime
    number: str
    programme: str
    unit: str
    request: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One line in one inbox, for one event."""

    event_id: str
    inbox: str
    type: str
    subject: str
    number: str
    agency: str
    at: datetime
    request: str | None
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who is told of one type of fact, and the sentence they read."""

    tell: Callable[[Fact], str]
    text: Text


def _the_desk(fact: Fact) -> str:
    return inboxes.desk(fact.agency)


def _the_filing_unit(fact: Fact) -> str:
    return inboxes.filing_unit(fact.unit)


# Design §9, Messages. ``referral.cancel-done`` only answers a command and tells nothing new: the
# ``referral.cancelled`` beside it is the fact, so it has no line here.
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "referral.issued.v1": Rule(
            _the_desk, Text("收到新的转介 {number}：{programme}。", "New referral {number}: {programme}.")
        ),
        "referral.acknowledged.v1": Rule(
            _the_filing_unit,
            Text(
                "{agency}已签收 {number}（{programme}）。",
                "{agency} has acknowledged {number} ({programme}).",
            ),
        ),
        "referral.accepted.v1": Rule(
            _the_filing_unit,
            Text("{agency}已受理 {number}（{programme}）。", "{agency} has accepted {number} ({programme})."),
        ),
        "referral.step-recorded.v1": Rule(
            _the_filing_unit,
            Text(
                "{agency}在 {number}（{programme}）记录了新进展。",
                "{agency} has recorded progress on {number} ({programme}).",
            ),
        ),
        "referral.closed.v1": Rule(
            _the_filing_unit,
            Text("{agency}已办结 {number}（{programme}）。", "{agency} has closed {number} ({programme})."),
        ),
        "referral.cancelled.v1": Rule(
            _the_filing_unit,
            Text(
                "{number}（{programme}，{agency}）已撤销。", "{number} ({programme}, {agency}) is cancelled."
            ),
        ),
        "referral.cancel-refused.v1": Rule(
            _the_filing_unit,
            Text(
                "{number}（{programme}）不能撤销：{agency}已在办理，请与其联系。",
                "{number} ({programme}) cannot be cancelled: {agency} is at work on it; please contact them.",
            ),
        ),
    }
)


def message_for(fact: Fact) -> Message | None:
    """Give the message a fact makes, or None when nobody is told of this type of fact."""
    rule = RULES.get(fact.type)
    if rule is None:
        return None
    inbox = rule.tell(fact)
    return Message(
        event_id=fact.event_id,
        inbox=inbox,
        type=fact.type,
        subject=fact.subject,
        number=fact.number,
        agency=fact.agency,
        at=fact.at,
        # An agency must not be able to join two legs of one person: only the filing unit learns the request.
        request=fact.request if inbox == inboxes.filing_unit(fact.unit) else None,
        params={"programme": fact.programme},
    )


def wording(type_: str, *, number: str, agency: Text, programme: Text) -> Text:
    """Put a message's sentence together in both languages from the names of the district's pack.

    Raises KeyError for a type nobody is told of.
    """
    text = RULES[type_].text
    return Text(
        text.zh.format(number=number, agency=agency.zh, programme=programme.zh),
        text.en.format(number=number, agency=agency.en, programme=programme.en),
    )
