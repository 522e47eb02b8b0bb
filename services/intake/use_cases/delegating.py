"""Acting for a colleague who is away: given until a day, taken up with a token of its own, and taken back."""

from __future__ import annotations

from datetime import date

from services.intake.domain.delegating import ONESELF, Delegation, lent, require_lendable
from services.intake.domain.errors import Fault, InvalidFiling, NoSession, NotThere, SessionOver
from services.intake.persistence import delegations
from services.intake.persistence import staff as store
from services.intake.use_cases.account_facts import entry
from services.intake.use_cases.context import Context
from services.intake.use_cases.sign_in import SignedIn, hashed
from services.intake.use_cases.staff import tell_changed
from shared import ids
from shared.clock import local_date
from shared.identity import Forbidden, Principal

OWN = "account.own"


def delegate(context: Context, staff: str, deputy: str, until: date, *, actor: str) -> Delegation:
    """Let a deputy act for somebody up to a day, under the posts that can be stood in for.

    Raises:
        NotThere: there is no such account, or it is disabled.
        InvalidFiling: naming every field that is wrong.
    """
    now, district = context.clock.now(), context.directory.current()
    with context.database.unit_of_work() as uow:
        account = store.find(uow.connection, staff, hold=True)
        if account is None or account.disabled_at is not None:
            raise NotThere
        if deputy == staff:
            raise InvalidFiling([Fault("deputy", ONESELF)])
        other = store.find(uow.connection, deputy)
        posts = other.posts if other is not None and other.disabled_at is None else None
        require_lendable(account.posts, posts, district.street_of, until, local_date(now, district.timezone))
        made = Delegation(ids.at(now), staff, deputy, until)
        row = {
            "id": made.id,
            "staff": staff,
            "deputy": deputy,
            "until": until,
            "made_at": now,
            "made_by": actor,
        }
        delegations.add(uow.connection, row)
        uow.audit(
            entry(now, actor, staff, "account.delegated", detail={"to": deputy, "until": until.isoformat()})
        )
    return made


def delegate_own(context: Context, principal: Principal, deputy: str, until: date) -> Delegation:
    """Let a colleague act for oneself; whoever acts for another cannot pass that on.

    Raises:
        Forbidden: one acts for somebody else just now.
        SessionOver: one's own account is no more.
        InvalidFiling: naming every field that is wrong.
    """
    if principal.acting_for is not None:
        raise Forbidden(OWN)
    try:
        return delegate(context, principal.staff, deputy, until, actor=principal.staff)
    except NotThere as error:
        raise SessionOver from error


def delegations_of(context: Context, principal: Principal) -> list[Delegation]:
    """List what lasts today: given by oneself, or to oneself."""
    today = local_date(context.clock.now(), context.directory.current().timezone)
    with context.database.read() as connection:
        return delegations.of(connection, principal.staff, today)


def end_delegation(context: Context, principal: Principal, delegation: str) -> None:
    """Take a delegation back, or give it up; within a minute the deputy acts for nobody.

    Raises:
        NotThere: no such one lasts that concerns the principal.
    """
    now = context.clock.now()
    today = local_date(now, context.directory.current().timezone)
    with context.database.unit_of_work() as uow:
        found = [
            each for each in delegations.of(uow.connection, principal.staff, today) if each.id == delegation
        ]
        if not found:
            raise NotThere
        delegations.end(uow.connection, delegation, now)
        tell_changed(context, uow, found[0].deputy, now, actor=principal.staff)
        uow.audit(
            entry(
                now,
                principal.staff,
                found[0].staff,
                "account.delegation-ended",
                detail={"to": found[0].deputy},
            )
        )


def act_for(context: Context, principal: Principal, staff: str | None) -> SignedIn:
    """Give a token of the same session under a colleague's posts, or under one's own again.

    What is done with it is done by oneself: four eyes stay four.

    Raises:
        NotThere: one may not act for this account today.
        NoSession: the token was given to nobody who signed in.
        SessionOver: the session has ended.
    """
    now = context.clock.now()
    today = local_date(now, context.directory.current().timezone)
    with context.database.unit_of_work() as uow:
        session = store.session(uow.connection, hashed(principal.session))
        own = store.find(uow.connection, principal.staff)
        if session is None:
            raise NoSession
        if session.ended_at is not None or own is None:
            raise SessionOver
        posts = own.posts
        if staff is not None:
            other = store.find(uow.connection, staff)
            allowed = delegations.lasts(uow.connection, staff, own.id, today)
            if other is None or other.disabled_at is not None or not allowed:
                raise NotThere
            posts = lent(other.posts)
        action = "account.acting-begun" if staff is not None else "account.acting-ended"
        uow.audit(entry(now, own.id, staff or principal.acting_for or own.id, action))
    acting = Principal(staff=own.id, session=principal.session, posts=posts, acting_for=staff)
    return SignedIn(context.keyring.tokens.sign(acting, now), acting)
