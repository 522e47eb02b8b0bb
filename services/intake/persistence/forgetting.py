"""Emptying the rows of a request whose time is over: words and names go, codes, dates and the fact of consent stay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from services.intake.persistence import papers as paper_store
from services.intake.persistence.rights_tables import contact_consents, objections
from services.intake.persistence.tables import (
    consents,
    former_consents,
    leg_events,
    legs,
    papers,
    people,
    request_events,
    requests,
    tasks,
)
from shared.db.types import Id, Instant

_ID = sa.bindparam("request", type_=Id)


def _emptied(table: sa.Table, whose: sa.Column[str], *columns: str) -> sa.Update:
    return sa.update(table).where(whose == _ID).values(dict.fromkeys(columns))


_CONTENT: Sequence[sa.Update] = (
    _emptied(requests, requests.c.id, "answers"),
    _emptied(request_events, request_events.c.request_id, "words"),
    _emptied(legs, legs.c.request_id, "beneficiary", "beneficiary_index", "note", "answer"),
    _emptied(leg_events, leg_events.c.request_id, "answer", "words"),
    _emptied(tasks, tasks.c.request_id, "words"),
    _emptied(consents, consents.c.request_id, "particulars"),
    _emptied(contact_consents, contact_consents.c.request_id, "mail"),
    _emptied(former_consents, former_consents.c.request_id, "particulars"),
    _emptied(objections, objections.c.request_id, "words", "answer"),
)
_MARK = (
    sa.update(requests)
    .where(requests.c.id == _ID)
    .values(
        forgotten_at=sa.bindparam("at", type_=Instant),
        updated_at=sa.bindparam("at", type_=Instant),
        version=requests.c.version + 1,
    )
)
_PAPERS = sa.select(papers.c.id, papers.c.blob_id).where(papers.c.request_id == _ID)
_PERSON = (
    *("name_pinyin", "id_number", "phone", "birth_date", "household_registration"),
    *("name_index", "id_index", "phone_index"),
)
_FORGET_PERSON = (
    sa.update(people)
    .where(people.c.id == sa.bindparam("person", type_=Id))
    .values(name=sa.bindparam("nobody", type_=people.c.name.type), **dict.fromkeys(_PERSON))
)
_LEAVE_HOUSEHOLD = _emptied(requests, requests.c.id, "household_id", "household_relation")
_THIS = sa.select(people.c.id_index).where(people.c.id == sa.bindparam("person", type_=Id)).scalar_subquery()
_OTHERS = (
    sa.select(
        sa.func.count(sa.case((requests.c.ended_at.is_(None), 1))).label("running"),
        sa.func.max(requests.c.ended_at).label("last"),
    )
    .join(people, people.c.id == requests.c.person_id)
    .where(people.c.id_index == _THIS, requests.c.id != _ID)
)


class Others(NamedTuple):
    """What else there is of a person: whether a request that has not ended, and when the last one ended."""

    running: bool
    last: datetime | None


def empty(connection: Connection, request: str, at: datetime) -> int:
    """Empty all that a request says in words, and take its papers away; gives how many papers went.

    A blob that no paper names any more loses its row and with it its key; the worker's sweep removes its ciphertext.
    """
    for statement in _CONTENT:
        connection.execute(statement, {"request": request})
    found = connection.execute(_PAPERS, {"request": request}).mappings().all()
    paper_store.remove(connection, found)
    connection.execute(_MARK, {"request": request, "at": at})
    return len(found)


def forget_person(connection: Connection, request: str, person: str, nobody: bytes) -> None:
    """Empty the row of a request's person and its indexes; ``nobody`` is an empty name as ciphertext."""
    connection.execute(_FORGET_PERSON, {"person": person, "nobody": nobody})
    connection.execute(_LEAVE_HOUSEHOLD, {"request": request})


def others_of(connection: Connection, request: str, person: str) -> Others:
    """Look for other requests under the same ID number; without one there are none that could be found."""
    row = connection.execute(_OTHERS, {"request": request, "person": person}).one()
    return Others(bool(row.running), row.last)
