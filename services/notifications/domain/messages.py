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
    ``programme`` (the outward id), and where the event has them ``street``, ``outcome``, ``level``, ``about`` and
    ``due_on``; and ``to``, the side a message was sent to. ``desk_street`` is the street whose counter of the agency
    has the leg, ``issued`` whether it has reached the agency at all. ``copy_to`` are those whom the district's
    escalation table gives a copy (抄送) of a notice or reminder, ``circular`` whether theirs is a circular (通报).
    ``whose`` says who is late or soon will be, where that is not the agency.
    """

    event_id: str
    type: str
    subject: str
    agency: str
    at: datetime
    number: str
    unit: str
    request: str | None = None
    desk_street: str | None = None
    issued: bool = True
    copy_to: tuple[str, ...] = ()
    circular: bool = False
    whose: str | None = None
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


DESK, LEADER, FILING_UNIT, COORDINATOR = "desk", "leader", "filing-unit", "coordinator"
SPECIALIST, OTHER_SIDE = "specialist", "other-side"

RECIPIENTS: Mapping[str, Callable[[Fact], str]] = MappingProxyType(
    {
        DESK: lambda fact: inboxes.desk(fact.agency, fact.desk_street),
        LEADER: lambda fact: inboxes.leader(fact.agency),
        FILING_UNIT: lambda fact: inboxes.filing_unit(fact.unit),
        COORDINATOR: lambda _fact: inboxes.COORDINATOR,
        SPECIALIST: lambda fact: inboxes.specialist(fact.params.get("street", "")),
        OTHER_SIDE: lambda fact: RECIPIENTS[FILING_UNIT if fact.params.get("to") == HELP_DESK else DESK](
            fact
        ),
    }
)
"""Who may be told → whose inbox that is, of one fact. The other side is that to which a message was sent."""

HELP_DESK = "intake-desk"
"""How the filing unit's desk is called in events."""

_BEFORE_ISSUE = (FILING_UNIT, COORDINATOR, SPECIALIST)
WHOSE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"specialist": (SPECIALIST, FILING_UNIT, COORDINATOR), "coordinator": (COORDINATOR,)}
)
"""Who is late where it is not the agency → who is told of it, and nobody else."""

_BOTH = (FILING_UNIT, DESK)
_WATCHED = (FILING_UNIT, COORDINATOR)
_CHASED = (DESK, FILING_UNIT, COORDINATOR)

_OF_FACTS: Mapping[str, tuple[str, ...]] = {
    "issued": (DESK,),
    "acknowledged": (FILING_UNIT,),
    "accepted": (FILING_UNIT,),
    "step-recorded": (FILING_UNIT,),
    "closed": (FILING_UNIT,),
    "cancelled": (FILING_UNIT,),
    "documents-requested": (FILING_UNIT,),
    "documents-supplied": _BOTH,
    "suspended": _WATCHED,
    "resumed": (FILING_UNIT,),
    "extended": (FILING_UNIT,),
    "return-proposed": _WATCHED,
    "returned": (*_WATCHED, DESK),
    "return-refused": (*_WATCHED, DESK),
    "transfer-proposed": _WATCHED,
    "transferred": (*_WATCHED, DESK),
    "transfer-refused": (*_WATCHED, DESK),
    "reissue-requested": (FILING_UNIT,),
    "reopened": _BOTH,
    "resealed": _BOTH,
    "due-moved": _BOTH,
    "frozen": _BOTH,
    "unfrozen": _BOTH,
    "withdrawal-asked": _BOTH,
    "withdrawal-acknowledged": (FILING_UNIT,),
    "reminded": _BOTH,
    "urged": _CHASED,
    "supervised": _CHASED,
    "moved": (FILING_UNIT,),
    "messaged": (OTHER_SIDE,),
    "appointment-made": (FILING_UNIT,),
    # No leader has agreed to what others took down from paper: theirs hears of it at once, and can object.
    "recorded-on-behalf": (*_BOTH, LEADER),
    "rated": (DESK, LEADER, FILING_UNIT),
    "line-left": _BOTH,
    # Within the agency: who has it in hand, and what waits for the leader.
    "approval-requested": (LEADER,),
    "approval-settled": (DESK,),
    "claimed": (LEADER,),
    "assigned": (DESK,),
    "reassigned": (DESK,),
    "delegated": (DESK,),
    "noted": (DESK,),
}
COPY, CIRCULAR = "copy", "circular"
"""As what somebody gets a message who is not told of the fact as a matter of course."""
COPIED: Mapping[str, str] = MappingProxyType({"leader": LEADER, "coordinator": COORDINATOR})
"""As whom the district's escalation table names them → who may be told."""
_COPIES: Mapping[str, tuple[str, ...]] = {
    "referral.reminded.v1": (COPY,),
    "referral.supervised.v1": (COPY, CIRCULAR),
}
"""Type of event of which copies are made, and as what."""

_REFUSED = (
    *("cancel", "supply", "reseal", "freeze", "unfreeze", "reopen"),
    *("more-time", "message", "rate", "record"),
)

# Design §9, Messages. ``….done`` only answers a command and tells nothing new: the fact beside it is told. A planned
# leg has not reached anybody yet. Neither has a line here.
TOLD: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        f"referral.{fact}.v1": recipients
        for fact, recipients in (
            *_OF_FACTS.items(),
            *((f"{verb}-refused", (FILING_UNIT,)) for verb in _REFUSED),
        )
    }
)
"""Type of event → who is told of it, each in an inbox of their own. Types that are not here are told to nobody."""

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

LEVELS: Mapping[str, Text] = MappingProxyType(
    {"blue": Text("蓝色", "blue"), "yellow": Text("黄色", "yellow"), "red": Text("红色", "red")}
)
"""Supervision notices by their colour."""

NOTICES: Mapping[str, Text] = MappingProxyType(
    {
        "blue": Text("蓝色督办提醒", "Blue supervision notice"),
        "yellow": Text("黄色督办通知", "Yellow supervision notice"),
        "red": Text("红色督办单", "Red supervision notice"),
    }
)
REMINDER = Text("临期提醒", "Reminder")
"""What a reminder is called that is under no notice yet."""

ABOUT: Mapping[str, Text] = MappingProxyType(
    {
        "papers": Text("补正期限将至", "the time for papers is running out"),
        "papers-extended": Text("补正时间已延长", "there is more time for papers"),
        "review": Text("中止的复查日期已到", "the day of review has come"),
        "step": Text("下一步骤的期限将至", "the next step is nearly due"),
        "due-soon": Text("期限将至", "the day is near"),
        "overdue": Text("已超期", "it is overdue"),
        "reissue-refused": Text("未能接续转介，请重新决定", "no successor was made: decide anew"),
    }
)
"""What a reminder is about."""
SOME_DAY = Text("有期限临近或已到", "a day is near or has come")

PLAIN = Text("{number}（{programme}）有新消息。", "There is news of {number} ({programme}).")
"""Said where the district has no sentence of its own."""


def messages_for(fact: Fact) -> list[Message]:
    """Give the messages a fact makes: one for each who is told of this type of fact, none when nobody is.

    Whoever gets a copy is told so in the message, and gets no second one. Of a leg that still waits for the street's
    check its agency has not heard, and hears nothing.
    """
    if fact.whose is not None:
        return [_message(fact, RECIPIENTS[name](fact), fact.whose) for name in WHOSE[fact.whose]]
    named: dict[str, str | None] = dict.fromkeys(TOLD.get(fact.type, ()))
    ways = _COPIES.get(fact.type, ())
    if ways:
        way = CIRCULAR if fact.circular and CIRCULAR in ways else COPY
        named |= {COPIED[post]: way for post in fact.copy_to}
    return [
        _message(fact, RECIPIENTS[name](fact), way)
        for name, way in named.items()
        if fact.issued or name in _BEFORE_ISSUE
    ]


def _message(fact: Fact, inbox: str, way: str | None) -> Message:
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
        params=fact.params if way is None else {**fact.params, "as": way},
    )


def sentence_of(type_: str, way: str | None = None) -> str:
    """Name the district's sentence for a type of event: ``referral.issued`` for ``referral.issued.v1``.

    ``way`` is as what it is told: ``referral.supervised.copy`` for a copy of ``referral.supervised.v1``,
    ``referral.reminded.specialist`` where it is the specialist who is late.
    """
    name = type_.rpartition(".")[0]
    return name if way is None else f"{name}.{way}"


SENTENCES = frozenset(
    {sentence_of(type_) for type_ in TOLD}
    | {sentence_of(type_, way) for type_, ways in _COPIES.items() for way in ways}
    | {sentence_of("referral.reminded.v1", whose) for whose in WHOSE}
)
"""Every sentence that a message may be told in."""


def wording(sentence: Text | None, values: Mapping[str, Text]) -> Text:
    """Fill a district's sentence in both languages; a place that has no value stays empty."""
    known = {name: values.get(name, _EMPTY) for name in PLACES}
    text = sentence or PLAIN
    return Text(
        text.zh.format_map({name: value.zh for name, value in known.items()}),
        text.en.format_map({name: value.en for name, value in known.items()}),
    )


PLACES = ("number", "programme", "outcome", "due_on", "street", "agency", "level", "notice", "about")
"""What a district's sentence about a leg may name."""
_EMPTY = Text("", "")
