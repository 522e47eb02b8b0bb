"""A group of commands that imports a command's module only when it runs: ``carehut`` starts at once."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Mapping

import click

from deploy.cli.words import say
from shared.text import Text


class LazyGroup(click.Group):
    """Commands named in a table with what each is for; the code of ``a-b`` is ``a_b`` in ``package.a_b``."""

    def __init__(self, name: str, table: Mapping[str, Text], *, package: str, help_: str) -> None:
        super().__init__(name, help=help_)
        self._table = table
        self._package = package

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Give the names in the order of the table."""
        return list(self._table)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import one command, or give None for a name that is not in the table."""
        if cmd_name not in self._table:
            return None
        word = cmd_name.replace("-", "_")
        command = getattr(importlib.import_module(f"{self._package}.{word}"), word)
        if not isinstance(command, click.Command):
            message = f"{self._package}.{word}.{word} is no command"
            raise TypeError(message)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; what it stands on may fail, and then it is told in plain words with exit code 1."""
        importlib.import_module("shared.telemetry.logs").configure("command", "cli", level=logging.WARNING)
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            faults = importlib.import_module("deploy.cli.faults")
            refusal: click.ClickException | None = faults.refusal_for(error)
            if refusal is None:
                raise
            raise refusal from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """List names and summaries from the table alone."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, say(summary)) for name, summary in self._table.items()])
