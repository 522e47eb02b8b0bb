"""Which events this service takes, and what each leads to."""

from __future__ import annotations

from functools import partial

from services.referrals.schemas import commands as schemas
from services.referrals.schemas.messages import ApprovedSchema, CheckSchema, StaffSchema, SubmittedSchema
from services.referrals.use_cases.approve_legs import approve_legs, hold_legs
from services.referrals.use_cases.commands import carry_out
from services.referrals.use_cases.commands_of_desk import HANDLERS
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.erase import erase_people
from services.referrals.use_cases.open_referrals import open_referrals
from services.referrals.use_cases.succeed import move, stay
from shared.http.audit_heads import witness
from shared.identity import deny_handlers
from shared.inbox import Subscription


def subscriptions(context: Context) -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregates only get a receipt."""
    submitted = SubmittedSchema()
    return (
        Subscription("request.submitted.v1", submitted, partial(open_referrals, context)),
        Subscription("request.legs-added.v1", submitted, partial(open_referrals, context)),
        Subscription("request.approved.v1", ApprovedSchema(), partial(approve_legs, context)),
        Subscription("request.sent-back.v1", CheckSchema(), partial(hold_legs, "send-back", context)),
        Subscription("request.resubmitted.v1", CheckSchema(), partial(hold_legs, "resubmit", context)),
        Subscription("request.moved.v1", schemas.MOVED, partial(move, context)),
        Subscription("person.erased.v1", schemas.ERASED, partial(erase_people, context)),
        *(
            Subscription(
                f"referral.{verb}-requested.v1",
                schemas.READERS[verb],
                partial(carry_out, verb, handler, context),
            )
            for verb, handler in HANDLERS.items()
        ),
        Subscription("referral.reissue-refused.v1", schemas.REISSUE_REFUSED, partial(stay, context)),
        *(Subscription(type_, StaffSchema(), handler) for type_, handler in deny_handlers.items()),
        witness("intake"),
    )
