"""Words on the command line: one language at a time, chosen by the environment as every Unix program does."""

from __future__ import annotations

import os
from typing import NoReturn

import click

from shared.text import Text

__all__ = ["Refusal", "Text", "language", "refuse", "say", "tell"]


def language() -> str:
    """Give ``zh`` if the first that is set of LC_ALL, LC_MESSAGES and LANG begins with it, else ``en``."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def say(text: Text) -> str:
    """Give a text in the language of this terminal."""
    return text.of(language())


def tell(text: Text, *, error: bool = False) -> None:
    """Print a text in the language of this terminal."""
    click.echo(say(text), err=error)


class Refusal(click.ClickException):
    """A command cannot do what was asked: what is wrong, and what to do about it. Ends with exit code 1."""

    exit_code = 1

    def __init__(self, problem: Text, remedy: Text | None = None) -> None:
        words = say(problem)
        super().__init__(f"{words}\n{say(_REMEDY)}{say(remedy)}" if remedy else words)


_REMEDY = Text("办法：", "What to do: ")


def refuse(zh: str, en: str, *, remedy: Text | None = None) -> NoReturn:
    """Raise a ``Refusal`` with a problem given in both languages."""
    raise Refusal(Text(zh, en), remedy)


def refuse_without_addresses() -> NoReturn:
    """Refuse a command of the full run where nothing of a full run is set."""
    refuse(
        "没有设置数据库地址。",
        "No database addresses are set.",
        remedy=Text(
            "单机运行请用 carehut run（make run）；完整运行请设置 CAREHUT_<SERVICE>_DATABASE_URL 等，见 README。",
            "On this machine alone use carehut run (make run). For the full run set CAREHUT_<SERVICE>_DATABASE_URL "
            "and the other settings that the README lists.",
        ),
    )
