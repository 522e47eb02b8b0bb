"""Outside systems of agencies: what they may be given, how long they last, and when their secret is believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from shared.text import Text

LONGEST = timedelta(days=366)
"""How long one lasts at most; whoever still needs it then gets it extended by somebody who looked at it again."""
OVERLAP = timedelta(days=7)
"""How long an old secret may be kept beside a new one at most."""


class State(StrEnum):
    """What a client is good for at a moment."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ApiClient:
    """One outside system; ``scopes`` are names of policy actions or of groups of them."""

    id: str
    agency: str
    scopes: tuple[str, ...]
    secret_hash: str = field(repr=False)
    former_hash: str | None
    former_until: datetime | None
    expires_at: datetime
    event_sequence: int
    created_at: datetime
    revoked_at: datetime | None

    def state(self, now: datetime) -> State:
        """Tell what it is good for now."""
        if self.revoked_at is not None:
            return State.REVOKED
        return State.EXPIRED if now >= self.expires_at else State.ACTIVE

    def hashes(self, now: datetime) -> tuple[str, ...]:
        """Give the hashes of the secrets that are believed now: its own, and for a while the one before."""
        former = self.former_hash if self.former_until is not None and now < self.former_until else None
        return (self.secret_hash,) if former is None else (self.secret_hash, former)


class ClientRefused(Exception):
    """An outside system cannot be made or changed so; ``text`` says what is wrong, ``remedy`` what to do."""

    def __init__(self, text: Text, remedy: Text) -> None:
        super().__init__(text.en)
        self.text = text
        self.remedy = remedy


class TokenRefused(Exception):
    """No token for an outside system; ``error`` is the code of RFC 6749 §5.2, and the words are its description."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description


def check_expiry(now: datetime, expires_at: datetime) -> None:
    """Check that an end lies ahead, and not too far; raises ``ClientRefused``."""
    if not now < expires_at <= now + LONGEST:
        raise ClientRefused(
            Text("到期日须在今后一年之内。", "The last day must lie ahead, within a year."),
            Text(
                "用 --expires 给出日期，到期前可再延长。",
                "Give a day by --expires; it can be extended before that.",
            ),
        )


def check_scopes(
    names: Sequence[str], unknown: Sequence[str], opening: Sequence[str], *, own_key: bool
) -> None:
    """Check what is to be granted; ``opening`` are the names that need the agency's key here.

    Raises ``ClientRefused``.
    """
    if not names or unknown:
        listed = ", ".join(unknown) or "–"
        raise ClientRefused(
            Text(f"没有这样的权限范围：{listed}。", f"These are no scopes: {listed}."),
            Text("carehut clients scopes 列出全部范围。", "carehut clients scopes lists them all."),
        )
    if own_key and opening:
        listed = ", ".join(opening)
        raise ClientRefused(
            Text(
                f"该单位自持密钥，我方无从打开其资料，不能授予：{listed}。",
                f"This agency holds its own key; nothing of it can be opened here, so there is no {listed}.",
            ),
            Text(
                "其系统用自己的密钥打开所收到的资料包。",
                "Its system opens what it receives with its own key.",
            ),
        )
