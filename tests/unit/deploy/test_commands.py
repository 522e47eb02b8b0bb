"""The command line before it does anything: quick, in the terminal's language, and plain about mistakes."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from deploy.cli import COMMANDS
from deploy.cli.lazy import LazyGroup
from deploy.cli.words import Refusal, language
from shared.text import Text

CAREHUT = LazyGroup("carehut", COMMANDS, package="deploy.cli", help_="help")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself_in_both_languages(name: str) -> None:
    command = CAREHUT.get_command(click.Context(CAREHUT), name)
    assert command is not None
    assert command.help
    assert COMMANDS[name].zh != COMMANDS[name].en
    assert CliRunner().invoke(CAREHUT, [name, "--help"]).exit_code == 0


def test_a_list_of_commands_imports_none_of_them() -> None:
    heavy = (
        "import sys, deploy.cli; assert not {'sqlalchemy', 'flask', 'kombu', 'alembic'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", heavy], check=True)


def test_an_unknown_command_is_a_mistake_of_words() -> None:
    assert CliRunner().invoke(CAREHUT, ["fly"]).exit_code == 2


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_the_terminal_chooses_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


def test_a_refusal_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C")
    refusal = Refusal(Text("不行", "No."), Text("这样", "Do this."))
    assert refusal.message == "No.\nWhat to do: Do this."
    assert refusal.exit_code == 1
