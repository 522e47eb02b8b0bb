"""Keeping accounts in step with who holds which post, and disabling them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.intake.domain.errors import NotThere, SessionOver
from services.intake.persistence import delegations, identities, second_factors, tries
from services.intake.persistence import staff as store
from services.intake.use_cases.account_facts import end_tokens, entry
from services.intake.use_cases.context import Context
from services.intake.use_cases.left_behind import LeftBehind, leave_behind
from services.intake.use_cases.seats import seats
from services.intake.use_cases.second_factor import shown_again
from services.intake.use_cases.sign_in import hashed
from services.intake.use_cases.sign_in_tries import forget, mark_of
from shared.clock import local_date
from shared.db import Database, UnitOfWork
from shared.directory import District, StaffMember
from shared.identity import Post, Principal, hash_password, require_strong


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
    new = [
        store.new_row(name, member.name, _posts(member), passwords.get(name), now)
        for name, member in listed.items()
        if name not in known
    ]
    store.insert(uow.connection, new)
    source = f"/aid/{district.code}/intake"
    # Whose account an identity provider vouches for holds the posts that the provider last named.
    linked = identities.linked(uow.connection)
    for account in known.values():
        if account.id in linked:
            continue
        member = listed.get(account.id)
        posts = _posts(member) if member else ()
        name = member.name if member else account.name
        if set(posts) == set(account.posts) and name == account.name:
            continue
        changed = {"posts": store.posts_as_json(posts), "name": name}
        _tell(uow, account, "changed", source=source, now=now, values=changed, actor="system")


def disable_staff(
    context: Context, staff: str, *, actor: str = "system", reason: str | None = None
) -> LeftBehind:
    """Disable an account: its sessions end, and every service refuses its tokens within a minute.

    Gives the units whose open requests are left behind by it (``leave_behind``).
    Disabling one that is disabled changes nothing. Raises ``NotThere`` when there is no such account.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, staff, hold=True)
        if account is None:
            raise NotThere
        if account.disabled_at is not None:
            return LeftBehind()
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
        # Whoever acts for them does so no longer, either.
        today = local_date(now, context.directory.current().timezone)
        for each in delegations.of(uow.connection, staff, today):
            if each.staff == staff:
                tell_changed(context, uow, each.deputy, now, actor=actor)
        return leave_behind(uow, before, now)


def set_password(context: Context, staff: str, password: str, *, actor: str = "system") -> None:
    """Give an account a password; its sessions end, and so does a pause after wrong ones.

    Raises ``NotThere`` when there is no such account or it is disabled, ``WeakPassword`` when the password is short or
    would be tried first.
    """
    now = context.clock.now()
    with context.database.read() as connection:
        known = store.find(connection, staff)
    require_strong(password, known_words(context.directory.current(), staff, known.name if known else staff))
    fresh = hash_password(password)
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, staff, hold=True)
        if account is None or account.disabled_at is not None:
            raise NotThere
        store.end_sessions_of(uow.connection, staff, now)
        _give_password(context, uow, account, fresh, now, actor)
        uow.audit(entry(now, actor, staff, "account.password-set"))


def change_password(context: Context, principal: Principal, old: str, new: str, code: str = "") -> None:
    """Give one's own account another password; every session of it ends but the one that asks.

    Raises:
        SessionOver: it is no account of somebody here.
        WeakPassword: the new one is short, or would be tried first.
        WrongCode: the old one, or the code of who has a second factor, is wrong.
        SignInPaused: after too many of these.
    """
    now = context.clock.now()
    with context.database.read() as connection:
        known = store.find(connection, principal.staff)
    if known is None:
        raise SessionOver
    require_strong(new, known_words(context.directory.current(), known.id, known.name))
    fresh = hash_password(new)
    with shown_again(context, principal, old, code, now) as uow:
        account = store.find(uow.connection, known.id, hold=True) or known
        store.end_other_sessions(uow.connection, known.id, hashed(principal.session), now)
        _give_password(context, uow, account, fresh, now, known.id)
        uow.audit(entry(now, known.id, known.id, "account.password-set"))


def reset_second_factor(
    context: Context, staff: str, *, actor: str = "system", reason: str | None = None
) -> bool:
    """Take the second factor of an account away, whose holder has lost it; its sessions end.

    Tells whether there was one. Raises ``NotThere`` when there is no such account.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, staff, hold=True)
        if account is None:
            raise NotThere
        if not second_factors.remove(uow.connection, staff):
            return False
        store.end_sessions_of(uow.connection, staff, now)
        forget(context, uow.connection, staff)
        uow.audit(entry(now, actor, staff, "account.second-factor-reset", reason))
    return True


@dataclass(frozen=True, slots=True)
class Listed:
    """An account as the operator sees it; ``states`` tells what is out of the ordinary about it."""

    id: str
    name: str
    posts: tuple[Post, ...]
    states: tuple[str, ...]


def accounts(context: Context) -> list[Listed]:
    """List all accounts with their posts; it is written to the audit log."""
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        every = store.everyone(uow.connection)
        factors = second_factors.in_use(uow.connection)
        marked = {mark_of(context, account): account for account in every}
        wrong = tries.known(uow.connection, marked)
        paused = {marked[mark] for mark, one in wrong.items() if one.paused_until and one.paused_until > now}
        uow.audit(entry(now, "system", str(len(every)), "accounts.listed"))
    return [
        Listed(account.id, account.name, account.posts, tuple(_states(account, factors, paused)))
        for account in every.values()
    ]


def _states(account: store.Account, factors: Collection[str], paused: Collection[str]) -> Iterator[str]:
    if account.disabled_at is not None:
        yield "disabled"
    if account.password_hash is None:
        yield "no-password"
    if account.id in factors:
        yield "second-factor"
    if account.id in paused:
        yield "paused"
    if not account.posts:
        yield "no-post"


def known_words(district: District, *own: str) -> tuple[str, ...]:
    """Name the words that everybody knows about an account of this district."""
    return (*own, district.code, district.name.zh, district.name.en, district.product_name.zh)


def _give_password(
    context: Context, uow: UnitOfWork, account: store.Account, fresh: str, now: datetime, actor: str
) -> None:
    # Every service is told, so that what was signed for the sessions that end is worth nothing within a minute.
    values = {"password_hash": fresh}
    _tell(uow, account, "changed", source=context.source, now=now, values=values, actor=actor)
    forget(context, uow.connection, account.id)


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
    end_tokens(uow, account.id, fact, source=source, sequence=sequence, since=now)
    uow.audit(entry(now, actor, account.id, f"account.{fact}", reason))


def tell_changed(context: Context, uow: UnitOfWork, staff: str, now: datetime, *, actor: str) -> None:
    """Have every service ask for a newer token of an account than it has; it is renewed without a word."""
    account = store.find(uow.connection, staff, hold=True)
    if account is not None:
        _tell(uow, account, "changed", source=context.source, now=now, values={}, actor=actor)


def _posts(member: StaffMember) -> tuple[Post, ...]:
    return tuple(Post(post.role, post.agency, post.unit) for post in member.posts)
