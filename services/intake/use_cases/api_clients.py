"""Outside systems of agencies: made, given a new secret, revoked; each change is told to every service."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.intake.domain.api_clients import (
    OVERLAP,
    ApiClient,
    ClientRefused,
    State,
    check_expiry,
    check_scopes,
)
from services.intake.domain.errors import NotThere
from services.intake.persistence import clients as store
from services.intake.use_cases.account_facts import end_tokens
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_in_tries import forget
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.directory import District
from shared.directory.neutral import forbidden_word
from shared.identity import Post, Role
from shared.identity.scopes import opening_in, unknown_in
from shared.text import Text

_NAME = re.compile(r"(?=.{1,20}$)[a-z][a-z0-9]*(?:-[a-z0-9]+)*")
_LIST = Text("carehut clients list 列出全部系统。", "carehut clients list names them all.")


@dataclass(frozen=True, slots=True)
class Issued:
    """A client and its secret, which is shown once and kept nowhere."""

    id: str
    secret: str = field(repr=False)
    expires_at: datetime


def add_client(
    context: Context, agency: str, name: str, scopes: Sequence[str], expires_at: datetime, *, actor: str
) -> Issued:
    """Make an outside system of an agency; gives its id ``name@agency`` and its secret.

    Raises ``ClientRefused`` for an unknown agency or scope, a name that is taken or no name, or an end that is none.
    """
    now = context.clock.now()
    district = context.directory.current()
    if agency not in district.agencies:
        known = ", ".join(district.agencies)
        raise ClientRefused(
            Text(f"地区配置中没有单位 {agency}。", f"The district's pack has no agency {agency}."),
            Text(f"可选：{known}。", f"There are: {known}."),
        )
    if _NAME.fullmatch(name) is None or forbidden_word(name) is not None:
        raise ClientRefused(
            Text(f"名称 {name} 不可用。", f"{name} cannot be its name."),
            Text(
                "用小写字母、数字与连字符，至多 20 个字符，且不含对外禁用词。",
                "Take at most 20 lower-case letters, digits and hyphens, and no word that may not be shown outside.",
            ),
        )
    names = tuple(dict.fromkeys(scopes))
    check_scopes(names, unknown_in(names), opening_in(names), own_key=_own_key(district, agency))
    check_expiry(now, expires_at)
    made = Issued(f"{name}@{agency}", _secret(), expires_at)
    with context.database.unit_of_work() as uow:
        if store.find(uow.connection, made.id, hold=True) is not None:
            raise ClientRefused(Text(f"{made.id} 已存在。", f"There is a {made.id} already."), _LIST)
        store.insert(
            uow.connection,
            id=made.id,
            agency=agency,
            scopes=names,
            secret_hash=hashed(made.secret),
            expires_at=expires_at,
            now=now,
        )
        _audit(uow, now, actor, "client.added", made.id, scopes=list(names), expires=expires_at.isoformat())
    return made


def rotate_client(
    context: Context,
    client: str,
    *,
    actor: str,
    overlap: timedelta = timedelta(),
    expires_at: datetime | None = None,
) -> Issued:
    """Give an outside system a new secret, and a later end if one is given.

    For ``overlap`` the old secret is believed beside it; without, its tokens end within a minute, too. Raises
    ``NotThere``, and ``ClientRefused`` for one that was revoked, an end that is none, or too long an overlap.
    """
    now = context.clock.now()
    if not timedelta() <= overlap <= OVERLAP:
        raise ClientRefused(
            Text("新旧密钥并用至多七天。", "Both secrets are believed for seven days at most."),
            Text("用 --overlap 给出小时数，0 至 168。", "Give the hours by --overlap, 0 to 168."),
        )
    with context.database.unit_of_work() as uow:
        known = _held(uow, client)
        if known.state(now) is State.REVOKED:
            raise ClientRefused(
                Text(f"{client} 已撤销。", f"{client} was revoked."),
                Text("用 carehut clients add 以另一名称新建。", "Make another one by carehut clients add."),
            )
        until = known.expires_at if expires_at is None else expires_at
        check_expiry(now, until)
        made = Issued(client, _secret(), until)
        store.change(
            uow.connection,
            client,
            secret_hash=hashed(made.secret),
            former_hash=known.secret_hash if overlap else None,
            former_until=now + overlap if overlap else None,
            expires_at=until,
            changed_at=now,
        )
        forget(context, uow.connection, client)
        if not overlap:
            _end_tokens(context, uow, known, "changed", now)
        hours = int(overlap.total_seconds() // 3600)
        _audit(uow, now, actor, "client.rotated", client, overlap_hours=hours, expires=until.isoformat())
    return made


def revoke_client(context: Context, client: str, *, actor: str, reason: str) -> None:
    """End an outside system: no more tokens, and within a minute no service takes those it has.

    Revoking one that is revoked changes nothing. Raises ``NotThere``.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        known = _held(uow, client)
        if known.state(now) is State.REVOKED:
            return
        store.change(
            uow.connection, client, revoked_at=now, former_hash=None, former_until=None, changed_at=now
        )
        _end_tokens(context, uow, known, "disabled", now)
        _audit(uow, now, actor, "client.revoked", client, reason=reason)


def list_clients(context: Context) -> list[tuple[ApiClient, State]]:
    """List all outside systems, by agency, with what each is good for now."""
    now = context.clock.now()
    with context.database.read() as connection:
        return [(client, client.state(now)) for client in store.everyone(connection)]


def hashed(secret: str) -> str:
    """Hash a secret as it is kept; one of 256 random bits cannot be guessed from it, however fast the hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def post_of(client: ApiClient) -> Post:
    """Give the post under which an outside system acts."""
    return Post(Role.CLIENT, agency=client.agency)


def _own_key(district: District, agency: str) -> bool:
    return district.agencies[agency].keys == "own"


def _secret() -> str:
    return secrets.token_urlsafe(32)


def _held(uow: UnitOfWork, client: str) -> ApiClient:
    known = store.find(uow.connection, client, hold=True)
    if known is None:
        raise NotThere
    return known


def _end_tokens(context: Context, uow: UnitOfWork, client: ApiClient, fact: str, now: datetime) -> None:
    sequence = client.event_sequence + 1
    store.change(uow.connection, client.id, event_sequence=sequence)
    end_tokens(uow, client.id, fact, source=context.source, sequence=sequence, since=now)


def _audit(
    uow: UnitOfWork,
    now: datetime,
    actor: str,
    action: str,
    client: str,
    *,
    reason: str | None = None,
    **detail: Any,  # noqa: ANN401 - codes, days and counts
) -> None:
    uow.audit(
        AuditEntry(
            at=now,
            actor=actor,
            post="",
            action=action,
            object_type="client",
            object_id=client,
            reason=reason,
            detail=detail,
        )
    )
