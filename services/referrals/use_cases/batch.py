"""One action on many referrals in one transaction, each answered for itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.referrals.domain.errors import (
    BadFields,
    FieldFault,
    IllegalTransition,
    NoSuchReferral,
    NotYours,
    ReferralError,
)
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.persistence import referrals
from services.referrals.use_cases.act import UNVERSIONED, Action, policy_of, take_within
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from shared.db import Once
from shared.identity import Principal, allow
from shared.text import Text

ACTIONS = ("acknowledge", "assign", "urge")
"""What may be done to many at once: nothing that needs a thought about each."""

_UNKNOWN = Text(
    "批量操作只限：签收、分派、催办。", "Only acknowledge, assign and urge can be done to many at once."
)
_VERSION = Text("请给出所见版本。", "Give the version you saw.")


@dataclass(frozen=True, slots=True)
class Result:
    """How one item came out: its new version, or what was wrong."""

    referral_id: str
    version: int | None
    error: ReferralError | None


def take_many(
    context: Context,
    principal: Principal,
    action: str,
    fields: Mapping[str, Any],
    items: Sequence[tuple[str, int | None]],
    *,
    once: Once | None = None,
) -> list[Result]:
    """Take one action on each of ``items`` (id, the version seen); what fails for one changes nothing for the others.

    Raises ``BadFields`` for an action that is not in ``ACTIONS`` or an item without the version it needs, and
    ``shared.identity.Forbidden``.
    """
    if action not in ACTIONS:
        raise BadFields([FieldFault("action", _UNKNOWN)])
    side = SIDE_ACTIONS.get(action)
    if side is None or side.versioned:
        missing = [n for n, (_, version) in enumerate(items) if version is None]
        if missing:
            raise BadFields([FieldFault(f"items.{n}.version", _VERSION) for n in missing])
    grant = allow(principal, policy_of(action))
    district = context.directory.current()
    results: list[Result] = []
    with context.database.unit_of_work(once=once) as uow:
        # In one order, whatever order they were sent in: two batches wait for each other at most once.
        referrals.load(uow.connection, sorted({item for item, _ in items}), lock=True)
        for item, version in items:
            command = Action(referral_id=item, action=action, version=version or UNVERSIONED, fields=fields)
            try:
                shown = take_within(context, uow, principal, grant, command, district)
            except ReferralError as error:
                # Nothing of this item was written: what is wrong with it is found before the first row.
                results.append(Result(item, None, error))
                if isinstance(error, (IllegalTransition, NotYours, NoSuchReferral)):
                    refused = {"action": action, "why": type(error).__name__}
                    about = ("referral", item)
                    audit(context, uow, principal, grant, "referral.action-refused", about, refused)
            else:
                results.append(Result(item, shown.referral.version, None))
        uow.result = results
    return results
