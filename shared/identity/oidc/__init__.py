"""Signing in by an identity provider of one's own (OpenID Connect): what is set, and the talk with the provider.

``provider`` is imported only where one is configured: what it stands on costs every start a third of a second.
"""

from __future__ import annotations

from shared.identity.oidc.errors import ProofRefused, ProviderAway
from shared.identity.oidc.settings import (
    BadProviderSettings,
    ClaimNames,
    OidcSettings,
    PostRule,
    read_settings,
)

__all__ = [
    "BadProviderSettings",
    "ClaimNames",
    "OidcSettings",
    "PostRule",
    "ProofRefused",
    "ProviderAway",
    "read_settings",
]
