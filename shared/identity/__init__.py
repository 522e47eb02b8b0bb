"""Who is asking and what they may do: roles, posts, the policy table, tokens, the deny table, passwords."""

from __future__ import annotations

from shared.identity.denied import DeniedStaff, deny, deny_all, deny_handlers
from shared.identity.password_policy import WeakPassword, require_strong
from shared.identity.passwords import hash_password, needs_rehash, verify_password
from shared.identity.policy import POLICY, Scope, allow, may_know
from shared.identity.principal import Forbidden, Grant, Post, Principal, Role, outward_role
from shared.identity.tokens import LIFETIME, InvalidToken, Tokens, csrf, csrf_matches

__all__ = [
    "LIFETIME",
    "POLICY",
    "DeniedStaff",
    "Forbidden",
    "Grant",
    "InvalidToken",
    "Post",
    "Principal",
    "Role",
    "Scope",
    "Tokens",
    "WeakPassword",
    "allow",
    "csrf",
    "csrf_matches",
    "deny",
    "deny_all",
    "deny_handlers",
    "hash_password",
    "may_know",
    "needs_rehash",
    "outward_role",
    "require_strong",
    "verify_password",
]
