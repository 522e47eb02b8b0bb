"""Settings of each service: everything that is missing is named at once, also by the command that needs it."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
from click.testing import CliRunner

from deploy.cli import COMMANDS
from deploy.cli.lazy import LazyGroup
from deploy.embedded.environment import SERVICES
from shared.settings import MissingSettings, NotANumber

CAREHUT = LazyGroup("carehut", COMMANDS, package="deploy.cli", help_="help")
POSTGRES = "postgresql+psycopg://nowhere.invalid/aid"


def config_of(service: str) -> Any:
    return importlib.import_module(f"services.{service}.config").Config


@pytest.mark.parametrize("service", SERVICES)
def test_every_missing_name_is_reported_at_once(service: str) -> None:
    with pytest.raises(MissingSettings) as refused:
        config_of(service).from_environment({"CAREHUT_DISTRICT": "530103", "CAREHUT_HOME": ""})
    database = f"CAREHUT_{service.upper()}_DATABASE_URL"
    assert refused.value.names == ["CAREHUT_HOME", database, "CAREHUT_PUBLIC_URL"]
    assert database in refused.value.text.zh


@pytest.mark.parametrize("service", SERVICES)
def test_a_complete_environment_is_read(service: str) -> None:
    config = config_of(service).from_environment(
        {
            "CAREHUT_DISTRICT": "530103",
            "CAREHUT_HOME": "/srv/aid",
            f"CAREHUT_{service.upper()}_DATABASE_URL": "sqlite:///aid.sqlite",
            "CAREHUT_PUBLIC_URL": "http://127.0.0.1:8000",
            "CAREHUT_TRUSTED_PROXIES": "1",
        }
    )
    assert (config.district, config.trusted_proxies, config.pool_size) == ("530103", 1, 10)


@pytest.mark.parametrize("command", ["serve", "work"])
@pytest.mark.parametrize("service", SERVICES)
def test_a_command_names_what_is_missing_without_a_stack_trace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any, service: str, command: str
) -> None:
    monkeypatch.delenv("CAREHUT_PUBLIC_URL", raising=False)
    for name, value in {
        "LC_ALL": "C",
        "CAREHUT_HOME": str(tmp_path),
        f"CAREHUT_{service.upper()}_DATABASE_URL": POSTGRES,
        f"CAREHUT_{service.upper()}_AMQP_URL": "amqp://nowhere.invalid/",
    }.items():
        monkeypatch.setenv(name, value)
    done = CliRunner().invoke(CAREHUT, [command, service])
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code == 1
    assert "Not set in the environment: CAREHUT_PUBLIC_URL." in done.stderr
    assert "What to do: Set them" in done.stderr
    assert "Traceback" not in done.output


@pytest.mark.parametrize("name", ["CAREHUT_POOL_SIZE", "CAREHUT_TRUSTED_PROXIES"])
@pytest.mark.parametrize("value", ["ten", "-1", "1.5", "²"])
def test_a_setting_that_is_no_number_is_named(name: str, value: str) -> None:
    environ = {
        "CAREHUT_DISTRICT": "530103",
        "CAREHUT_HOME": "/srv/aid",
        "CAREHUT_INTAKE_DATABASE_URL": POSTGRES,
        "CAREHUT_PUBLIC_URL": "http://127.0.0.1:8000",
        name: value,
    }
    with pytest.raises(NotANumber) as refused:
        config_of("intake").from_environment(environ)
    assert name in refused.value.text.zh
    assert value in refused.value.text.en


def test_the_command_says_which_setting_is_no_number_and_what_to_do() -> None:
    environ = {
        "CAREHUT_DISTRICT": "530103",
        "CAREHUT_HOME": "/srv/aid",
        "CAREHUT_INTAKE_DATABASE_URL": POSTGRES,
        "CAREHUT_INTAKE_AMQP_URL": "amqp://nowhere.invalid/aid",
        "CAREHUT_PUBLIC_URL": "http://127.0.0.1:8000",
        "CAREHUT_POOL_SIZE": "ten",
    }
    result = CliRunner(env={"LANG": "C"}).invoke(CAREHUT, ["work", "intake"], env=environ)
    assert result.exit_code == 1
    assert "CAREHUT_POOL_SIZE" in result.output
    assert "What to do" in result.output
