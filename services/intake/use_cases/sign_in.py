"""Signing in, staying signed in, signing out. Intake holds the credentials for all services."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import orjson

from services.intake.domain.delegating import lent
from services.intake.domain.errors import (
    AskAgain,
    NotThere,
    OneTimeCodeNeeded,
    SessionOver,
    SignInFailed,
    SignInPaused,
)
from services.intake.domain.sign_in_rules import Allowance
from services.intake.persistence import delegations, identities, second_factors, tries
from services.intake.persistence import staff as store
from services.intake.use_cases.account_facts import entry
from services.intake.use_cases.context import Context
from services.intake.use_cases.second_factor import WrongCode, spend
from services.intake.use_cases.sign_in_tries import marks, require_open
from shared.clock import local_date
from shared.db import UnitOfWork
from shared.identity import (
    InvalidToken,
    Post,
    Principal,
    hash_password,
    needs_rehash,
    verify_password,
)

IDLE = timedelta(minutes=45)
"""A session left alone for longer is over: a token's fifteen minutes and half an hour."""
LIFE = timedelta(hours=12)
"""No session lasts longer than a long working day, however busily it is used."""
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh token and whose it is."""

    token: str = field(repr=False)
    principal: Principal


def sign_in(
    context: Context, username: str, password: str, *, otp: str | None = None, address: str | None = None
) -> SignedIn:
    """Check a password, and the one-time code of who has a second factor, and open a session.

    A wrong name, a wrong password, a wrong code and a disabled account are answered alike and cost the same, and
    wrong tries are counted by the name as it is given: nobody learns which accounts exist. ``address`` is where the
    try comes from; on the command line it comes from nowhere.

    Raises:
        SignInFailed: in each of these cases; ``OneTimeCodeNeeded`` where the code alone is missing.
        SignInPaused: after too many of them.
    """
    now = context.clock.now()
    counted = marks(context, username, address)
    with context.database.read() as connection:
        # Whom an identity provider vouches for has no password here: answered as somebody unknown.
        account = store.find(connection, username) if context.keeps_password(username) else None
        factor = second_factors.find(connection, account.id) if account else None
        wrong = tries.known(connection, counted)
    refusing = _Refusing(context, account.id if account else UNKNOWN, now)
    try:
        require_open(wrong, now)
    except SignInPaused:
        refusing("paused")
        raise
    right = verify_password(account.password_hash if account else None, password)
    if account is None or not right or account.disabled_at:
        refusing("wrong" if account is None or not right else "disabled", counted)
        raise SignInFailed
    in_use = factor is not None and factor.confirmed_at is not None
    if in_use and not otp:
        refusing("code-missing")
        raise OneTimeCodeNeeded
    try:
        with context.database.unit_of_work() as uow:
            if in_use:
                spend(context, uow, account.id, otp or "", now)
            # What was mistyped with this name is forgiven; what was from this address is not the others' fault.
            tries.clear(uow.connection, next(iter(counted)))
            if account.password_hash and needs_rehash(account.password_hash):
                store.change(uow.connection, account.id, password_hash=hash_password(password))
            return open_session(context, uow, account, now, "account.signed-in")
    except WrongCode as error:
        refusing("wrong-code", counted)
        raise SignInFailed from error


def make_token(context: Context, username: str) -> SignedIn:
    """Open a session without a password: for the command line of a demo installation, which checks that it is one.

    Raises:
        NotThere: there is no such account, or it is disabled.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, username)
        if account is None or account.disabled_at:
            raise NotThere
        return open_session(context, uow, account, now, "account.token-made")


def renew(context: Context, token: str, *, unasked: bool = False) -> SignedIn:
    """Give a new token for a session that lives, from a token that has run out; posts are read afresh.

    ``unasked`` where the identity provider cannot be asked just now.

    Raises:
        SessionOver: the token was never ours, or its session has ended, idled or lived too long.
        AskAgain: it lives, and the identity provider is to be asked first.
    """
    now = context.clock.now()
    principal = holder(context, token)
    sid = hashed(principal.session)
    with context.database.unit_of_work() as uow:
        session = store.session(uow.connection, sid)
        account = store.find(uow.connection, principal.staff)
        if (
            session is None
            or account is None
            or account.disabled_at is not None
            or session.ended_at is not None
            or session.renewed_at + IDLE < now
            or session.created_at + LIFE < now
        ):
            raise SessionOver
        if not unasked:
            _require_vouched_for(context, uow, account.id, now)
        store.renew_session(uow.connection, sid, now)
        acting_for, posts = _posts_today(context, uow, account, principal.acting_for, now)
    renewed = Principal(staff=account.id, session=principal.session, posts=posts, acting_for=acting_for)
    return SignedIn(context.keyring.tokens.sign(renewed, now), renewed)


def _require_vouched_for(context: Context, uow: UnitOfWork, account: str, now: datetime) -> None:
    every = context.sign_on.settings.ask_again if context.sign_on else timedelta()
    last = identities.last_vouched_for(uow.connection, account) if every else None
    if last is not None and now - last > every:
        raise AskAgain(overdue=now - last > 2 * every)


def holder(context: Context, token: str) -> Principal:
    """Give whose session a token is of: it is checked as of the moment it was signed, everything but its age.

    Raises:
        SessionOver: the token was never ours.
    """
    try:
        return context.keyring.tokens.verify(token, _signed_at(token))
    except InvalidToken as error:
        raise SessionOver from error


def sign_out(context: Context, principal: Principal) -> None:
    """End the principal's session: its token runs out within minutes and is not renewed."""
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        store.end_session(uow.connection, hashed(principal.session), now)
        uow.audit(
            entry(now, principal.staff, principal.staff, "account.signed-out", post=_first(principal.posts))
        )


def open_session(
    context: Context, uow: UnitOfWork, account: store.Account, now: datetime, action: str
) -> SignedIn:
    """Open a session for somebody who has shown who they are, whichever way, and sign its first token.

    ``action`` is what the audit log calls it. The caller has seen to it that the account is not disabled.
    """
    principal = Principal(staff=account.id, session=secrets.token_urlsafe(24), posts=account.posts)
    store.open_session(uow.connection, hashed(principal.session), account.id, now)
    uow.audit(entry(now, account.id, account.id, action, post=_first(account.posts)))
    return SignedIn(context.keyring.tokens.sign(principal, now), principal)


def _posts_today(
    context: Context, uow: UnitOfWork, account: store.Account, acting_for: str | None, now: datetime
) -> tuple[str | None, tuple[Post, ...]]:
    """Give for whom somebody acts, and under which posts; one's own where that is over."""
    if acting_for is None:
        return None, account.posts
    today = local_date(now, context.directory.current().timezone)
    other = store.find(uow.connection, acting_for)
    lasts = delegations.lasts(uow.connection, acting_for, account.id, today)
    if other is None or other.disabled_at is not None or not lasts:
        return None, account.posts
    return other.id, lent(other.posts)


@dataclass(frozen=True, slots=True)
class _Refusing:
    """Writes a refusal down, and counts it where it was a guess."""

    context: Context
    account: str
    now: datetime

    def __call__(self, reason: str, counted: Mapping[bytes, Allowance] | None = None) -> None:
        with self.context.database.unit_of_work() as uow:
            if counted:
                tries.count(uow.connection, counted, self.now)
            uow.audit(entry(self.now, self.account, self.account, "account.sign-in-refused", reason))


def _signed_at(token: str) -> datetime:
    # What an unchecked token claims is good enough to ask by: the signature covers the claim.
    try:
        payload = token.split(".")[1]
        issued = orjson.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["iat"]
        return datetime.fromtimestamp(float(issued), UTC)
    except (IndexError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise InvalidToken("not a token") from error


def hashed(session: str) -> str:
    """Give what is kept of a session's id."""
    return hashlib.sha256(session.encode()).hexdigest()


def _first(posts: Sequence[Post]) -> str:
    return str(posts[0]) if posts else ""
