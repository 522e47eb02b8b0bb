"""Outside systems on the command line: a secret is shown once, and is good until it is revoked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from deploy.embedded.environment import Home
from deploy.installation import Installation
from services.intake.bootstrap import context
from services.intake.config import Config
from services.intake.domain.api_clients import TokenRefused
from services.intake.use_cases.client_tokens import client_token
from tests.integration.cli.conftest import Carehut

UNTIL = (datetime.now(UTC) + timedelta(days=60)).date().isoformat()


def test_a_system_is_added_listed_given_a_new_secret_and_revoked(carehut: Carehut, home: Home) -> None:
    named = "office@health"
    added = carehut(
        "clients", "add", "health", "office", "--scope", "queue", "--scope", "words", "--expires", UNTIL
    )
    assert added.returncode == 0, added.stderr
    installation = Installation({"CAREHUT_HOME": str(home.path)})
    parts = context(Config.from_environment(installation.environ))
    assert client_token(parts, named, added.stdout.splitlines()[-1]).scope == "queue words"
    listed = carehut("clients", "list").stdout
    assert f"{named}  active  " in listed
    assert UNTIL in listed
    rotated = carehut("clients", "rotate", named)
    assert client_token(parts, named, rotated.stdout.splitlines()[-1]).scope == "queue words"
    assert carehut("clients", "revoke", named, "--reason", "left").returncode == 0
    with pytest.raises(TokenRefused):
        client_token(parts, named, rotated.stdout.splitlines()[-1])
    parts.database.dispose()
    installation.close()


def test_what_cannot_be_is_refused_with_what_to_do(carehut: Carehut) -> None:
    unknown = carehut("clients", "add", "health", "office", "--scope", "requests.read", "--expires", UNTIL)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "requests.read" in unknown.stderr
    assert "carehut clients scopes" in unknown.stderr
    hut = carehut("clients", "add", "health", "o", "--scope", "queue", "--expires", UNTIL, "--as", "hut")
    assert (hut.returncode, hut.stdout) == (1, "")
