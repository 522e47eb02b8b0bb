"""The second factor of one's own account: begun, confirmed, spent at sign-in, taken away, and codes on paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import orjson

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import SessionOver
from services.intake.persistence import second_factors as store
from services.intake.persistence import staff, tries
from services.intake.persistence.second_factors import RECOVERY, SECRET, TABLE, Factor
from services.intake.use_cases.account_facts import entry
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_in_tries import marks, require_open
from shared.db import UnitOfWork
from shared.identity import Principal, one_time, verify_password


class WrongCode(Exception):
    """The code, or the password asked for with it, is wrong or was used already."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator app needs: the secret to be typed, and the address it reads from a picture."""

    secret: str = field(repr=False)
    address: str = field(repr=False)


def is_in_use(context: Context, principal: Principal) -> bool:
    """Tell whether one's own account has a second factor."""
    with context.database.read() as connection:
        factor = store.find(connection, principal.staff)
    return factor is not None and factor.confirmed_at is not None


def begin(context: Context, principal: Principal) -> Enrolment:
    """Draw a secret for one's own account; it counts for nothing until it is confirmed. Again draws another.

    Raises:
        Breach: a second factor is in use already; it is taken away first.
        SessionOver: there is no such account any more.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        _hold_account(uow, principal.staff)
        factor = store.find(uow.connection, principal.staff, hold=True)
        if factor is not None and factor.confirmed_at is not None:
            raise Breach("second-factor-in-use")
        secret = one_time.new_secret()
        encrypted = context.keyring.fields.encrypt(TABLE, SECRET, principal.staff, secret)
        store.begin(uow.connection, principal.staff, encrypted, now)
        uow.audit(entry(now, principal.staff, principal.staff, "account.second-factor-begun"))
    issuer = context.directory.current().product_name.zh
    return Enrolment(one_time.as_typed(secret), one_time.address(secret, principal.staff, issuer))


def confirm(context: Context, principal: Principal, code: str) -> list[str]:
    """Confirm a secret by a first code; gives the recovery codes, which are shown this once.

    Raises:
        Breach: nothing waits to be confirmed.
        WrongCode: the code is not of this secret and this moment.
    """
    now = context.clock.now()
    with context.database.unit_of_work() as uow:
        factor = store.find(uow.connection, principal.staff, hold=True)
        if factor is None or factor.confirmed_at is not None:
            raise Breach("nothing-to-confirm")
        step = _step(context, factor, code, now)
        if step is None:
            raise WrongCode
        store.change(uow.connection, principal.staff, last_step=step, confirmed_at=now)
        codes = _new_codes(context, uow, principal.staff)
        uow.audit(entry(now, principal.staff, principal.staff, "account.second-factor-added"))
    return codes


def renew_codes(context: Context, principal: Principal, password: str, code: str) -> list[str]:
    """Give new recovery codes in the place of those there were; raises as ``remove``."""
    now = context.clock.now()
    with _with_both(context, principal, password, code, now) as uow:
        codes = _new_codes(context, uow, principal.staff)
        uow.audit(entry(now, principal.staff, principal.staff, "account.recovery-codes-renewed"))
    return codes


def remove(context: Context, principal: Principal, password: str, code: str) -> None:
    """Take one's own second factor away, which takes both factors: a session left open is not enough.

    Raises:
        Breach: there is none in use.
        WrongCode: password or code is wrong; it counts as a wrong sign-in.
        SignInPaused: after too many of these.
    """
    now = context.clock.now()
    with _with_both(context, principal, password, code, now) as uow:
        store.remove(uow.connection, principal.staff)
        uow.audit(entry(now, principal.staff, principal.staff, "account.second-factor-removed"))


@contextmanager
def shown_again(
    context: Context, principal: Principal, password: str, code: str, now: datetime
) -> Iterator[UnitOfWork]:
    """Open a transaction for whoever shows again who they are: by password, and by code where there are codes.

    Raises:
        WrongCode: one of them is wrong; it counts as a wrong sign-in.
        SignInPaused: after too many of these.
    """
    counted = marks(context, principal.staff, None)
    with context.database.read() as connection:
        account = staff.find(connection, principal.staff)
        require_open(tries.known(connection, counted), now)
    right = verify_password(account.password_hash if account else None, password)
    try:
        with context.database.unit_of_work() as uow:
            _require_both(context, uow, principal.staff, code, now, right=right)
            yield uow
    except WrongCode:
        with context.database.unit_of_work() as uow:
            tries.count(uow.connection, counted, now)
            uow.audit(entry(now, principal.staff, principal.staff, "account.change-refused"))
        raise


def spend(context: Context, uow: UnitOfWork, account: str, code: str, now: datetime) -> None:
    """Use a one-time code or a recovery code up, so that it is never taken again.

    Raises:
        WrongCode: it is wrong, or was used.
    """
    factor = store.find(uow.connection, account, hold=True)
    if factor is None or factor.confirmed_at is None:
        raise WrongCode
    step = _step(context, factor, code, now)
    if step is not None:
        store.change(uow.connection, account, last_step=step)
        return
    kept = _kept_codes(context, factor)
    used = one_time.recovery_hash(code)
    if used not in kept:
        raise WrongCode
    _keep(context, uow, account, [each for each in kept if each != used])
    detail = {"left": len(kept) - 1}
    uow.audit(entry(now, account, account, "account.recovery-code-used", detail=detail))


def _require_both(
    context: Context, uow: UnitOfWork, account: str, code: str, now: datetime, *, right: bool
) -> None:
    if not right:
        raise WrongCode
    factor = store.find(uow.connection, account, hold=True)
    if factor is not None and factor.confirmed_at is not None:
        spend(context, uow, account, code, now)


@contextmanager
def _with_both(
    context: Context, principal: Principal, password: str, code: str, now: datetime
) -> Iterator[UnitOfWork]:
    if not is_in_use(context, principal):
        raise Breach("no-second-factor")
    with shown_again(context, principal, password, code, now) as uow:
        yield uow


def _hold_account(uow: UnitOfWork, account: str) -> None:
    # Two who begin at once would each write a row.
    if staff.find(uow.connection, account, hold=True) is None:
        raise SessionOver


def _step(context: Context, factor: Factor, code: str, now: datetime) -> int | None:
    secret = context.keyring.fields.decrypt_bytes(TABLE, SECRET, factor.staff, factor.secret)
    return one_time.matching_step(secret, code, now, after=factor.last_step)


def _kept_codes(context: Context, factor: Factor) -> list[str]:
    if factor.recovery is None:
        return []
    found: list[str] = orjson.loads(
        context.keyring.fields.decrypt_bytes(TABLE, RECOVERY, factor.staff, factor.recovery)
    )
    return found


def _new_codes(context: Context, uow: UnitOfWork, account: str) -> list[str]:
    codes = one_time.new_recovery_codes()
    _keep(context, uow, account, [one_time.recovery_hash(code) for code in codes])
    return codes


def _keep(context: Context, uow: UnitOfWork, account: str, hashes: list[str]) -> None:
    encrypted = context.keyring.fields.encrypt(TABLE, RECOVERY, account, orjson.dumps(hashes))
    store.change(uow.connection, account, recovery=encrypted)
