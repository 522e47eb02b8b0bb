"""A token for an outside system that shows its secret (RFC 6749 §4.4)."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.intake.domain.api_clients import ApiClient, State, TokenRefused
from services.intake.domain.errors import SignInPaused
from services.intake.domain.sign_in_rules import Allowance
from services.intake.persistence import clients as store
from services.intake.persistence import tries
from services.intake.use_cases.api_clients import hashed, post_of
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_in_tries import marks, require_open
from shared.audit import AuditEntry
from shared.db import UnitOfWork
from shared.identity import LIFETIME, Principal
from shared.identity.scopes import actions_of, opening_in, unknown_in

NOBODY = "unknown"
_NO_SECRET = "0" * 64
"""The hash of no secret at all: an unknown system costs the same comparison."""
_NOTHING: Mapping[bytes, Allowance] = {}


@dataclass(frozen=True, slots=True)
class ClientToken:
    """A token, the scopes it carries (names with spaces between them), and the seconds it is good for."""

    token: str = field(repr=False)
    scope: str
    expires_in: int


def client_token(
    context: Context, client_id: str, secret: str, wanted: str | None = None, *, address: str | None = None
) -> ClientToken:
    """Check a secret and sign a token for the scopes that were granted, or for those ``wanted`` of them.

    An unknown system, a wrong secret, one that has expired or was revoked are answered alike and cost the same; wrong
    ones are counted as wrong passwords are, by the id as it is given and by ``address``.

    Raises:
        TokenRefused: ``invalid_client``, ``unauthorized_client`` or ``invalid_scope``.
        SignInPaused: after too many wrong ones.
    """
    now = context.clock.now()
    counted = marks(context, client_id, address)
    with context.database.read() as connection:
        client = store.find(connection, client_id)
        wrong = tries.known(connection, counted)
    try:
        require_open(wrong, now)
    except SignInPaused:
        _refuse(context, client, now, "paused")
        raise
    right = _is_secret((_NO_SECRET,) if client is None else client.hashes(now), hashed(secret))
    if client is None or not right or client.state(now) is not State.ACTIVE:
        _refuse(context, client, now, "ended" if right else "wrong", _NOTHING if right else counted)
        raise TokenRefused("invalid_client", "The client is unknown or has ended, or its secret is wrong.")
    try:
        scope = _scope(context, client, wanted)
    except TokenRefused as error:
        _refuse(context, client, now, error.error)
        raise
    principal = Principal(
        staff=client.id, session=secrets.token_urlsafe(24), posts=(post_of(client),), scope=scope
    )
    with context.database.unit_of_work() as uow:
        mine = next(iter(counted))
        if mine in wrong:
            tries.clear(uow.connection, mine)
        _audit(uow, now, client, "client.token-made")
    left = min(LIFETIME, client.expires_at - now)
    token = context.keyring.tokens.sign(principal, now, until=client.expires_at)
    return ClientToken(token, scope, int(left.total_seconds()))


def _is_secret(kept: tuple[str, ...], given: str) -> bool:
    # Each is compared, so that time does not tell which of two it was.
    return sum(hmac.compare_digest(one, given) for one in kept) > 0


def _scope(context: Context, client: ApiClient, wanted: str | None) -> str:
    agency = context.directory.current().agencies.get(client.agency)
    if agency is None:
        raise TokenRefused("unauthorized_client", "The district no longer has the client's agency.")
    # What was granted while the key was held here is worth nothing once the agency holds it itself.
    opening = opening_in(client.scopes) if agency.keys == "own" else []
    granted = " ".join(name for name in client.scopes if name not in opening)
    if not granted:
        raise TokenRefused("invalid_scope", "Nothing that was granted can be used here any more.")
    if not wanted or not wanted.split():
        return granted
    names = list(dict.fromkeys(wanted.split()))
    if unknown_in(names) or not actions_of(" ".join(names)) <= actions_of(granted):
        raise TokenRefused("invalid_scope", f"Granted are: {granted}.")
    return " ".join(names)


def _refuse(
    context: Context,
    client: ApiClient | None,
    now: datetime,
    reason: str,
    counted: Mapping[bytes, Allowance] = _NOTHING,
) -> None:
    with context.database.unit_of_work() as uow:
        tries.count(uow.connection, counted, now)
        _audit(uow, now, client, "client.token-refused", reason=reason)


def _audit(
    uow: UnitOfWork, now: datetime, client: ApiClient | None, action: str, *, reason: str | None = None
) -> None:
    name = client.id if client is not None else NOBODY
    uow.audit(
        AuditEntry(
            at=now,
            actor=name,
            post=str(post_of(client)) if client is not None else "",
            action=action,
            object_type="client",
            object_id=name,
            reason=reason,
        )
    )
