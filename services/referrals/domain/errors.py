"""What can be wrong with an action on a referral; the edge turns each into one problem answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from shared.text import Text

if TYPE_CHECKING:
    from datetime import date

    from services.referrals.domain.status import Status


@dataclass(frozen=True, slots=True)
class Rule(Text):
    """The sentence for one broken rule; ``id`` is the last part of its problem type, which no other rule shares."""

    id: str


class ReferralError(Exception):
    """Anything that stops an action; nothing has changed."""


class NoSuchReferral(ReferralError):
    """There is none with this id, or none that the asker may know of."""


class IllegalTransition(ReferralError):
    """The referral's status does not allow the action.

    ``possible`` names the actions that its status does allow.
    """

    def __init__(
        self, action: str, status: Status, possible: Sequence[str], reason: Rule | None = None
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
    """There is nothing to approve or to decline; ``possible`` is what whoever wanted to could do instead."""

    def __init__(self, action: str, status: Status, possible: Sequence[str]) -> None:
        super().__init__(f"{action}: nothing waits for approval")
        self.action = action
        self.status = status
        self.possible = tuple(possible)


class OwnRequest(ReferralError):
    """Whoever asked for an approval cannot give it."""


class TooLate(ReferralError):
    """An action whose time is over, or has not come; ``rule`` tells why and what is still possible.

    ``until`` is the last day on which it is too early, where its time has not come.
    """

    def __init__(self, action: str, status: Status, rule: Rule, *, until: date | None = None) -> None:
        super().__init__(f"{action} breaks the rule {rule.id}")
        self.action = action
        self.status = status
        self.rule = rule
        self.until = until


class NotYours(ReferralError):
    """The action is not taken here by anyone who signs in: it comes as a command from another service."""

    def __init__(self, action: str, rule: Rule) -> None:
        super().__init__(f"{action} is not for the asker")
        self.action = action
        self.rule = rule


class Stale(ReferralError):
    """Somebody else has changed the referral since the asker read it."""

    def __init__(self, expected: int, current: int, status: Status) -> None:
        super().__init__(f"version {expected} was expected, {current} is current")
        self.expected = expected
        self.current = current
        self.status = status


@dataclass(frozen=True, slots=True)
class FieldFault:
    """One field of a command that is missing or wrong, with the remedy; or the ``Rule`` that its value breaks."""

    field: str
    message: Text


class BadFields(ReferralError):
    """Some fields of a command are missing or wrong."""

    def __init__(self, faults: Sequence[FieldFault]) -> None:
        super().__init__(", ".join(fault.field for fault in faults))
        self.faults = tuple(faults)

    @property
    def rule(self) -> Rule | None:
        """The one rule that all of its faults are about; None for faults of the fields alone, or of several kinds."""
        broken = [fault.message for fault in self.faults if isinstance(fault.message, Rule)]
        one = {rule.id for rule in broken}
        return broken[0] if len(one) == 1 and len(broken) == len(self.faults) else None


class KeyElsewhere(ReferralError):
    """The agency's own system holds the key, so nobody here can open or sign for it."""


class PacketFrozen(ReferralError):
    """Consent has ended: what was sent is kept, and read only on a ground of the agency's own that it has named."""


class PacketDeleted(ReferralError):
    """Consent has ended and the agency has answered that it deleted what it held: there is nothing to open any more."""


class PersonErased(ReferralError):
    """Whoever it was for is forgotten: what was sealed is deleted, and nothing more is done about it."""


class PacketUnreadable(ReferralError):
    """The packet cannot be opened with the key at hand."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
