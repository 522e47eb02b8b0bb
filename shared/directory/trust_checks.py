"""Checks on what a pack trusts: agencies' own keys, the names of parties, and who approves what widens disclosure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from shared.directory.pack_view import AGENCIES, POSTS, Found, Pack, maps_of
from shared.directory.widening import DATA_PROTECTION
from shared.text import Text

RESERVED_PARTIES = frozenset({"intake", "notifications"})
"""Names under which the platform itself seals and signs (``shared.sealing.packets``): no agency's."""

_KEY_BYTES = 32

TRUST_MESSAGES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "reserved-party": (
            Text("“{value}”是平台自己的名称。", "“{value}” is a name of the platform's own."),
            Text("请给机构换一个标识。", "Give the agency another id."),
        ),
        "bad-public-key": (
            Text("public_jwk 不是可用的公钥。", "public_jwk is no public key that can be used."),
            Text(
                "请写 kty: OKP、crv: X25519 的公钥；可用 keys 再列一把 Ed25519 公钥（RFC 8037）。",
                "Give an OKP key of curve X25519, or under keys one of X25519 and one of Ed25519 (RFC 8037).",
            ),
        ),
        "duty-role": (
            Text("“{value}”只能由 auditor 岗位担任。", "Only the role auditor can have the duty “{value}”."),
            Text("请改正 role，或删去 duty。", "Correct role, or remove duty."),
        ),
        "nobody-approves": (
            Text(
                "没有人担任 data-protection：扩大披露的变更将无人批准。",
                "Nobody has the duty data-protection: what widens disclosure could be approved by nobody.",
            ),
            Text(
                "请给一个 auditor 岗位写上 duty: data-protection。",
                "Write duty: data-protection at a post of the role auditor.",
            ),
        ),
    }
)


def parties(pack: Pack) -> Found:
    """No agency bears a name of the platform's own, and whoever holds a key shows one that packets can be sealed to."""
    for place, item in pack.items(AGENCIES, "agencies"):
        if str(item.get("id")) in RESERVED_PARTIES:
            yield pack.flaw(AGENCIES, (*place, "id"), "reserved-party", value=item["id"])
        jwk = item.get("public_jwk")
        if isinstance(jwk, dict) and "d" not in jwk and not _can_be_sealed_to(jwk):
            yield pack.flaw(AGENCIES, (*place, "public_jwk"), "bad-public-key")


def _can_be_sealed_to(jwk: dict[str, Any]) -> bool:
    listed = jwk.get("keys", [jwk])
    if not isinstance(listed, list) or not all(map(_is_public_key, listed)):
        return False
    curves = [each["crv"] for each in listed]
    return "X25519" in curves and len(set(curves)) == len(curves)


def _is_public_key(jwk: Any) -> bool:  # noqa: ANN401 - unchecked YAML
    if not isinstance(jwk, dict) or jwk.get("kty") != "OKP" or jwk.get("crv") not in ("X25519", "Ed25519"):
        return False
    coordinate = jwk.get("x")
    if not isinstance(coordinate, str) or "d" in jwk:
        return False
    try:
        return len(base64.urlsafe_b64decode(coordinate + "=" * (-len(coordinate) % 4))) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


def approval(pack: Pack) -> Found:
    """Somebody can approve what widens disclosure, and only an auditor is bound to."""
    bound = False
    for place, person in pack.items(POSTS, "staff"):
        for index, post in maps_of(person, "posts"):
            if post.get("duty") != DATA_PROTECTION:
                continue
            bound = True
            if post.get("role") != "auditor":
                yield pack.flaw(POSTS, (*place, "posts", index), "duty-role", value=DATA_PROTECTION)
    if POSTS in pack.sources and not bound:
        yield pack.flaw(POSTS, ("staff",), "nobody-approves", key="duty")
