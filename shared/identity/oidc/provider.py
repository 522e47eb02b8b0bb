"""Talking with the identity provider: the code flow with PKCE, state and nonce, and the check of its ID token."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import requests
import structlog
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    JoseError,
    MissingClaimError,
    UnsupportedAlgorithmError,
)
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from shared.addresses import is_safe
from shared.identity.compact import read_header
from shared.identity.oidc.errors import ProofRefused, ProviderAway
from shared.identity.oidc.settings import OidcSettings

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by a key pair: neither ``none`` nor a shared secret, whatever the provider says it could do."""
LEEWAY_SECONDS = 60
KEPT_SECONDS = 3600.0
"""How long the provider's description and keys are believed before they are asked for again."""
PAUSE_SECONDS = 5.0
"""After the provider did not answer, how long nobody waits for it again; also how often its keys are asked for anew."""
TIMEOUT = (3.0, 5.0)
"""Seconds to connect, and to wait for an answer."""
LONGEST_ERROR = 64
_BASIC, _IN_FORM = "client_secret_basic", "client_secret_post"
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Begun:
    """A sign-in under way: where the browser goes, and what it must come back with."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class _Known:
    metadata: Mapping[str, Any]
    keys: KeySet
    at: float


class Provider:
    """One identity provider, seen from one process; making it asks nothing of it."""

    def __init__(
        self, settings: OidcSettings, *, public_url: str, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self.settings = settings
        self.back = f"{public_url.rstrip('/')}/auth/oidc/callback"
        self._home = f"{public_url.rstrip('/')}/"
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._known: _Known | None = None
        self._failed_at: float | None = None

    def begin(self, *, silent: bool = False) -> Begun:
        """Begin a sign-in; raises ``ProviderAway``.

        A ``silent`` one shows nobody a page: the provider answers at once, if only that it would have to ask.
        """
        unseen = {"prompt": "none"} if silent else {}
        state, nonce, verifier = (generate_token(48) for _ in range(3))
        known = self._now_known()
        with self._session(known) as session:
            url, _ = session.create_authorization_url(
                known.metadata["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **unseen,
            )
        return Begun(url, state, nonce, verifier)

    def finish(self, code: str, *, nonce: str, verifier: str, now: datetime) -> Mapping[str, Any]:
        """Change the code for an ID token, and give its claims once they are checked.

        Raises:
            ProofRefused: the provider does not know the code, or its ID token is not exactly one for us, now.
            ProviderAway: it does not answer.
        """
        known = self._now_known()
        try:
            with self._session(known) as session:
                token = session.fetch_token(
                    known.metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    timeout=TIMEOUT,
                    allow_redirects=False,
                )
        except requests.RequestException as error:
            raise ProviderAway(type(error).__name__) from error
        except OAuthError as error:
            log.warning("identity provider refused a code", error=str(error.error)[:LONGEST_ERROR])
            raise ProofRefused("code-refused") from error
        if not isinstance(token, Mapping) or not isinstance(token.get("id_token"), str):
            raise ProofRefused("no-id-token")
        return self._checked(token, known, nonce, now)

    def sign_out_url(self) -> str | None:
        """Give the page on which one signs out at the provider too; None if it has none or does not answer."""
        try:
            page = self._now_known().metadata.get("end_session_endpoint")
        except ProviderAway:
            return None
        if page is None or not is_safe(page):
            return None
        query = {"client_id": self.settings.client_id, "post_logout_redirect_uri": self._home}
        return f"{page}{'&' if '?' in page else '?'}{urlencode(query)}"

    def ask(self) -> Mapping[str, Any]:
        """Ask the provider to describe itself, and check that: for whoever sets it up. Raises ``ProviderAway``."""
        return self._fetch(self._known).metadata

    def _checked(
        self, token: Mapping[str, Any], known: _Known, nonce: str, now: datetime
    ) -> Mapping[str, Any]:
        try:
            read = self._read(token["id_token"], known)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {
                    "iss": {"essential": True, "value": known.metadata["issuer"]},
                    "aud": {"essential": True, "value": self.settings.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self.settings.client_id,
                    "access_token": token.get("access_token"),
                },
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise ProofRefused(_reason(error)) from error
        return dict(claims)

    def _read(self, text: str, known: _Known) -> jwt.Token:
        if read_header(text.partition(".")[0].encode()).get("alg") not in ALGORITHMS:
            raise UnsupportedAlgorithmError
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(text, known.keys, registry=registry)
        except InvalidKeyIdError:
            # It may have changed its keys since; whoever sends made-up key ids makes us ask only now and then.
            if self._monotonic() - known.at < PAUSE_SECONDS:
                raise
            return jwt.decode(text, self._fetch(known).keys, registry=registry)

    def _session(self, known: _Known) -> OAuth2Session:
        settings = self.settings
        return OAuth2Session(
            settings.client_id,
            settings.client_secret,
            token_endpoint_auth_method=self._shown(known) if settings.client_secret else "none",
            scope=" ".join(settings.scopes),
            redirect_uri=self.back,
            code_challenge_method="S256",
        )

    @staticmethod
    def _shown(known: _Known) -> str:
        """Tell how the secret is shown: by HTTP Basic, as is usual, unless the provider takes it in a form alone."""
        ways = known.metadata.get("token_endpoint_auth_methods_supported") or [_BASIC]
        return _BASIC if _BASIC in ways or _IN_FORM not in ways else _IN_FORM

    def _now_known(self) -> _Known:
        known = self._known
        if known is not None and self._monotonic() - known.at < KEPT_SECONDS:
            return known
        try:
            return self._fetch(known)
        except ProviderAway:
            # What it said an hour ago is likely to hold still; if it is away altogether, the next step finds out.
            if known is None:
                raise
            return known

    def _fetch(self, seen: _Known | None) -> _Known:
        """Ask the provider for something newer than ``seen``, unless somebody did while we waited to."""
        with self._lock:
            if self._known is not None and self._known is not seen:
                return self._known
            if self._failed_at is not None and self._monotonic() - self._failed_at < PAUSE_SECONDS:
                raise ProviderAway("paused")
            try:
                self._known = known = self._described()
            except (requests.RequestException, JoseError, ValueError, TypeError, KeyError) as error:
                self._failed_at = self._monotonic()
                log.warning("identity provider away", cause=type(error).__name__)
                raise ProviderAway(type(error).__name__) from error
            self._failed_at = None
            return known

    def _described(self) -> _Known:
        metadata = _json(f"{self.settings.issuer}/.well-known/openid-configuration")
        if str(metadata.get("issuer")).rstrip("/") != self.settings.issuer:
            raise ValueError("it calls itself otherwise")
        if not all(is_safe(metadata.get(name)) for name in _ENDPOINTS):
            raise ValueError("an address of it is missing or has no TLS")
        keys = KeySet.import_key_set(_json(metadata["jwks_uri"]))  # type: ignore[arg-type] # checked by the library
        return _Known(metadata, keys, self._monotonic())


def _json(url: str) -> dict[str, Any]:
    answer = requests.get(url, timeout=TIMEOUT, allow_redirects=False)
    answer.raise_for_status()
    content = answer.json()
    if answer.status_code != requests.codes.ok or not isinstance(content, dict):
        raise ValueError("no JSON object")
    return content


def _reason(error: Exception) -> str:
    match error:
        case ExpiredTokenError():
            return "expired"
        case InvalidClaimError() | MissingClaimError():
            return f"claim-{error.claim}"
        case UnsupportedAlgorithmError():
            return "algorithm"
        case BadSignatureError():
            return "signature"
        case InvalidKeyIdError():
            return "unknown-key"
        case _:
            return "malformed"
