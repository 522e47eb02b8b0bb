"""Signing in by the identity provider: whose account it is, which posts it gives, and a session like any other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.exc import IntegrityError

from services.intake.domain.claimed_posts import (
    NotAdmitted,
    account_named,
    account_of,
    claim_at,
    claimed_posts,
    identity_key,
)
from services.intake.persistence import identities
from services.intake.persistence import staff as store
from services.intake.use_cases import sign_in
from services.intake.use_cases.account_facts import end_tokens, entry
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_in import SignedIn, open_session
from shared.db import UnitOfWork
from shared.identity import Post
from shared.identity.oidc import OidcSettings

LONGEST_NAME = 64
_WITHOUT_A_POST = frozenset({"no-post", "no-place", "unknown-place"})
"""Why somebody is not let in whom the provider knows: it gives them no post here any more."""
_JUST_BEFORE = timedelta(milliseconds=2)


def sign_on(context: Context, settings: OidcSettings, claims: Mapping[str, object]) -> SignedIn:
    """Open a session for whom checked claims are about, with the posts they give.

    A subject keeps the account it first came to: the one its ``account`` claim names where that is configured, else a
    new one. Posts that are no longer the same end the tokens signed until then.

    Raises:
        NotAdmitted: the claims give no post here, or the account is disabled, another subject's, or one that keeps its
            password; audited.
    """
    subject = str(claims["sub"])
    try:
        posts = _posts(context, settings, claims)
        try:
            return _admit(context, settings, claims, posts)
        except IntegrityError:
            # Two windows of one person, both for the first time: the other one has made the account by now.
            return _admit(context, settings, claims, posts)
    except NotAdmitted as error:
        refuse_sign_on(context, error.reason, account_of(settings.issuer, subject))
        if error.reason in _WITHOUT_A_POST:
            _take_posts(context, identity_key(settings.issuer, subject))
        raise


def go_on(context: Context, settings: OidcSettings, claims: Mapping[str, object], token: str) -> SignedIn:
    """Go on with a session after the provider was asked again about its holder, with the posts it gives now.

    Where somebody else has signed in there meanwhile, the session is over and theirs begins.

    Raises:
        NotAdmitted: as ``sign_on``; the session is over.
        SessionOver: it has ended meanwhile.
    """
    principal = sign_in.holder(context, token)
    key = identity_key(settings.issuer, str(claims["sub"]))
    with context.database.read() as connection:
        same = identities.staff_of(connection, key) == principal.staff
    if not same:
        leave(context, token, "somebody-else")
        return sign_on(context, settings, claims)
    try:
        posts = _posts(context, settings, claims)
        now = context.clock.now()
        with context.database.unit_of_work() as uow:
            account = _account(uow, settings, claims, key, now)
            _put(context, uow, account, posts, _name(settings, claims, account.id), now)
            identities.used(uow.connection, key, now)
    except NotAdmitted as error:
        leave(context, token, error.reason)
        if error.reason in _WITHOUT_A_POST:
            _take_posts(context, key)
        raise
    return sign_in.renew(context, token)


def leave(context: Context, token: str, reason: str) -> None:
    """End the session of a token because the provider does not vouch for its holder any more; audited.

    Raises:
        SessionOver: the token was never ours.
    """
    principal, now = sign_in.holder(context, token), context.clock.now()
    with context.database.unit_of_work() as uow:
        store.end_session(uow.connection, sign_in.hashed(principal.session), now)
        uow.audit(entry(now, principal.staff, principal.staff, "account.sign-in-refused", reason))


def _take_posts(context: Context, key: str) -> None:
    """Take from an account what the provider gives it no more, and end what was signed with it."""
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        known = identities.staff_of(uow.connection, key)
        account = None if known is None else store.find(uow.connection, known, hold=True)
        if account is not None:
            _put(context, uow, account, (), account.name, now)


def _admit(
    context: Context, settings: OidcSettings, claims: Mapping[str, object], posts: tuple[Post, ...]
) -> SignedIn:
    now = context.clock.now()
    key = identity_key(settings.issuer, str(claims["sub"]))
    with context.database.unit_of_work() as uow:
        account = _account(uow, settings, claims, key, now)
        _put(context, uow, account, posts, _name(settings, claims, account.id), now)
        identities.used(uow.connection, key, now)
        return open_session(context, uow, replace(account, posts=posts), now, "account.signed-on")


def refuse_sign_on(context: Context, reason: str, account: str = sign_in.UNKNOWN) -> None:
    """Write down that somebody came from the provider and was not let in; ``reason`` is a code."""
    with context.database.unit_of_work() as uow:
        uow.audit(entry(context.clock.now(), account, account, "account.sign-in-refused", reason))


def unlink(context: Context, staff: str, *, actor: str) -> bool:
    """Part an account from its subject, so that the district's pack says again which posts it holds.

    Tells whether there was one. The next who comes with that subject gets an account anew.
    """
    with context.database.unit_of_work() as uow:
        if not identities.unlink(uow.connection, staff):
            return False
        uow.audit(entry(context.clock.now(), actor, staff, "account.unlinked"))
        return True


def _posts(context: Context, settings: OidcSettings, claims: Mapping[str, object]) -> tuple[Post, ...]:
    district = context.directory.current()
    names = settings.claims
    given = claimed_posts(
        settings.posts,
        claim_at(claims, names.roles),
        {"agency": claim_at(claims, names.agency), "unit": claim_at(claims, names.unit)},
        agencies=district.agencies.keys(),
        units=district.units.keys(),
    )
    return tuple(Post(role, agency, unit) for role, agency, unit in given)


def _account(
    uow: UnitOfWork, settings: OidcSettings, claims: Mapping[str, object], key: str, now: datetime
) -> store.Account:
    known = identities.staff_of(uow.connection, key)
    if known is None:
        known = _first_time(uow, settings, claims, key, now)
    account = store.find(uow.connection, known, hold=True)
    if account is None or account.disabled_at is not None:
        raise NotAdmitted("disabled")
    return account


def _first_time(
    uow: UnitOfWork, settings: OidcSettings, claims: Mapping[str, object], key: str, now: datetime
) -> str:
    claim = settings.claims.account
    subject = str(claims["sub"])
    named = account_of(settings.issuer, subject) if claim is None else account_named(claim_at(claims, claim))
    if named in settings.local_accounts:
        raise NotAdmitted("local-account")
    existing = store.find(uow.connection, named, hold=True)
    if existing is not None and identities.is_linked(uow.connection, named):
        if identities.staff_of(uow.connection, key) == named:
            return named  # another window of the same person made and linked it since we looked
        raise NotAdmitted("account-taken")
    if existing is None:
        store.insert(uow.connection, [store.new_row(named, named, (), None, now)])
        uow.audit(entry(now, named, named, "account.provisioned"))
    identities.link(uow.connection, key, named, settings.issuer, now)
    uow.audit(entry(now, named, named, "account.linked"))
    return named


def _put(
    context: Context,
    uow: UnitOfWork,
    account: store.Account,
    posts: tuple[Post, ...],
    name: str,
    now: datetime,
) -> None:
    if set(posts) == set(account.posts) and name == account.name:
        return
    sequence = account.event_sequence + 1
    store.change(
        uow.connection,
        account.id,
        posts=store.posts_as_json(posts),
        name=name,
        changed_at=now,
        event_sequence=sequence,
    )
    # The session that is being opened has the new posts already: only what was signed before it ends.
    since = now - _JUST_BEFORE
    end_tokens(uow, account.id, "changed", source=context.source, sequence=sequence, since=since)
    uow.audit(entry(now, account.id, account.id, "account.changed", "claims"))


def _name(settings: OidcSettings, claims: Mapping[str, object], account: str) -> str:
    name = claim_at(claims, settings.claims.name)
    return name.strip()[:LONGEST_NAME] if isinstance(name, str) and name.strip() else account
