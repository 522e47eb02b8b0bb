"""An identity provider as a process of its own, which can be told to answer as a wrong or hostile one would."""

from __future__ import annotations

import base64
import hmac
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from deploy.local.ports import free_port
from tests.waiting import until


@dataclass(frozen=True)
class IdentityProvider:
    """Where it is."""

    url: str

    def knows(self, subject: str, **claims: Any) -> None:
        """Let it know somebody, with these claims."""
        httpx.put(f"{self.url}/users/{subject}", json=claims, trust_env=False).raise_for_status()

    def signs_in(self, address: str, subject: str) -> str:
        """Sign somebody in at the page it was sent the browser to; gives where it sends the browser back to."""
        answer = httpx.post(address, data={"sub": subject}, trust_env=False)
        return answer.headers["location"]

    def spoils(self, **how: Any) -> None:
        """Spoil the ID tokens from now on: ``claims`` to change, ``signed`` how; nothing makes it honest again.

        ``metadata`` is what it says of itself instead.
        """
        httpx.put(f"{self.url}/spoilt", json=how, trust_env=False).raise_for_status()

    def seen(self) -> Mapping[str, Any]:
        """Give the last authorization query and token form it was sent, and how often it has described itself."""
        seen: dict[str, Any] = httpx.get(f"{self.url}/seen", trust_env=False).json()
        return seen

    def answers(self) -> bool:
        """Tell whether it is there."""
        try:
            return httpx.get(f"{self.url}/seen", trust_env=False).is_success
        except httpx.HTTPError:
            return False


@contextmanager
def an_identity_provider() -> Iterator[IdentityProvider]:
    """Run one on a free port until the block ends."""
    port = free_port()
    provider = IdentityProvider(f"http://127.0.0.1:{port}")
    environment = os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tests.identity_provider", str(port)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            until(
                lambda: process.poll() is not None or provider.answers(),
                seconds=120,
                what="the identity provider",
            )
            yield provider
        finally:
            process.terminate()
            process.wait(30)


def _serve(port: int) -> None:
    import flask  # noqa: PLC0415 - only the process needs what follows
    from oidc_provider_mock import app as make_app  # noqa: PLC0415
    from oidc_provider_mock._storage import storage  # noqa: PLC0415
    from werkzeug.serving import run_simple  # noqa: PLC0415

    app: flask.Flask = make_app(require_nonce=True)
    how: dict[str, Any] = {}
    seen: dict[str, Any] = {}

    @app.put("/spoilt")
    def spoil() -> flask.Response:
        how.clear()
        how.update(flask.request.get_json())
        return flask.Response(status=204)

    @app.get("/seen")
    def show() -> flask.Response:
        return flask.jsonify(seen)

    @app.after_request
    def alter(answer: flask.Response) -> flask.Response:
        if flask.request.path == "/oauth2/authorize":
            seen["query"] = flask.request.args.to_dict()
        if flask.request.path == "/.well-known/openid-configuration":
            seen["described"] = seen.get("described", 0) + 1
            answer.set_data(json.dumps(answer.get_json() | how.get("metadata", {})))
        if flask.request.path == "/oauth2/token":
            seen["form"] = flask.request.form.to_dict()
            body = answer.get_json()
            if how and "id_token" in body:
                body["id_token"] = _spoilt(body["id_token"], storage.jwk, how)
                answer.set_data(json.dumps(body))
        return answer

    run_simple("127.0.0.1", port, app, threaded=True)


def _spoilt(text: str, key: Any, how: Mapping[str, Any]) -> str:
    from joserfc import jwt  # noqa: PLC0415 - as above
    from joserfc.jwk import RSAKey  # noqa: PLC0415

    head, body, _ = text.split(".")
    claims = {
        name: value for name, value in (_read(body) | how.get("claims", {})).items() if value is not None
    }
    own = RSAKey.import_key(key.as_dict(is_private=True))
    match how.get("signed", "rightly"):
        case "none":
            return f"{_written({'alg': 'none'})}.{_written(claims)}."
        case "with-the-public-key":
            signed = f"{_written(_read(head) | {'alg': 'HS256'})}.{_written(claims)}"
            digest = hmac.digest(own.as_pem(private=False), signed.encode(), "sha256")
            return f"{signed}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
        case "by-another":
            return jwt.encode(_read(head), claims, RSAKey.generate_key(2048))
        case "by-an-unknown-key":
            return jwt.encode(_read(head) | {"kid": "made-up"}, claims, own)
        case _:
            return jwt.encode(_read(head), claims, own)


def _read(part: str) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def _written(content: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
