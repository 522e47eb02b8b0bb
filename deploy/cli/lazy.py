"""A group of commands that imports a command's module only when that command runs: ``carehut`` starts at once."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass

import click

from deploy.cli.words import say
from shared.text import Text


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command lives and what it is for, so that the list of commands needs no import."""

    module: str
    attribute: str
    summary: Text


class LazyGroup(click.Group):
    """Commands looked up in a table."""

    def __init__(self, name: str, table: Mapping[str, Command], *, help_: str) -> None:
        super().__init__(name, help=help_)
        self._table = table

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names in the order of the table: the everyday ones first."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command, or give None for a name that is not in the table."""
        entry = self._table.get(cmd_name)
        if entry is None:
            return None
        command = getattr(importlib.import_module(entry.module), entry.attribute)
        if not isinstance(command, click.Command):
            message = f"{entry.module}.{entry.attribute} is no command"
            raise TypeError(message)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List names and summaries from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, say(entry.summary)) for name, entry in self._table.items()])
