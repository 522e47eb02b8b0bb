"""Counting wrong tries: by the name as it was given, whether there is such an account or not, and by address."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from math import ceil

from sqlalchemy import Connection

from services.intake.domain.errors import SignInPaused
from services.intake.domain.sign_in_rules import BY_ADDRESS, BY_NAME, Allowance, Tries, place_of
from services.intake.persistence import tries as store
from services.intake.use_cases.context import Context

KIND = "sign-in"


def mark_of(context: Context, name: str) -> bytes:
    """Give the mark under which wrong tries with a name are counted."""
    return context.keyring.index.full(KIND, f"name {name}")


def marks(context: Context, name: str, address: str | None) -> Mapping[bytes, Allowance]:
    """Give every mark under which a try counts; one of the command line comes from no address."""
    found = {mark_of(context, name): BY_NAME}
    if address:
        found[context.keyring.index.full(KIND, f"address {place_of(address)}")] = BY_ADDRESS
    return found


def require_open(known: Mapping[bytes, Tries], now: datetime) -> None:
    """Object to checking anything while a pause lasts.

    Raises:
        SignInPaused: with the seconds that are left of it, the longest where there are two.
    """
    left = [each.paused_until - now for each in known.values() if each.paused_until is not None]
    longest = max((pause.total_seconds() for pause in left), default=0)
    if longest > 0:
        raise SignInPaused(ceil(longest))


def forget(context: Context, connection: Connection, name: str) -> None:
    """Forget the wrong tries with a name."""
    store.clear(connection, mark_of(context, name))
