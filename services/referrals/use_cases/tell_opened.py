"""That somebody at an agency has opened what was sealed to it is told to the help desk, which answers to the person."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from services.referrals.domain import events
from services.referrals.domain.referral import Referral, told
from services.referrals.persistence import referrals
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.words import holds_own_key
from shared import ids
from shared.db import UnitOfWork
from shared.identity import Grant

What = Literal["packet", "paper", "messages"]
OPENED = "referral.opened.v1"


def tell_opened(
    context: Context,
    uow: UnitOfWork,
    referral: Referral,
    grant: Grant,
    what: What,
    *,
    at: datetime,
    reason: str | None = None,
) -> Referral:
    """Tell that a held referral's packet, one of its papers or its messages were opened; gives it with that counted.

    个人信息保护法 Art. 44–45: the person may know. No version is spent, for nothing of the referral has changed; the
    reason goes sealed to the help desk, where the platform can sign for the agency.
    """
    counted = told(referral)
    referrals.update(uow.connection, referral, counted)
    answer: str | None = None
    if reason and not holds_own_key(referral, context.directory.current()):
        body = {"action": "open", "fields": {}, "note": reason}
        answer = context.keyring.seal("intake", referral.agency, referral.id, "answer", body, now=at)
    uow.record(
        events.event(
            OPENED,
            counted,
            events.opened(counted, at, what=what, by_post=grant.post.role, answer=answer),
            id=ids.new(),
            source=context.source,
            at=at,
            sequence=counted.event_sequence,
        )
    )
    return counted
