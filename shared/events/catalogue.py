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


def _request(type_: str, summary: str, *, agency: bool = False) -> EventType:
    return EventType(
        type=type_, producer="intake", aggregate="request", agency=agency, summary=summary, introduced="0.1.0"
    )


def _staff(type_: str, summary: str) -> EventType:
    return EventType(
        type=type_, producer="intake", aggregate="staff", agency=False, summary=summary, introduced="0.1.0"
    )


def _referral(type_: str, summary: str, *, sealed: tuple[str, ...] = ()) -> EventType:
    return EventType(
        type=type_,
        producer="referrals",
        aggregate="referral",
        agency=True,
        summary=summary,
        introduced="0.1.0",
        outside=True,
        sealed=sealed,
    )


CATALOGUE: Mapping[str, EventType] = MappingProxyType(
    {
        row.type: row
        for row in (
            _request("request.submitted.v1", "A request was filed; its legs are to become referrals."),
            _request(
                "referral.cancel-requested.v1",
                "The help desk asks for a referral to be cancelled.",
                agency=True,
            ),
            _staff("staff.disabled.v1", "An account was disabled; its tokens are no longer good."),
            _staff("staff.changed.v1", "An account's posts changed; older tokens are no longer good."),
            _referral(
                "referral.issued.v1",
                "A referral was delivered to its agency; the clock runs.",
                sealed=("packet", "badge"),
            ),
            _referral("referral.acknowledged.v1", "The agency signed for the referral."),
            _referral("referral.accepted.v1", "The agency took the referral on."),
            _referral("referral.step-recorded.v1", "The agency recorded a step of the programme."),
            _referral("referral.closed.v1", "The agency closed the referral with an outcome."),
            _referral("referral.cancelled.v1", "The referral was cancelled before it was accepted."),
            _referral("referral.cancel-done.v1", "The request to cancel was carried out."),
            _referral("referral.cancel-refused.v1", "The request to cancel could not be carried out."),
        )
    }
)


def types_of(producer: str, aggregate: str) -> tuple[EventType, ...]:
    """Give all types one service publishes about one aggregate: who binds one of them binds them all.

    Raises ``LookupError`` when there is none, since a binding to nothing is a slip of the pen.
    """
    found = tuple(row for row in CATALOGUE.values() if (row.producer, row.aggregate) == (producer, aggregate))
    if not found:
        raise LookupError(f"the catalogue has no type by {producer} about {aggregate}")
    return found
