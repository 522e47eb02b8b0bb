"""What happened to a request as a whole, and what time will do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.domain.timers import CHECK_OVERDUE
from services.intake.persistence.tables import request_events
from shared.db import Insert, UnitOfWork, insert
from shared.db.types import Id

_FACTS = (
    sa.select(request_events)
    .where(request_events.c.request_id == sa.bindparam("request", type_=Id))
    .order_by(request_events.c.at, request_events.c.id)
)
_FACT = Insert(request_events)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One line of what happened to a request: codes in ``detail``, ciphertext in ``words``."""

    id: str
    request: str
    fact: str
    status: str
    at: datetime
    staff: str | None
    detail: Mapping[str, Any]
    words: bytes | None = None


def add_fact(uow: UnitOfWork, fact: Fact) -> None:
    """Write down what happened to a request as a whole."""
    row = {
        "id": fact.id,
        "request_id": fact.request,
        "fact": fact.fact,
        "status": fact.status,
        "at": fact.at,
        "staff": fact.staff,
        "detail": dict(fact.detail),
        "words": fact.words,
    }
    insert(uow.connection, (_FACT, [row]))


def facts_of(connection: Connection, request: str) -> list[RowMapping]:
    """Read what happened to a request as a whole, oldest first."""
    return list(connection.execute(_FACTS, {"request": request}).mappings())


def due_for_check(due_on: date | None, due_at: datetime | None) -> dict[str, Any]:
    """Give the columns of a request that waits for the street's check until ``due_on``; of one that does not, None."""
    waiting = due_on is not None
    return {
        "checking": waiting,
        "check_due_on": due_on,
        "timer": CHECK_OVERDUE if waiting else None,
        "timer_at": due_at,
    }
