"""Which fact of a leg is told to whom, and how its sentence is put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from services.notifications.domain import inboxes


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What this service reads of one event about a leg.

    ``subject`` is the leg, ``number`` the leg's own number, ``unit`` the code of the unit that filed the request,
    ``request`` the request's id (for the filing unit's link only). ``params`` are the codes its sentence may need:
    ``programme`` (the outward id), and where the event has them ``street``, ``outcome``, ``level``, ``about`` and
    ``due_on``; and ``to``, the side a message was sent to. ``desk_street`` is the street whose counter of the agency
    has the leg, ``issued`` whether it has reached the agency at all. ``copy_to`` are those whom the district's
    escalation table gives a copy (抄送) of a notice or reminder, ``circular`` whether theirs is a circular (通报).
    ``whose`` says who is late or soon will be, where that is not the agency. ``marks`` are the codes that decide who is
    told, and as what: ``cause`` and ``reason``, ``by_post``, whose the leg is now (``assignee``) and who has had it in
    hand until now (``holder``), both staff ids.
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
    marks: Mapping[str, str] = field(default_factory=dict)
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
OFFICER, HOLDER = "officer", "holder"

RECIPIENTS: Mapping[str, Callable[[Fact], str | None]] = MappingProxyType(
    {
        DESK: lambda fact: inboxes.desk(fact.agency, fact.desk_street),
        LEADER: lambda fact: inboxes.leader(fact.agency),
        FILING_UNIT: lambda fact: inboxes.filing_unit(fact.unit),
        COORDINATOR: lambda _fact: inboxes.COORDINATOR,
        SPECIALIST: lambda fact: inboxes.specialist(fact.params.get("street", "")),
        OFFICER: lambda fact: _in_person(fact, "assignee"),
        HOLDER: lambda fact: _in_person(fact, "holder"),
        OTHER_SIDE: lambda fact: RECIPIENTS[FILING_UNIT if fact.params.get("to") == HELP_DESK else DESK](
            fact
        ),
    }
)
"""Who may be told → whose inbox that is, of one fact; None where there is nobody.

The other side is that to which a message was sent.
"""

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
_IN_PERSON = (OFFICER, HOLDER)
"""Not every officer of an agency reads the inbox of the desk, and its other readers need not know."""

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
    "line-left": _BOTH,
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
    # Within the agency: who has it in hand, and what waits for the leader.
    "approval-requested": (LEADER,),
    "approval-settled": (DESK,),
    "claimed": (LEADER, HOLDER),
    "assigned": _IN_PERSON,
    "reassigned": _IN_PERSON,
    "delegated": _IN_PERSON,
    "noted": (DESK,),
}
YOURS, DELAY, THIRD_RETURN, AGENCY = "yours", "delay", "third-return", "agency"
REISSUE_REFUSED, PLACE_FREE, NEW_KEY = "reissue-refused", "place-free", "new-key"
_TOLD_AS: Mapping[str, str] = MappingProxyType({OFFICER: YOURS})
"""Who is told everything in a sentence of their own."""
_OF_THEIR_OWN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    # Whether that is what was answered, the agency alone can say.
    {"referral.recorded-on-behalf.v1": {DESK: AGENCY, LEADER: AGENCY}}
)
"""Type of event → who is told just that in a sentence of their own, and as what."""


@dataclass(frozen=True, slots=True)
class Special:
    """What a type of fact may mean besides: ``when``, who is told then, and as what (None: as always)."""

    when: Callable[[Fact], bool]
    told: tuple[str, ...]
    way: str | None = None


_OFFERED = (DESK, COORDINATOR)
"""The one opens it again, the other gives the place; the person has it only when that is decided."""
_SPECIAL: Mapping[str, tuple[Special, ...]] = MappingProxyType(
    {
        # An agency's word on why it is late is no note among colleagues.
        "referral.noted.v1": (Special(lambda fact: "reason" in fact.marks, _CHASED, DELAY),),
        "referral.supervised.v1": (
            Special(lambda fact: fact.marks.get("cause") == THIRD_RETURN, _CHASED, THIRD_RETURN),
        ),
        # A return that nobody goes on with is the coordinator's to decide again.
        "referral.reminded.v1": (
            Special(lambda fact: fact.params.get("about") == REISSUE_REFUSED, _CHASED),
            Special(lambda fact: fact.params.get("about") == PLACE_FREE, _OFFERED),
        ),
        # Sealed by another key nothing reads otherwise.
        "referral.resealed.v1": (Special(lambda fact: fact.marks.get("reason") == NEW_KEY, ()),),
        # What the coordinator took down, they know.
        "referral.recorded-on-behalf.v1": (
            Special(lambda fact: fact.marks.get("by_post") == HELP_DESK, (*_CHASED, LEADER)),
        ),
    }
)
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


def messages_for(fact: Fact) -> list[Message]:
    """Give the messages a fact makes: one for each who is told of this type of fact, none when nobody is.

    Whoever gets a copy is told so in the message, and gets no second one. Of a leg that still waits for the street's
    check its agency has not heard, and hears nothing.
    """
    if fact.whose is not None:
        return _messages(fact, dict.fromkeys(WHOSE[fact.whose], fact.whose))
    usual = Special(lambda _: True, TOLD.get(fact.type, ()))
    special = next((each for each in _SPECIAL.get(fact.type, ()) if each.when(fact)), usual)
    told_as = {**_TOLD_AS, **_OF_THEIR_OWN.get(fact.type, {})}
    named = {name: told_as.get(name, special.way) for name in special.told}
    ways = _COPIES.get(fact.type, ())
    if ways:
        way = CIRCULAR if fact.circular and CIRCULAR in ways else COPY
        named |= {COPIED[post]: way for post in fact.copy_to}
    return _messages(fact, {name: way for name, way in named.items() if fact.issued or name in _BEFORE_ISSUE})


def _messages(fact: Fact, named: Mapping[str, str | None]) -> list[Message]:
    found = ((RECIPIENTS[name](fact), way) for name, way in named.items())
    return [_message(fact, inbox, way) for inbox, way in found if inbox is not None]


def _in_person(fact: Fact, mark: str) -> str | None:
    staff = fact.marks.get(mark)
    return inboxes.officer(fact.agency, staff) if staff else None


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
    | {sentence_of(type_, each.way) for type_, found in _SPECIAL.items() for each in found if each.way}
    | {sentence_of(type_, way) for type_, ways in _OF_THEIR_OWN.items() for way in ways.values()}
    | {sentence_of(type_, YOURS) for type_, names in TOLD.items() if OFFICER in names}
)
"""Every sentence that a message may be told in."""
