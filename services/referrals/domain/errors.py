"""What can be wrong with an action on a referral; the edge turns each into one problem answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.text import Text

if TYPE_CHECKING:
    from services.referrals.domain.status import Status


class ReferralError(Exception):
    """Anything that stops an action; nothing has changed."""


class NoSuchReferral(ReferralError):
    """There is none with this id, or none that the asker may know of."""


class IllegalTransition(ReferralError):
    """The referral's status does not allow the action.

    ``possible`` names the actions that its status does allow.
    """

    def __init__(
        self, action: str, status: Status, possible: Sequence[str], reason: Text | None = None
    ) -> None:
        super().__init__(f"{action} is not possible while the referral is {status}")
        self.action = action
        self.status = status
        self.possible = tuple(possible)
        self.reason = reason


class AidFirst(IllegalTransition):
    """Aid comes first and its paperwork after (社会救助暂行办法 48): nothing puts it off before it has been given."""


class WaitsForApproval(ReferralError):
    """An action waits for the leader, who has to settle it before anything else is decided here."""

    def __init__(self, action: str, pending: str, status: Status) -> None:
        super().__init__(f"{action} has to wait: {pending} waits for the leader's approval")
        self.action = action
        self.pending = pending
        self.status = status


class NothingPending(ReferralError):
    """There is nothing to approve or to decline."""

    def __init__(self, action: str, status: Status) -> None:
        super().__init__(f"{action}: nothing waits for approval")
        self.action = action
        self.status = status


class OwnRequest(ReferralError):
    """Whoever asked for an approval cannot give it."""


class TooLate(ReferralError):
    """An action whose time is over; ``reason`` tells the rule and what is still possible."""

    def __init__(self, action: str, status: Status, reason: Text) -> None:
        super().__init__(f"{action} comes too late")
        self.action = action
        self.status = status
        self.reason = reason


class NotYours(ReferralError):
    """The action is not taken here by anyone who signs in: it comes as a command from another service."""

    def __init__(self, action: str, reason: Text) -> None:
        super().__init__(f"{action} is not for the asker")
        self.action = action
        self.reason = reason


class Stale(ReferralError):
    """Somebody else has changed the referral since the asker read it."""

    def __init__(self, expected: int, current: int, status: Status) -> None:
        super().__init__(f"version {expected} was expected, {current} is current")
        self.expected = expected
        self.current = current
        self.status = status


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field of a command that is missing or wrong, with the remedy."""

    field: str
    message: Text


class BadFields(ReferralError):
    """Some fields of a command are missing or wrong."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = tuple(faults)


class KeyElsewhere(ReferralError):
    """The agency's own system holds the key, so nobody here can open or sign for it."""


class PacketFrozen(ReferralError):
    """Consent has ended: what was sent is kept, and read only on a ground of the agency's own that it has named."""


class PacketUnreadable(ReferralError):
    """The packet cannot be opened with the key at hand."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
