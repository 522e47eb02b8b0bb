"""Which fact of a leg is told to whom, and how its sentence is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from services.notifications.domain import inboxes
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What this service reads of one event about a leg.

    ``subject`` is the leg, ``number`` the leg's own number, ``unit`` the code of the unit that filed the request,
    ``request`` the request's id (for the filing unit's link only). ``params`` are the codes its sentence may need:
    ``programme`` (the outward id), and where the event has them ``street``, ``outcome`` and ``due_on``.
    """

    event_id: str
    type: str
    subject: str
    agency: str
    at: datetime
    number: str
    unit: str
    request: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)


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


def _the_desk(fact: Fact) -> str:
    return inboxes.desk(fact.agency)


def _the_filing_unit(fact: Fact) -> str:
    return inboxes.filing_unit(fact.unit)


# Design §9, Messages. ``referral.cancel-done`` only answers a command and tells nothing new: the
# ``referral.cancelled`` beside it is the fact, so it has no line here.
TOLD: Mapping[str, Callable[[Fact], str]] = MappingProxyType(
    {
        "referral.issued.v1": _the_desk,
        "referral.acknowledged.v1": _the_filing_unit,
        "referral.accepted.v1": _the_filing_unit,
        "referral.step-recorded.v1": _the_filing_unit,
        "referral.closed.v1": _the_filing_unit,
        "referral.cancelled.v1": _the_filing_unit,
        "referral.cancel-refused.v1": _the_filing_unit,
    }
)
"""Type of event → whose inbox it goes to. Types that are not here are told to nobody."""

OUTCOMES: Mapping[str, Text] = MappingProxyType(
    {
        "approved": Text("同意", "approved"),
        "enrolled": Text("已登记／已参保", "enrolled"),
        "service-delivered": Text("服务已提供", "service delivered"),
        "waitlisted": Text("轮候", "on the waiting list"),
        "refused": Text("不予同意", "refused"),
        "withdrawn": Text("本人撤回", "withdrawn"),
        "terminated": Text("终止", "terminated"),
        "unreachable": Text("无法联系", "could not be reached"),
        "lapsed": Text("逾期未补正", "lapsed"),
    }
)

PLAIN = Text("{number}（{programme}）有新消息。", "There is news of {number} ({programme}).")
"""Said where the district has no sentence of its own."""


def message_for(fact: Fact) -> Message | None:
    """Give the message a fact makes, or None when nobody is told of this type of fact."""
    tell = TOLD.get(fact.type)
    if tell is None:
        return None
    inbox = tell(fact)
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
        params=fact.params,
    )


def sentence_of(type_: str) -> str:
    """Name the district's sentence for a type of event: ``referral.issued`` for ``referral.issued.v1``."""
    return type_.rpartition(".")[0]


def wording(sentence: Text | None, values: Mapping[str, Text]) -> Text:
    """Fill a district's sentence in both languages; a place that has no value stays empty."""
    known = {name: values.get(name, _EMPTY) for name in PLACES}
    text = sentence or PLAIN
    return Text(
        text.zh.format_map({name: value.zh for name, value in known.items()}),
        text.en.format_map({name: value.en for name, value in known.items()}),
    )


PLACES = ("number", "programme", "outcome", "due_on", "street", "agency")
"""What a district's sentence about a leg may name."""
_EMPTY = Text("", "")
