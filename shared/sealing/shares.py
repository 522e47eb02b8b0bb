"""The master key in shares: any k of n give it back, fewer tell nothing of it (Shamir, 1979)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from Crypto.Protocol.SecretSharing import Shamir  # nosec B413 # of pycryptodome, which is kept up

from shared.sealing.errors import MasterKeyError
from shared.sealing.master import KEY_BYTES, MasterKey
from shared.text import Text

FORMAT = 1
"""First byte; format 1 is format ‖ k ‖ number ‖ whose (8) ‖ share (32) ‖ check (4), in base32 by groups of four."""
MOST = 16
_HALF, _WHOSE, _CHECK = KEY_BYTES // 2, 8, 4
_LENGTH = 3 + _WHOSE + KEY_BYTES + _CHECK
_GROUP = 4
_MISREAD = str.maketrans("018", "OIB")


class SharesRefused(MasterKeyError):
    """These shares do not give a master key back; ``text`` says to people which of them is to be looked at."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class _Share:
    needed: int
    number: int
    whose: bytes
    secret: bytes = field(repr=False)


def split(master: MasterKey, needed: int, number: int) -> list[str]:
    """Split a master key into ``number`` shares of which any ``needed`` give it back, each a line to print.

    Splitting again makes shares that do not go together with these. Raises ``ValueError`` unless 2 ≤ needed ≤ number
    ≤ ``MOST``.
    """
    if not 2 <= needed <= number <= MOST:  # noqa: PLR2004 - with one alone it would be no secret shared
        raise ValueError(f"at least 2 of at most {MOST} shares must be needed")
    # The scheme works on 16 bytes: each half of the key is split by itself.
    halves = (master.secret[:_HALF], master.secret[_HALF:])
    first, second = (Shamir.split(needed, number, half, ssss=False) for half in halves)
    return [
        _written(_Share(needed, index, master.identity, one + other))
        for (index, one), (_, other) in zip(first, second, strict=True)
    ]


def join(lines: Sequence[str]) -> MasterKey:
    """Give the master key of which these are shares; more than needed do no harm.

    Raises:
        SharesRefused: one was copied wrongly, they are of different keys or splittings, or too few.
    """
    shares = {share.number: share for share in map(_read, lines)}
    if len({(share.whose, share.needed) for share in shares.values()}) > 1:
        raise SharesRefused(_MIXED)
    needed = next((share.needed for share in shares.values()), 2)
    if len(shares) < needed:
        raise SharesRefused(_TOO_FEW.format(needed=needed, given=len(shares)))
    chosen = list(shares.values())[:needed]
    halves = [
        [(share.number, share.secret[at]) for share in chosen] for at in (slice(_HALF), slice(_HALF, None))
    ]
    master = MasterKey(b"".join(Shamir.combine(half, ssss=False) for half in halves), "shares")
    if master.identity != chosen[0].whose:
        raise SharesRefused(_MIXED)
    return master


def _written(share: _Share) -> str:
    content = bytes((FORMAT, share.needed, share.number)) + share.whose + share.secret
    letters = base64.b32encode(content + _check(content)).decode().rstrip("=")
    return "-".join(letters[start : start + _GROUP] for start in range(0, len(letters), _GROUP))


def _read(line: str) -> _Share:
    letters = "".join(letter for letter in line.upper() if letter.isalnum()).translate(_MISREAD)
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (ValueError, binascii.Error):
        raw = b""
    content = raw[:-_CHECK]
    if len(raw) != _LENGTH or raw[-_CHECK:] != _check(content) or content[0] != FORMAT:
        raise SharesRefused(_MISCOPIED.format(start=line.strip()[:9]))
    return _Share(content[1], content[2], content[3 : 3 + _WHOSE], content[3 + _WHOSE :])


def _check(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()[:_CHECK]


_MISCOPIED = Text(
    "以“{start}”开头的分片抄写有误。请与原件核对。",
    "The share that begins with “{start}” was not copied rightly. Compare it with the original.",
)
_MIXED = Text(
    "这些分片不是同一次分存的。请只用同一次分存的分片。",
    "These shares are not of one splitting. Take those of one and the same.",
)
_TOO_FEW = Text(
    "需要 {needed} 个不同的分片，只有 {given} 个。",
    "{needed} different shares are needed, and there are {given}.",
)
