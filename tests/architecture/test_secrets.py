"""No secret is printed: no value shows one when it is written down, and no command tells what its settings hold."""

from __future__ import annotations

import dataclasses
import importlib
import os
import pkgutil
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.channels.settings import channels_from
from shared.identity.oidc import read_settings
from shared.sealing import MasterKey
from shared.settings import ServiceSettings
from tests.architecture.tree import PACKAGES
from tests.running import COMMANDS

SECRET = re.compile(
    r"password|password_hash|token|secret|secret_hash|environ|database_url|blobs_url|receipt_code|content_key|"
    r"session|otp|private_bytes|client_secret"
)
"""Names of fields that hold a secret, or an address with a password in it."""
LOOKS_OPEN = {"OwnAccount.password", "Want.secret", "AuditRecord.session"}
"""Named alike, but only whether there is one."""
SAID = "a-secret-that-nobody-may-read"
PROVIDER = "issuer: http://127.0.0.1:1\nclient_id: aid\nposts: {desk: {role: hut}}\n"
MASTER = "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3I="


def _dataclasses() -> Iterator[type]:
    for package in PACKAGES:
        root = importlib.import_module(package)
        for info in pkgutil.walk_packages(root.__path__, f"{package}."):
            if ".migrations" not in info.name and not info.name.endswith("__main__"):
                module = importlib.import_module(info.name)
                yield from (
                    found
                    for found in vars(module).values()
                    if isinstance(found, type)
                    and found.__module__ == info.name
                    and dataclasses.is_dataclass(found)
                )


def test_no_value_shows_a_secret_when_it_is_written_down() -> None:
    shown = [
        f"{kind.__module__}.{kind.__name__}.{field.name}"
        for kind in _dataclasses()
        for field in dataclasses.fields(kind)
        if field.repr and SECRET.fullmatch(field.name) and f"{kind.__name__}.{field.name}" not in LOOKS_OPEN
    ]
    assert not shown, "these need field(repr=False): " + ", ".join(sorted(set(shown)))


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Settings of a full run whose servers are away, with a secret wherever one may stand."""
    provider = tmp_path / "provider.yaml"
    provider.write_text(PROVIDER, encoding="utf-8")
    found = {
        "CAREHUT_DISTRICT": "530103",
        "CAREHUT_HOME": str(tmp_path),
        "CAREHUT_PUBLIC_URL": "http://127.0.0.1:8000",
        "CAREHUT_MASTER_KEY": MASTER,
        "CAREHUT_RABBITMQ_ADMIN_URL": f"http://admin:{SAID}@127.0.0.1:1",
        "CAREHUT_SMS_URL": "https://127.0.0.1:1",
        "CAREHUT_SMS_TOKEN": SAID,
        "CAREHUT_MAIL_URL": f"smtp://aid:{SAID}@127.0.0.1:1",
        "CAREHUT_MAIL_FROM": "aid@example.org",
        "CAREHUT_OIDC_FILE": str(provider),
        "CAREHUT_OIDC_CLIENT_SECRET": SAID,
        "AWS_SECRET_ACCESS_KEY": SAID,
    }
    for service in ("INTAKE", "REFERRALS", "NOTIFICATIONS"):
        name = service.lower()
        found[f"CAREHUT_{service}_DATABASE_URL"] = f"postgresql+psycopg://aid:{SAID}@127.0.0.1:1/aid_{name}"
        found[f"CAREHUT_{service}_OWNER_URL"] = f"postgresql+psycopg://own:{SAID}@127.0.0.1:1/aid_{name}"
        found[f"CAREHUT_{service}_AMQP_URL"] = f"amqp://aid-{name}:{SAID}@127.0.0.1:1/aid-530103"
    return found


def test_settings_and_keys_do_not_show_what_they_hold(settings: dict[str, str]) -> None:
    assert SAID not in repr(ServiceSettings.read("intake", settings))
    assert MASTER not in repr(ServiceSettings.read("intake", settings))
    assert SAID not in repr(channels_from(settings))
    assert SAID not in repr(read_settings(settings, demo=True))
    master = MasterKey.from_environment(settings, Path(settings["CAREHUT_HOME"]), demo=True)
    assert "secret-secret" not in f"{master!r} {master}"


@pytest.mark.parametrize(
    "words",
    ["doctor --json", "migrate", "topology apply", "work intake", "work notifications", "sign-on check"],
)
def test_no_command_tells_what_its_settings_hold(settings: dict[str, str], words: str) -> None:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"} | settings
    done = subprocess.run(
        [COMMANDS / "carehut", *words.split()], env=environment, capture_output=True, text=True, check=False
    )

    assert done.returncode != 0, "it was to fail: its servers are away"
    assert done.stdout + done.stderr
    assert SAID not in done.stdout + done.stderr
    assert MASTER not in done.stdout + done.stderr
