"""The headers that every answer carries, whoever gives it: an application, the server it runs in, or nginx."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""What a page may load: our own style sheets, fonts and pictures, and not one script, in a file or in the page."""

SECURITY_HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "Content-Security-Policy": CONTENT_POLICY,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        # Not no-referrer: under it browsers send forms with "Origin: null", and the check of their origin would
        # refuse our own. Nothing leaves this origin under same-origin either.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
)
TRANSPORT_HEADERS: Mapping[str, str] = MappingProxyType({"Strict-Transport-Security": "max-age=31536000"})
"""Only over TLS: on plain http browsers leave it out, and it would tell of what is not there."""


def security_headers(public_url: str = "") -> Sequence[tuple[str, str]]:
    """Give name and value of each header for answers under this address."""
    over_tls = TRANSPORT_HEADERS if public_url.startswith("https://") else {}
    return [*SECURITY_HEADERS.items(), *over_tls.items()]
