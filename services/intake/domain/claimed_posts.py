"""Which posts the claims of an identity provider give somebody, and under which account."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shared.identity.oidc.settings import PostRule

PLACES: Mapping[str, tuple[str, ...]] = {
    "hut": ("unit",),
    "grid": ("unit",),
    "specialist": ("unit",),
    "desk": ("agency",),
    "leader": ("agency",),
    "coordinator": (),
    "operator": (),
    "auditor": (),
}
"""What each role's post is at, as the district's pack has it."""
_ACCOUNT = re.compile(r"[a-z0-9][a-z0-9_-]*(?:\.[a-z0-9_-]+)*")
LONGEST = 64


class NotAdmitted(Exception):
    """The provider vouches for somebody who has no place here; ``reason`` is a code for the audit log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def claimed_posts(
    rules: Mapping[str, PostRule],
    given: object,
    places: Mapping[str, object],
    *,
    agencies: Collection[str],
    units: Collection[str],
) -> tuple[tuple[str, str | None, str | None], ...]:
    """Give the posts (role, agency, unit), in the order in which their values are configured.

    ``given`` is the roles claim, one value or a list; values without a rule are left out, since a directory's groups
    are mostly for something else. ``places`` are the claims ``agency`` and ``unit``.

    Raises:
        NotAdmitted: ``no-post`` if no value has a rule, ``no-place`` if a post lacks its place, ``unknown-place`` if
            the district has no such agency or unit.
    """
    held = {given} if isinstance(given, str) else {one for one in _items(given) if isinstance(one, str)}
    posts = []
    for value, rule in rules.items():
        if value in held:
            posts.append(_post(rule, places, {"agency": agencies, "unit": units}))
    if not posts:
        raise NotAdmitted("no-post")
    return tuple(dict.fromkeys(posts))


def account_of(issuer: str, subject: str) -> str:
    """Make the id of an account whose provider names none: the same for the same subject, and telling nothing."""
    return f"sso-{identity_key(issuer, subject)[:16]}"


def identity_key(issuer: str, subject: str) -> str:
    """Give what a subject is found by again: the hash of issuer and subject."""
    return hashlib.sha256(f"{issuer}\n{subject}".encode()).hexdigest()


def account_named(claim: object) -> str:
    """Give the account a claim names; raises ``NotAdmitted`` for what cannot be one's id."""
    name = claim.strip().lower() if isinstance(claim, str) else ""
    if len(name) > LONGEST or _ACCOUNT.fullmatch(name) is None:
        raise NotAdmitted("bad-account")
    return name


def _post(
    rule: PostRule, places: Mapping[str, object], known: Mapping[str, Collection[str]]
) -> tuple[str, str | None, str | None]:
    # A desk may stand at its agency's counter in one street; no other post is at more than its role needs.
    wanted = (*PLACES[rule.role], "unit") if rule.role == "desk" and rule.unit else PLACES[rule.role]
    fixed = {"agency": rule.agency, "unit": rule.unit}
    at = {place: fixed[place] or _text(places.get(place)) for place in wanted}
    if None in at.values():
        raise NotAdmitted("no-place")
    if any(value not in known[place] for place, value in at.items()):
        raise NotAdmitted("unknown-place")
    return rule.role, at.get("agency"), at.get("unit")


def claim_at(claims: Mapping[str, object], name: str) -> object:
    """Find a claim by its name, or by a path of names with dots (``realm_access.roles``); None if there is none."""
    if name in claims:
        return claims[name]
    found: object = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _items(given: object) -> list[Any]:
    return given if isinstance(given, list) else []


def _text(claim: object) -> str | None:
    return claim if isinstance(claim, str) and claim else None
