"""Accounts and their sessions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, RowMapping

from services.intake.persistence.tables import sessions, staff
from shared.identity import Post

_FIND = sa.select(staff).where(staff.c.id == sa.bindparam("id"))
_LOCK = _FIND.with_for_update()
_AT_WORK = sa.select(staff.c.posts).where(staff.c.disabled_at.is_(None)).order_by(staff.c.id)
_ALL = sa.select(staff).order_by(staff.c.id)
_HOLD_ALL = _ALL.with_for_update()
_INSERT = sa.insert(staff)
_SET = sa.update(staff).where(staff.c.id == sa.bindparam("account"))
_OPEN_SESSION = sa.insert(sessions)
_SESSION = sa.select(sessions).where(sessions.c.sid == sa.bindparam("sid"))
_RENEW = (
    sa.update(sessions).where(sessions.c.sid == sa.bindparam("session")).values(renewed_at=sa.bindparam("at"))
)
_END = (
    sa.update(sessions)
    .where(sessions.c.sid == sa.bindparam("session"), sessions.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("at"))
)
_END_ALL = (
    sa.update(sessions)
    .where(sessions.c.staff == sa.bindparam("account"), sessions.c.ended_at.is_(None))
    .values(ended_at=sa.bindparam("at"))
)


@dataclass(frozen=True, slots=True)
class Account:
    """One member of staff as the table knows them."""

    id: str
    name: str
    password_hash: str | None = field(repr=False)
    posts: tuple[Post, ...]
    event_sequence: int
    disabled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Session:
    """One sign-in and how long it has lived."""

    staff: str
    created_at: datetime
    renewed_at: datetime
    ended_at: datetime | None


def find(connection: Connection, account: str, *, hold: bool = False) -> Account | None:
    """Load an account, holding its row with ``hold``; None when there is none."""
    row = connection.execute(_LOCK if hold else _FIND, {"id": account}).mappings().one_or_none()
    return None if row is None else _account(row)


def everyone(connection: Connection, *, hold: bool = False) -> dict[str, Account]:
    """Load all accounts by id, holding their rows with ``hold``."""
    statement = _HOLD_ALL if hold else _ALL
    return {row["id"]: _account(row) for row in connection.execute(statement).mappings()}


def posts_at_work(connection: Connection) -> list[Post]:
    """Read the posts of all accounts that are not disabled."""
    return [_post(post) for posts in connection.execute(_AT_WORK).scalars() for post in posts]


def new_row(
    account: str, name: str, posts: Sequence[Post], password_hash: str | None, now: datetime
) -> dict[str, Any]:
    """Give the row of a new account, for ``insert``."""
    return {
        "id": account,
        "name": name,
        "password_hash": password_hash,
        "posts": posts_as_json(posts),
        "failures": 0,
        "event_sequence": 0,
        "created_at": now,
        "changed_at": now,
    }


def insert(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write new accounts."""
    if rows:
        connection.execute(_INSERT, rows)


def change(connection: Connection, account: str, **values: Any) -> None:  # noqa: ANN401 - columns of the table
    """Set some columns of an account."""
    connection.execute(_SET.values(**values), {"account": account})


def posts_as_json(posts: Sequence[Post]) -> list[dict[str, str | None]]:
    """Write posts as the table keeps them."""
    return [{"role": post.role, "agency": post.agency, "unit": post.unit} for post in posts]


def open_session(connection: Connection, sid: str, account: str, at: datetime) -> None:
    """Write a new session."""
    connection.execute(_OPEN_SESSION, {"sid": sid, "staff": account, "created_at": at, "renewed_at": at})


def session(connection: Connection, sid: str) -> Session | None:
    """Load a session; None when there is none."""
    row = connection.execute(_SESSION, {"sid": sid}).one_or_none()
    return None if row is None else Session(row.staff, row.created_at, row.renewed_at, row.ended_at)


def renew_session(connection: Connection, sid: str, at: datetime) -> None:
    """Note that a session was used."""
    connection.execute(_RENEW, {"session": sid, "at": at})


def end_session(connection: Connection, sid: str, at: datetime) -> None:
    """End a session, if it has not ended."""
    connection.execute(_END, {"session": sid, "at": at})


def end_sessions_of(connection: Connection, account: str, at: datetime) -> None:
    """End every session of an account."""
    connection.execute(_END_ALL, {"account": account, "at": at})


def end_other_sessions(connection: Connection, account: str, kept: str, at: datetime) -> None:
    """End every session of an account but one, named by the hash of its id."""
    connection.execute(_END_ALL.where(sessions.c.sid != kept), {"account": account, "at": at})


def _account(row: RowMapping) -> Account:
    return Account(
        id=row["id"],
        name=row["name"],
        password_hash=row["password_hash"],
        posts=tuple(_post(post) for post in row["posts"]),
        event_sequence=row["event_sequence"],
        disabled_at=row["disabled_at"],
    )


def _post(post: Mapping[str, Any]) -> Post:
    return Post(post["role"], post.get("agency"), post.get("unit"))
