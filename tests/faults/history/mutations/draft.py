"""A history to be written in, of which only what is written in is copied."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.faults.history.book import SERVICES, Book, Lines
from tests.faults.history.effects import WATCHED
from tests.faults.history.rules.effects import SUBJECT

Row = dict[str, Any]

FACTS = tuple(
    (service, table)
    for service, tables in WATCHED.items()
    for table in tables
    if table not in {"dead_letters", "idempotency_keys"}
)
"""Tables of which every row was promised, decided or told."""


class Draft:
    """The files of a history, by name; ``file`` must be asked for before anything in it is changed."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.files = dict(book.files)
        self._own: set[str] = set()

    def file(self, name: str) -> Lines:
        """Give the lines of a file, the draft's own."""
        if name not in self._own:
            self._own.add(name)
            self.files[name] = copy.deepcopy(self.files.get(name, []))
        return self.files[name]

    def table(self, service: str, table: str) -> Lines:
        """Give the rows of a table, the draft's own."""
        return self.file(f"{service}.{table}")

    def log(self, service: str) -> Lines:
        """Give the effect log of a service, the draft's own."""
        return self.file(f"effects.{service}")

    def key(self, service: str, table: str, row: Row) -> str:
        """Name a row as the effect log does."""
        return "/".join(str(row[column]) for column in WATCHED[service][table].key)

    def forget(self, service: str, table: str, key: str) -> None:
        """Take a row's effects out of the log."""
        log = self.log(service)
        log[:] = [line for line in log if (line["table_name"], line["key"]) != (table, key)]

    def note(self, service: str, table: str, row: Row, like: str) -> None:
        """Log a new row as written beside the one named ``like``, in its transaction."""
        log = self.log(service)
        place = next(
            place
            for place, line in enumerate(log)
            if (line["table_name"], line["key"], line["op"]) == (table, like, "insert")
        )
        made = copy.deepcopy(log[place])
        made["key"] = self.key(service, table, row)
        made["after"] |= {name: row[name] for name in made["after"]}
        log.insert(place + 1, made)
        for number, line in enumerate(log, start=1):
            line["n"] = number

    def subject(self, table: str, row: Row) -> str:
        """Say what a row is about."""
        return str(row.get(SUBJECT.get(table, ""), ""))

    def change(self, wanted: Callable[[str, Row], bool], how: Callable[[Row], None]) -> None:
        """Change every line of every file that is ``wanted(file, line)``."""
        for name in list(self.files):
            if any(wanted(name, line) for line in self.files[name]):
                for line in self.file(name):
                    if wanted(name, line):
                        how(line)


def says_something(line: Row) -> bool:
    """Tell whether a line of an effect log says more than that a row was written over with itself."""
    return "table_name" not in line or line["before"] != line["after"]


def is_about_cases(line: Row) -> bool:
    """Tell whether a row of the audit log is about a request or a referral, not about the installation itself."""
    return "object_type" not in line or line["object_type"] in {"request", "referral"}


__all__ = ["FACTS", "SERVICES", "Draft", "Row", "is_about_cases", "says_something"]
