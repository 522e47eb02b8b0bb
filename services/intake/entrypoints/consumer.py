"""Which events intake takes, and what each leads to: facts of legs go into their mirror, commands are carried out."""

from __future__ import annotations

from functools import partial

from services.intake.schemas.messages import READERS, CapacityChanged, ReissueRequested
from services.intake.use_cases.capacities import mirror_capacities
from services.intake.use_cases.context import Context
from services.intake.use_cases.mirror_legs import mirror_legs
from services.intake.use_cases.reissue import reissue_legs
from shared.http.audit_heads import witness
from shared.inbox import Subscription

REISSUE = "referral.reissue-requested.v1"
CAPACITY = "capacity.changed.v1"


def subscriptions(context: Context) -> tuple[Subscription, ...]:
    """Give one subscription for each type taken; other types of the same aggregate only get a receipt."""
    return (
        *(Subscription(type_, schema, mirror_legs) for type_, schema in READERS.items()),
        Subscription(REISSUE, ReissueRequested(), partial(reissue_legs, context)),
        Subscription(CAPACITY, CapacityChanged(), mirror_capacities),
        witness("notifications"),
    )
