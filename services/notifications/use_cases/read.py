"""Read one's messages, and mark one as read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.notifications.domain import inboxes
from services.notifications.domain.errors import NoSuchMessage
from services.notifications.domain.messages import sentence_of
from services.notifications.domain.words import (
    ABOUT,
    LEVELS,
    NOTICES,
    OUTCOMES,
    REMINDER,
    SOME_DAY,
    wording,
)
from services.notifications.persistence import messages, queries, sendings
from services.notifications.use_cases.context import Context
from shared.directory import District, UnknownProgramme
from shared.identity import Grant, Principal
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One message as its reader sees it; ``request`` is set only in the inbox of the post that filed it."""

    id: str
    type: str
    subject: str
    number: str
    agency: str
    at: datetime
    read_at: datetime | None
    request: str | None
    text: Text


def list_messages(
    context: Context, principal: Principal, grant: Grant, *, unread: bool, after: str | None, limit: int
) -> list[Item]:
    """List the messages of the reader's posts, newest first, those older than the message ``after``."""
    with context.database.read() as connection:
        rows = queries.list_messages(
            connection,
            inboxes=inboxes.of_person(grant.posts, principal.staff),
            staff=principal.staff,
            unread=unread,
            after=after,
            limit=limit,
        )
    return _items(context.directory.current(), rows)


def count_unread(context: Context, principal: Principal, grant: Grant) -> int:
    """Count what the reader has not read."""
    with context.database.read() as connection:
        return queries.count_unread(
            connection, inboxes=inboxes.of_person(grant.posts, principal.staff), staff=principal.staff
        )


def mark_read(context: Context, principal: Principal, grant: Grant, message: str) -> Item:
    """Mark a message as read by this reader and give it; once read, the first time stays.

    Raises:
        NoSuchMessage: it does not exist, or lies in no inbox of the reader's posts.
    """
    mine = inboxes.of_person(grant.posts, principal.staff)
    with context.database.unit_of_work() as uow:
        row = queries.one_message(uow.connection, inboxes=mine, staff=principal.staff, message=message)
        if row is None:
            raise NoSuchMessage(message)
        if row["read_at"] is None:
            read_at = messages.mark_read(
                uow.connection,
                staff=principal.staff,
                inbox=row["inbox"],
                message=message,
                now=context.clock.now(),
            )
            row = {**row, "read_at": read_at}
    return _item(context.directory.current(), row)


def mark_all_read(context: Context, principal: Principal, grant: Grant, until: str) -> None:
    """Mark what the reader has seen as read: everything up to the message ``until``, nothing that came later."""
    with context.database.unit_of_work() as uow:
        messages.mark_all_read(
            uow.connection,
            staff=principal.staff,
            inboxes=inboxes.of_person(grant.posts, principal.staff),
            until=until,
            now=context.clock.now(),
        )


def list_deliveries(context: Context, *, after: str | None, limit: int) -> Sequence[queries.Row]:
    """List what was put into which inbox and when, newest first, without any content."""
    with context.database.read() as connection:
        return queries.list_deliveries(connection, after=after, limit=limit)


def totals(context: Context) -> dict[str, int]:
    """Count all deliveries by the type of event."""
    with context.database.read() as connection:
        return queries.totals(connection)


def list_sendings(context: Context, *, after: str | None, limit: int) -> Sequence[queries.Row]:
    """List what persons were sent themselves, newest first: codes and times, no address and no words."""
    with context.database.read() as connection:
        return sendings.page(connection, after=after, limit=limit)


def sending_totals(context: Context) -> dict[str, int]:
    """Count what persons were sent, or were to be, by its state."""
    with context.database.read() as connection:
        return sendings.totals(connection)


def _items(district: District, rows: Sequence[queries.Row]) -> list[Item]:
    return [_item(district, row) for row in rows]


def _item(district: District, row: Mapping[str, Any]) -> Item:
    return Item(
        id=row["id"],
        type=row["type"],
        subject=row["subject"],
        number=row["number"],
        agency=row["agency"],
        at=row["at"],
        read_at=row["read_at"],
        request=row["request"],
        text=_text(district, row),
    )


def _text(district: District, row: Mapping[str, Any]) -> Text:
    params = row["params"]
    outcome, due_on, level = (params.get(name, "") for name in ("outcome", "due_on", "level"))
    # A pack in force may be older than a sentence of ours: then the fact is told without saying as what.
    sentence = district.texts.get(sentence_of(row["type"], params.get("as")))
    return wording(
        sentence or district.texts.get(sentence_of(row["type"])),
        {
            "number": Text(row["number"], row["number"]),
            "agency": _agency_name(district, row["agency"]),
            "programme": _programme_name(district, params["programme"]),
            "outcome": OUTCOMES.get(outcome, Text(outcome, outcome)),
            "due_on": Text(due_on, due_on),
            "level": LEVELS.get(level, Text(level, level)),
            "notice": NOTICES.get(level, REMINDER),
            "about": ABOUT.get(params.get("about", ""), SOME_DAY),
            "street": _unit_name(district, params.get("street", "")),
        },
    )


def _agency_name(district: District, agency: str) -> Text:
    # Messages outlive packs: what no pack in force ever named is shown by its id.
    found = district.agency_ever(agency)
    return Text(agency, agency) if found is None else found.name


def _programme_name(district: District, programme: str) -> Text:
    try:
        return district.programme_name(programme)
    except UnknownProgramme:
        return Text(programme, programme)


def _unit_name(district: District, code: str) -> Text:
    found = district.units.get(code)
    name = code if found is None else found.name
    return Text(name, name)
