"""Events come in by the inbox: each consumer's receipt commits with the effect, and what fails is kept."""

from __future__ import annotations

from shared.inbox.errors import NotYet, Refused
from shared.inbox.receiver import Receiver
from shared.inbox.subscription import Handler, Subscription
from shared.messaging import Unavailable

__all__ = ["Handler", "NotYet", "Receiver", "Refused", "Subscription", "Unavailable"]
