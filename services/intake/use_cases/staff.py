"""Keeping accounts in step with who holds which post, and disabling them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.intake.domain.errors import NotThere
from services.intake.domain.events import staff_fact
from services.intake.persistence import requests
from services.intake.persistence import staff as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.seats import seats
from shared import ids
from shared.audit import AuditEntry
from shared.db import Database, UnitOfWork
from shared.directory import District, StaffMember
from shared.identity import Post, deny, hash_password

LEAST_PASSWORD = 14
"""Characters of a password, at least: long ones are remembered as a sentence, and nobody is asked for signs."""


def first_passwords(database: Database, district: District) -> dict[str, str]:
    """Hash the made-up passwords of a demo pack's staff who have no account yet, by staff id.

    It takes seconds, and a session that lets its transaction wait for so long is ended by the server: so it comes
    before the unit of work.
    """
    with database.read() as connection:
        known = store.everyone(connection)
    return {
        member.id: hash_password(member.demo_password)
        for member in district.staff
        if member.demo_password and member.id not in known
    }


def sync_staff(uow: UnitOfWork, district: District, now: datetime, passwords: Mapping[str, str]) -> None:
    """Bring the accounts in step with the district's posts.

    Who is new gets an account, with what ``passwords`` has for them (``first_passwords``). Whose posts changed, or who
    is no longer listed and so holds none, keeps name and password, and is told of by ``staff.changed``. Nothing enables
    a disabled account again.
    """
    known = store.everyone(uow.connection, hold=True)
    listed = {member.id: member for member in district.staff}
    new = [_row(member, now, passwords.get(name)) for name, member in listed.items() if name not in known]
    store.insert(uow.connection, new)
    source = f"/aid/{district.code}/intake"
    for account in known.values():
        member = listed.get(account.id)
        posts = _posts(member) if member else ()
        name = member.name if member else account.name
        if set(posts) == set(account.posts) and name == account.name:
            continue
        changed = {"posts": store.posts_as_json(posts), "name": name}
        _tell(uow, account, "changed", source=source, now=now, values=changed, actor="system")


def disable_staff(
    context: Context, staff: str, *, actor: str = "system", reason: str | None = None
) -> tuple[str, ...]:
    """Disable an account: its sessions end, and every service refuses its tokens within a minute.

    Gives the units whose open requests nobody sees any more: neither a desk of their own nor the specialist of their
    street. (With a specialist left, the desk's tasks come to that one, who can move the cases.)
    Disabling one that is disabled changes nothing. Raises ``NotThere`` when there is no such account.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, staff, hold=True)
        if account is None:
            raise NotThere
        if account.disabled_at is not None:
            return ()
        before = seats(uow.connection)
        store.end_sessions_of(uow.connection, staff, now)
        values = {"disabled_at": now}
        _tell(
            uow,
            account,
            "disabled",
            source=context.source,
            now=now,
            values=values,
            actor=actor,
            reason=reason,
        )
        after = seats(uow.connection)
        return tuple(
            unit
            for unit, street in requests.where_open(uow.connection)
            if before is not None
            and before.keep(unit, street)
            and (after is None or not after.keep(unit, street))
        )


def set_password(context: Context, staff: str, password: str, *, actor: str = "system") -> None:
    """Give an account a password of ``LEAST_PASSWORD`` characters or more; its sessions end, and so does a lock-out.

    Raises ``NotThere`` when there is no such account or it is disabled, ``ValueError`` when the password is too short.
    """
    if len(password) < LEAST_PASSWORD:
        raise ValueError(f"a password has {LEAST_PASSWORD} characters or more")
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, staff, hold=True)
        if account is None or account.disabled_at is not None:
            raise NotThere
        store.end_sessions_of(uow.connection, staff, now)
        fresh = {"password_hash": hash_password(password), "failures": 0, "locked_until": None}
        store.change(uow.connection, staff, changed_at=now, **fresh)
        uow.audit(
            AuditEntry(
                at=now,
                actor=actor,
                post="",
                action="account.password-set",
                object_type="account",
                object_id=staff,
            )
        )


def _tell(
    uow: UnitOfWork,
    account: store.Account,
    fact: str,
    *,
    source: str,
    now: datetime,
    values: dict[str, Any],
    actor: str,
    reason: str | None = None,
) -> None:
    sequence = account.event_sequence + 1
    store.change(uow.connection, account.id, event_sequence=sequence, changed_at=now, **values)
    # Intake does not consume its own events; the others deny the account when theirs arrives.
    deny(uow.connection, account.id, now)
    uow.record(staff_fact(fact, id=ids.new(), source=source, staff=account.id, time=now, sequence=sequence))
    uow.audit(
        AuditEntry(
            at=now,
            actor=actor,
            post="",
            action=f"account.{fact}",
            object_type="account",
            object_id=account.id,
            reason=reason,
        )
    )


def _row(member: StaffMember, now: datetime, password_hash: str | None) -> dict[str, Any]:
    return {
        "id": member.id,
        "name": member.name,
        "password_hash": password_hash,
        "posts": store.posts_as_json(_posts(member)),
        "failures": 0,
        "event_sequence": 0,
        "created_at": now,
        "changed_at": now,
    }


def _posts(member: StaffMember) -> tuple[Post, ...]:
    return tuple(Post(post.role, post.agency, post.unit) for post in member.posts)
