"""Every type of event there is, as data: who publishes it, about what, and whether an agency is concerned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

ANY_AGENCY = "*"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventType:
    """One row of the catalogue.

    ``aggregate`` is what ``subject`` names and ``sequence`` counts; it may differ from the noun of the type:
    a request to cancel a referral is counted with the person's request, so that it can never overtake the
    referral's issue. ``agency`` says whether the extension of that name is required. ``outside`` types are
    also sent to the agency's own system, if it has one. ``introduced`` is the release that first published
    the type. ``sealed`` names the members of its data that are sealed to the agency and hold somebody's data.
    """

    type: str
    producer: str
    aggregate: str
    agency: bool
    summary: str
    introduced: str
    outside: bool = False
    sealed: tuple[str, ...] = ()
    noun: str = field(init=False)
    fact: str = field(init=False)
    dataschema: str = field(init=False)

    def __post_init__(self) -> None:
        """Take ``noun.fact.vN`` apart once, at import."""
        noun, fact, version = self.type.split(".")
        if not version[1:].isdigit() or version[0] != "v":
            raise ValueError(f"an event type ends in its version: {self.type}")
        object.__setattr__(self, "noun", noun)
        object.__setattr__(self, "fact", fact)
        object.__setattr__(self, "dataschema", f"urn:aid:schema:{self.type}")

    def routing_key(self, agency: str | None) -> str:
        """Give ``noun.agency.fact``, or ``noun.fact`` where no agency is concerned; never with a version.

        Raises ``ValueError`` when the agency is missing or not wanted.
        """
        if self.agency != (agency is not None):
            raise ValueError(f"{self.type} {'needs' if self.agency else 'takes no'} agency")
        return f"{self.noun}.{self.fact}" if agency is None else f"{self.noun}.{agency}.{self.fact}"

    @property
    def binding_key(self) -> str:
        """The key a service binds: exact, or ``*`` in the place of the agency."""
        return self.routing_key(ANY_AGENCY if self.agency else None)


def _request(type_: str, summary: str, *, agency: bool = False, introduced: str = "0.2.0") -> EventType:
    return EventType(
        type=type_,
        producer="intake",
        aggregate="request",
        agency=agency,
        summary=summary,
        introduced=introduced,
    )


def _staff(type_: str, summary: str) -> EventType:
    return EventType(
        type=type_, producer="intake", aggregate="staff", agency=False, summary=summary, introduced="0.1.0"
    )


def _referral(
    fact: str,
    summary: str,
    *,
    sealed: tuple[str, ...] = (),
    introduced: str = "0.2.0",
    outside: bool = True,
) -> EventType:
    return EventType(
        type=f"referral.{fact}.v1",
        producer="referrals",
        aggregate="referral",
        agency=True,
        summary=summary,
        introduced=introduced,
        outside=outside,
        sealed=sealed,
    )


_PACKET = ("packet", "badge")

COMMANDS: Mapping[str, str] = MappingProxyType(
    {
        "cancel": "cancel the referral",
        "supply": "take the papers that were asked for",
        "reseal": "take a packet with corrected data",
        "freeze": "freeze the packet, for consent ended",
        "unfreeze": "go on with it, consent having been given anew",
        "reopen": "open the referral again",
        "more-time": "give the person more time for papers",
        "message": "take a short message to its desk",
        "rate": "take the person's rating",
        "record": "take down what the agency answered on paper",
    }
)
"""What the help desk may ask of a referral, by the verb of the command; each is answered by ``done`` or ``refused``."""

_FIRST_COMMAND = "cancel"


def _contact(fact: str, summary: str) -> EventType:
    # An aggregate of its own, which notifications alone follows: neither agencies nor referrals get a contact packet.
    return EventType(
        type=f"consent.contact-{fact}.v1",
        producer="intake",
        aggregate="contact",
        agency=False,
        summary=summary,
        introduced="0.3.0",
    )


_FROM_INTAKE = (
    _request(
        "request.submitted.v1",
        "A request was filed; its legs are to become referrals.",
        introduced="0.1.0",
    ),
    _request("request.approved.v1", "The street has checked the request; its planned legs are to be issued."),
    _request("request.sent-back.v1", "The street has sent the request back to the desk that filed it."),
    _request("request.resubmitted.v1", "A request that was sent back was corrected and submitted again."),
    _request("request.legs-added.v1", "Legs were added to a request, or take the place of others."),
    _request("request.moved.v1", "The request belongs to another unit now."),
    # Counted with the request, so that nothing of it can come after it.
    _request("person.erased.v1", "What is held of whoever asked is to be deleted, for this request."),
    *(
        _request(
            f"referral.{verb}-requested.v1",
            f"The help desk asks to {what}.",
            agency=True,
            introduced="0.1.0" if verb == _FIRST_COMMAND else "0.2.0",
        )
        for verb, what in COMMANDS.items()
    ),
    _request("referral.reissue-done.v1", "A successor was made in another leg's place.", agency=True),
    _request("referral.reissue-refused.v1", "No successor can be made in a leg's place.", agency=True),
    _staff("staff.disabled.v1", "An account was disabled; its tokens are no longer good."),
    _staff("staff.changed.v1", "An account's posts changed; older tokens are no longer good."),
    _contact("given", "Whoever asked wishes to be told of news: where, sealed to notifications alone."),
    _contact(
        "ended", "Whoever asked is told nothing more: what notifications holds of them is to be deleted."
    ),
)

_FACTS = (
    _referral(
        "issued",
        "A referral was delivered to its agency; the clock runs.",
        sealed=_PACKET,
        introduced="0.1.0",
    ),
    _referral("acknowledged", "The agency signed for the referral.", introduced="0.1.0"),
    _referral("accepted", "The agency took the referral on.", introduced="0.1.0"),
    _referral("step-recorded", "The agency recorded a step of the programme.", introduced="0.1.0"),
    _referral("closed", "The agency closed the referral with an outcome.", introduced="0.1.0"),
    _referral("cancelled", "The referral was cancelled before it was accepted.", introduced="0.1.0"),
    _referral(
        "planned",
        "A leg waits for the street's check before it is issued; told again when it is sent back or resubmitted.",
    ),
    _referral("documents-requested", "The agency asks, once, for every paper it lacks."),
    _referral("documents-supplied", "The papers asked for are there; the clock goes on.", sealed=_PACKET),
    _referral("suspended", "The agency suspended the referral until a day of review."),
    _referral("resumed", "The agency works on it again."),
    _referral("extended", "The leader gave more time for the decision."),
    _referral("return-proposed", "The agency holds that it is not the one to help."),
    _referral("returned", "The referral went back, with what comes next."),
    _referral("return-refused", "The coordinator left the referral with its agency."),
    _referral("transfer-proposed", "The agency proposes another one to go on."),
    _referral("transferred", "Another agency has taken the referral's place."),
    _referral("transfer-refused", "The referral stays with its agency."),
    _referral("reopened", "A closed referral is worked on again."),
    _referral("resealed", "The packet was sealed again with corrected data.", sealed=_PACKET),
    _referral("due-moved", "An official calendar moved the due day."),
    _referral("frozen", "Consent has ended: the packet is kept and no longer used."),
    _referral(
        "unfrozen", "Consent was given anew: the referral goes on with a fresh packet.", sealed=_PACKET
    ),
    _referral("approval-requested", "An action waits for the leader's approval."),
    _referral("approval-settled", "The leader has approved or declined an action."),
    _referral("reminded", "A day is coming near, or has come."),
)

_SIDE_FACTS = (
    _referral("claimed", "An officer took the referral into their own hands."),
    _referral("assigned", "The referral was given to an officer."),
    _referral("reassigned", "The referral went from one officer to another."),
    _referral("delegated", "An officer acts for another for a time."),
    _referral("urged", "The agency was asked to hurry."),
    _referral("supervised", "A supervision notice was given."),
    _referral("noted", "A note for colleagues was left."),
    _referral("messaged", "A short sealed message passed between desk and help desk.", sealed=("message",)),
    _referral("appointment-made", "The person has an appointment with the agency."),
    _referral("recorded-on-behalf", "An answer on paper was taken down for the agency.", sealed=("scan",)),
    _referral(
        "withdrawal-acknowledged",
        "The agency has named its own ground for what it keeps after consent ended.",
    ),
    _referral(
        "withdrawal-asked",
        "The person wishes to withdraw what the agency has accepted: it closes as withdrawn.",
    ),
    _referral(
        "line-left", "The person no longer waits for a place: the referral stays closed, as withdrawn."
    ),
    _referral("moved", "The referral belongs to another help desk now."),
    _referral("rated", "The person has rated the help."),
    # Who looks is told to the desk alone, which answers to the person.
    _referral("opened", "Somebody at the agency has opened what was sealed to it.", outside=False),
    _referral("erased", "The person is forgotten: whoever holds what was sent is asked to delete it."),
)

_ANSWERS = tuple(
    _referral(
        f"{verb}-{end}",
        f"Whether to {what}: {said}.",
        introduced="0.1.0" if verb == _FIRST_COMMAND else "0.2.0",
    )
    for verb, what in COMMANDS.items()
    for end, said in (("done", "it was carried out"), ("refused", "it could not be carried out"))
)

_REISSUE = EventType(
    type="referral.reissue-requested.v1",
    producer="referrals",
    aggregate="referral",
    agency=True,
    summary="A leg is to be made anew for another agency; until then its holder stays answerable.",
    introduced="0.2.0",
)

_CAPACITY = EventType(
    type="capacity.changed.v1",
    producer="referrals",
    aggregate="capacity",
    agency=True,
    summary="A programme has another number of places, or of free ones, or of people waiting.",
    introduced="0.2.0",
)

_AUDIT = tuple(
    EventType(
        type=f"audit.{service}-sealed.v1",
        producer=service,
        aggregate="audit",
        agency=False,
        summary="The audit log was sealed so far; another service keeps the head of its chain.",
        introduced="0.3.0",
    )
    for service in ("intake", "referrals", "notifications")
)

CATALOGUE: Mapping[str, EventType] = MappingProxyType(
    {row.type: row for row in (*_FROM_INTAKE, *_FACTS, *_SIDE_FACTS, *_ANSWERS, _REISSUE, _CAPACITY, *_AUDIT)}
)


def types_of(producer: str, aggregate: str) -> tuple[EventType, ...]:
    """Give all types one service publishes about one aggregate: who binds one of them binds them all.

    Raises ``LookupError`` when there is none, since a binding to nothing is a slip of the pen.
    """
    found = tuple(row for row in CATALOGUE.values() if (row.producer, row.aggregate) == (producer, aggregate))
    if not found:
        raise LookupError(f"the catalogue has no type by {producer} about {aggregate}")
    return found
