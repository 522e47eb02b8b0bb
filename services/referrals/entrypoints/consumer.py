"""Which events this service takes, and what each leads to."""

from __future__ import annotations

from functools import partial

from services.referrals.schemas.messages import CancelRequestedSchema, StaffSchema, SubmittedSchema
from services.referrals.use_cases.cancel_referrals import cancel_referrals
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.open_referrals import open_referrals
from shared.identity import deny_handlers
from shared.inbox import Subscription


def subscriptions(context: Context) -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregates only get a receipt."""
    return (
        Subscription("request.submitted.v1", SubmittedSchema(), partial(open_referrals, context)),
        Subscription(
            "referral.cancel-requested.v1", CancelRequestedSchema(), partial(cancel_referrals, context)
        ),
        *(Subscription(type_, StaffSchema(), handler) for type_, handler in deny_handlers.items()),
    )
