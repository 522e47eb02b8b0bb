"""Blind indexes: finding a person by name, initials, phone or number without storing any of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypedDict

from shared.sealing.keys import Use
from shared.sealing.receipts import canonical

TOKEN_BYTES = 5
"""40 bits per token: eight letters in base32; rare false hits are settled by opening the packet."""

FULL_OWNER = "intake"


class IndexTokens(TypedDict):
    """What a leg carries to its agency's search index; a value that is not known is ``None``."""

    key_id: str
    name: str | None
    initials: str | None
    phone: str | None
    last4: str | None


def _text(value: str) -> str:
    return unicodedata.normalize("NFKC", value).casefold()


def _name(value: str) -> str:
    # Spaces and the many dots between the parts of a name are written in every way: they do not count.
    return "".join(letter for letter in _text(value) if letter.isalnum())


def _letters(value: str) -> str:
    return "".join(letter for letter in _text(value) if letter.isalnum())


_CHINA = re.compile(r"^(?:00)?86(?=1\d{10}$)")


def _phone(value: str) -> str:
    digits = "".join(letter for letter in _text(value) if letter.isdigit())
    return _CHINA.sub("", digits)


def _number(value: str) -> str:
    return "".join(_text(value).split())


def _last4(value: str) -> str:
    return _number(value)[-4:]


NORMALISE: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        "name": _name,
        "initials": _letters,
        "phone": _phone,
        "last4": _last4,
        "id_number": _number,
        "receipt_code": canonical,
        "filing": str,
        "paper": str,
        "sign-in": str,
        "appointment": _number,
    }
)
"""Kind → how its values are brought into the one form that is indexed."""


def normalise(kind: str, value: str) -> str:
    """Bring a value into the form that is indexed; a value of nothing but marks keeps them.

    Raises:
        KeyError: for a kind that is not indexed.
        ValueError: for a blank value.
    """
    form = NORMALISE[kind](value) or _text(value).strip()
    if not form:
        raise ValueError(f"a blank {kind} cannot be indexed")
    return form


class BlindIndex:
    """Keyed hashes of identifying values: whole for duplicates, truncated for each agency's search."""

    def __init__(
        self,
        secret: Callable[[Use, str], tuple[str, bytes]],
        secrets: Callable[[Use, str], list[bytes]],
    ) -> None:
        """``secret`` gives key id and secret bytes of what is current for a use and owner, ``secrets`` all in use."""
        self._secret = secret
        self._secrets = secrets

    def full(self, kind: str, value: str) -> bytes:
        """Give the 32-byte HMAC by which intake finds duplicates and receipt codes."""
        _, secret = self._secret(Use.INDEX, FULL_OWNER)
        return _digest(secret, kind, value)

    def agency_tokens(
        self, agency: str, *, name: str | None, initials: str | None, phone: str | None, last4: str | None
    ) -> IndexTokens:
        """Give the search tokens of one person for one agency; they tell nothing to any other.

        Blank values count as not known. ``last4`` may be the whole ID number.
        """
        kid, secret = self._secret(Use.INDEX, agency)
        return {
            "key_id": kid,
            "name": _token(secret, "name", name),
            "initials": _token(secret, "initials", initials),
            "phone": _token(secret, "phone", phone),
            "last4": _token(secret, "last4", last4),
        }

    def looked_for(self, agency: str, kind: str, value: str) -> list[str]:
        """Give the tokens an agency's search looks for: one, and while its key is replaced one of each key."""
        return [_shortened(_digest(secret, kind, value)) for secret in self._secrets(Use.INDEX, agency)]


def _token(secret: bytes, kind: str, value: str | None) -> str | None:
    return _shortened(_digest(secret, kind, value)) if value and not value.isspace() else None


def _digest(secret: bytes, kind: str, value: str) -> bytes:
    return hmac.digest(secret, f"{kind}\x1f{normalise(kind, value)}".encode(), hashlib.sha256)


def _shortened(digest: bytes) -> str:
    return base64.b32encode(digest[:TOKEN_BYTES]).decode().lower()


SURNAMES: Mapping[str, str] = MappingProxyType(
    {
        "单于": "cy", "尉迟": "yc", "万俟": "mq", "澹台": "tt", "令狐": "lh",
        "曾": "z", "单": "s", "仇": "q", "解": "x", "查": "z", "区": "o",
        "繁": "p", "朴": "p", "翟": "z", "盖": "g", "缪": "m", "佴": "n",
        "召": "s", "折": "s", "种": "c", "重": "c", "黑": "h", "员": "y",
    }
)  # fmt: skip
"""Surnames that are read otherwise than the same characters elsewhere; the longer ones first."""

_WORDS = re.compile(r"[^\W_]+")


def initials(name: str) -> str:
    """Give the first letters of a name's reading, as clerks type them: ``zxm`` for 张小明."""
    text = _text(name).strip()
    for surname, letters in SURNAMES.items():
        if text.startswith(surname):
            return letters + _initials(text[len(surname) :])
    return _initials(text)


def _initials(text: str) -> str:
    # Of all processes only those that seal need the dictionary, which takes a quarter of a second and 30 MB to read.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    found: list[str] = []
    for word in _WORDS.findall(text):
        # One entry per Chinese character, and one per run of other letters, which counts by its first.
        found += [entry[0] for entry in lazy_pinyin(word, style=Style.FIRST_LETTER) if entry]
    return "".join(found)
