"""One's own account as its holder sees it: whose it is and which posts it holds."""

from __future__ import annotations

from dataclasses import dataclass

from services.intake.domain.delegating import Delegation
from services.intake.domain.errors import SessionOver
from services.intake.persistence import staff as store
from services.intake.use_cases.context import Context
from services.intake.use_cases.delegating import delegations_of
from services.intake.use_cases.second_factor import is_in_use
from shared.identity import Post, Principal


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """An account as its holder sees it; ``password`` tells whether it has one here.

    ``delegations`` are those of today, given by it or to it; ``acting_for`` is for whom it acts just now.
    """

    id: str
    name: str
    posts: tuple[Post, ...]
    password: bool
    second_factor: bool
    acting_for: str | None
    delegations: tuple[Delegation, ...]


def own_account(context: Context, principal: Principal) -> OwnAccount:
    """Show one's own account; raises ``SessionOver`` when there is none any more."""
    with context.database.read() as connection:
        account = store.find(connection, principal.staff)
    if account is None:
        raise SessionOver
    in_use = is_in_use(context, principal)
    return OwnAccount(
        account.id,
        account.name,
        account.posts,
        account.password_hash is not None,
        in_use,
        principal.acting_for,
        tuple(delegations_of(context, principal)),
    )
