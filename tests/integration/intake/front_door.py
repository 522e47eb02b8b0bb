"""The front door with an identity provider behind it: somebody goes there, signs in, and comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.intake.bootstrap import web
from services.intake.use_cases.context import Context
from shared.audit import table as audit_log
from shared.identity import Principal
from shared.identity.oidc import OidcSettings, read_settings
from shared.identity.oidc.provider import Provider
from tests.builders import Installation, an_installation
from tests.conftest import MakeDatabase
from tests.identity_provider import IdentityProvider

ORIGIN = "http://127.0.0.1"
SETTINGS = """
issuer: {issuer}
client_id: aid
claims: {{roles: realm_access.roles, account: employee}}
posts:
  window: {{role: hut}}
  handler: {{role: desk}}
  health-chief: {{role: leader, agency: health}}
  platform: {{role: operator}}
local_accounts: [operator]
"""


def settings(folder: Path, issuer: str, text: str = SETTINGS) -> OidcSettings:
    """Read settings as an installation would."""
    file = folder / "provider.yaml"
    file.write_text(text.format(issuer=issuer))
    environ = {"CAREHUT_OIDC_FILE": str(file), "CAREHUT_OIDC_CLIENT_SECRET": "a secret"}
    read = read_settings(environ, demo=True)
    assert read is not None
    return read


@dataclass
class Door:
    """The front door, and the provider to which it sends people."""

    installation: Installation
    context: Context
    provider: IdentityProvider

    def __post_init__(self) -> None:
        self.app: flask.Flask = web(self.context, public_url=ORIGIN)

    def browser(self) -> FlaskClient:
        """Open a browser that reads English."""
        client = self.app.test_client()
        client.environ_base |= {"HTTP_ACCEPT_LANGUAGE": "en", "HTTP_ACCEPT": "text/html"}
        return client

    def way_back(self, browser: FlaskClient, subject: str, following: str = "/") -> str:
        """Go to the provider, sign in there, and give the address it sends the browser back to."""
        sent = browser.get("/auth/oidc", query_string={"next": following})
        assert sent.status_code == 303
        back = urlsplit(self.provider.signs_in(sent.headers["Location"], subject))
        assert f"{back.scheme}://{back.netloc}" == ORIGIN
        return f"{back.path}?{back.query}"

    def enter(self, subject: str, following: str = "/", **claims: Any) -> tuple[FlaskClient, Any]:
        """Sign somebody in whom the provider knows with these claims."""
        self.provider.knows(subject, **claims)
        browser = self.browser()
        return browser, browser.get(self.way_back(browser, subject, following))

    def holder(self, browser: FlaskClient) -> Principal:
        """Give whose the browser's session is."""
        cookie = browser.get_cookie("sid")
        assert cookie is not None
        return self.context.keyring.tokens.verify(cookie.value, self.context.clock.now())

    def logged(self) -> list[tuple[str, str, str | None]]:
        """Give what the audit log has of accounts."""
        with self.context.database.read() as connection:
            lines = connection.execute(sa.select(audit_log).order_by(audit_log.c.id))
            of_accounts = [line for line in lines if line.action.startswith("account.")]
            return [(line.action, line.object_id, line.reason) for line in of_accounts]


def a_door(make: MakeDatabase, provider: IdentityProvider, folder: Path) -> Door:
    installation = an_installation(make, now=datetime.now(UTC))
    talk = Provider(settings(folder, provider.url), public_url=ORIGIN)
    provider.spoils()
    return Door(installation, replace(installation.intake(), sign_on=talk), provider)


def roles(*names: str) -> dict[str, Any]:
    return {"realm_access": {"roles": list(names)}}
