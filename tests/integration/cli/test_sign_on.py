"""The identity provider on the command line: an operator sees whether people can sign in by it."""

from __future__ import annotations

from pathlib import Path

from tests.identity_provider import an_identity_provider
from tests.integration.cli.conftest import Carehut


def test_an_operator_sees_whether_the_provider_answers(carehut: Carehut, tmp_path: Path) -> None:
    file = tmp_path / "provider.yaml"
    with an_identity_provider() as provider:
        file.write_text(f"issuer: {provider.url}\nclient_id: aid\nposts: {{window: {{role: hut}}}}\n")
        answers = carehut("sign-on", "check", CAREHUT_OIDC_FILE=str(file))
    assert answers.returncode == 0, answers.stderr
    assert "http://127.0.0.1:8000/auth/oidc/callback" in answers.stdout
    away = carehut("sign-on", "check", CAREHUT_OIDC_FILE=str(file))
    assert (away.returncode, away.stdout) == (1, "")
    assert provider.url in away.stderr
    file.write_text("client_id: aid\n")
    wrong = carehut("clients", "list", CAREHUT_OIDC_FILE=str(file))
    assert wrong.returncode == 1
    assert "CAREHUT_OIDC_FILE" in wrong.stderr
    assert "Traceback" not in wrong.stderr
