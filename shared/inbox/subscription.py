"""What a consumer does with one type of event."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from marshmallow import Schema

    from shared.db import UnitOfWork
    from shared.events import Event

Handler = Callable[["UnitOfWork", Sequence["Event"]], None]
"""Applies one or more events of one type; their ``data`` has been loaded by the subscription's schema.

Works through ``uow.connection`` only. Raises ``Refused`` or ``NotYet`` for an event it cannot take; then the
batch is rolled back and its events are handled one by one.
"""


@dataclass(frozen=True)
class Subscription:
    """One type of event, the reader's own schema of its data, and the handler."""

    type: str
    schema: Schema
    handler: Handler
