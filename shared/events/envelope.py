"""The event and its CloudEvents 1.0 forms: one for our own services, one for the outside."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import orjson

from shared.events.catalogue import CATALOGUE

CONTENT_TYPE = "application/cloudevents+json"
PARTITIONS = 8
_JSON_ALONE = (
    orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_SUBCLASS
)


def partition(subject: str) -> int:
    """Give the outbox partition (0 to 7) of an aggregate: its events share a lane, hence keep their order."""
    return zlib.crc32(subject.encode()) % PARTITIONS


def timestamp(moment: datetime) -> str:
    """Write an aware moment as RFC 3339 in UTC with milliseconds: ``2026-11-21T08:30:00.000Z``."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


JOINS = frozenset({"predecessor", "successor"})
"""What is said of a leg that leads to another agency's: who answers for one of them is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A fact (or a command between services) as published.

    ``subject`` is the id of the aggregate, ``sequence`` (1, 2, 3 …) counts the events of one source and
    subject. ``time`` is aware. ``data`` holds what JSON knows and nothing else: dates and moments are already
    text. ``correlation`` is the id of the person's request; with ``causation`` and ``traceparent`` it stays
    inside. ``inside_only`` keeps an event from an agency's own system although its type goes there: of what an
    agency does not hold yet it hears nothing. Raises ``ValueError`` for a type the catalogue lacks, a missing or
    unwanted agency, a naive time, a sequence below 1.
    """

    id: str
    type: str
    source: str
    subject: str
    time: datetime
    sequence: int
    data: Mapping[str, object]
    agency: str | None = None
    correlation: str | None = None
    causation: str | None = None
    traceparent: str | None = None
    inside_only: bool = field(default=False, compare=False)
    routing_key: str = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Refuse what could never be published, where the mistake is made and not in the relay."""
        kind = CATALOGUE.get(self.type)
        if kind is None:
            raise ValueError(f"the catalogue has no event type {self.type}")
        if self.time.tzinfo is None:
            raise ValueError("an event's time is aware")
        if self.sequence < 1:
            raise ValueError("an event's sequence counts from 1")
        object.__setattr__(self, "routing_key", kind.routing_key(self.agency))

    def internal(self) -> bytes:
        """Give the form for ``aid.events``; the same bytes on every transport.

        Raises ``TypeError`` (orjson's) when ``data`` holds something that is not plain JSON.
        """
        envelope = self._common(self.id)
        if self.correlation is not None:
            envelope["correlationid"] = self.correlation
        if self.causation is not None:
            envelope["causationid"] = self.causation
        if self.traceparent is not None:
            envelope["traceparent"] = self.traceparent
        envelope["data"] = self.data if type(self.data) is dict else dict(self.data)
        return orjson.dumps(envelope, option=_JSON_ALONE)

    def outside(self, id: str) -> bytes:  # noqa: A002 -- the attribute is called id in CloudEvents
        """Give the form for an agency's system: an ``id`` of its own, nothing that joins two legs."""
        envelope = self._common(id)
        envelope["data"] = {name: value for name, value in self.data.items() if name not in JOINS}
        return orjson.dumps(envelope, option=_JSON_ALONE)

    def _common(self, id_: str) -> dict[str, object]:
        envelope: dict[str, object] = {
            "specversion": "1.0",
            "id": id_,
            "type": self.type,
            "source": self.source,
            "subject": self.subject,
            "time": timestamp(self.time),
            "datacontenttype": "application/json",
            "dataschema": CATALOGUE[self.type].dataschema,
        }
        if self.agency is not None:
            envelope["agency"] = self.agency
        envelope["sequence"] = self.sequence
        envelope["partitionkey"] = self.subject
        return envelope
