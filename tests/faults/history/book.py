"""A recorded history in memory, with the ways into it that rules and stories need."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import orjson

Line = Mapping[str, Any]
Lines = list[dict[str, Any]]

SERVICES = ("intake", "referrals", "notifications")
PATHS: Mapping[str, str] = {
    "file": "/intake/api/v1/requests",
    "withdraw": "/intake/api/v1/requests/{request}/withdraw",
    "cancel": "/intake/api/v1/requests/{request}/withdraw",
}
ACTION_PATH = "/referrals/api/v1/referrals/{referral}/{op}"


class Torn(ValueError):
    """A file of the history cannot be read to its end."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One sending of a client's operation: the line of its ``invoke`` and the one that says how it came out."""

    invoke: Line
    outcome: Line | None

    @property
    def event(self) -> str:
        """How it came out; an attempt that was never ended is unknown."""
        return str(self.outcome["event"]) if self.outcome else "unknown"


@dataclass(frozen=True, slots=True)
class Operation:
    """Everything a client sent under one key."""

    op: str
    key: str
    about: Line
    attempts: Sequence[Attempt]

    @property
    def digest(self) -> str:
        """The name under which its answer is kept: SHA-256 of staff, method, path and key, in hexadecimal."""
        path = PATHS.get(self.op, ACTION_PATH).format_map(defaultdict(str, {**self.about, "op": self.op}))
        whole = "\n".join((str(self.about.get("staff")), "POST", path, self.key))
        return hashlib.sha256(whole.encode()).hexdigest()

    def answers(self) -> list[Line]:
        """Give what came with each ``ok``."""
        return [
            attempt.outcome["answer"] or {}
            for attempt in self.attempts
            if attempt.outcome and attempt.event == "ok"
        ]

    def came_out(self, *events: str) -> bool:
        """Tell whether any of its attempts came out like this."""
        return any(attempt.event in events for attempt in self.attempts)


class Book:
    """All files of a history, by their name without ``.jsonl``."""

    def __init__(self, files: Mapping[str, Lines]) -> None:
        self.files = files

    @classmethod
    def read(cls, folder: Path) -> Book:
        """Read a folder.

        Raises ``Torn``, naming file and line, when a line is no JSON.
        """
        return cls({path.stem: _lines(path) for path in sorted(folder.glob("*.jsonl"))})

    def table(self, service: str, table: str) -> Lines:
        """Give the rows of a table."""
        return self.files.get(f"{service}.{table}", [])

    def log(self, service: str) -> Lines:
        """Give the effect log of a service, in the order written."""
        return self.files.get(f"effects.{service}", [])

    @cached_property
    def queues(self) -> dict[str, Lines]:
        """Give what was in each queue, by its name."""
        return {
            name.removeprefix("queue."): lines
            for name, lines in self.files.items()
            if name.startswith("queue.")
        }

    @cached_property
    def operations(self) -> list[Operation]:
        """Give the clients' operations, in the order in which each was first sent."""
        return _operations(self.files.get("clients", []))

    @cached_property
    def requests(self) -> dict[str, Line]:
        """Give intake's requests by id."""
        return by(self.table("intake", "requests"), "id")

    @cached_property
    def legs(self) -> dict[str, Line]:
        """Give intake's legs by id."""
        return by(self.table("intake", "legs"), "id")

    @cached_property
    def legs_of(self) -> dict[str, Lines]:
        """Give intake's legs by request."""
        return group(self.table("intake", "legs"), "request_id")

    @cached_property
    def referrals(self) -> dict[str, Line]:
        """Give the referrals by id."""
        return by(self.table("referrals", "referrals"), "id")

    @cached_property
    def history(self) -> dict[str, Lines]:
        """Give the lines of each referral's history, in the order in which they were written."""
        order = {line["key"]: place for place, line in enumerate(self.log("referrals"))}
        found = group(self.table("referrals", "history"), "referral_id")
        for lines in found.values():
            lines.sort(key=lambda line: (order.get(line["id"], len(order)), line["at"], line["id"]))
        return found

    @cached_property
    def left_version(self) -> dict[tuple[str, int], Line]:
        """Give what each referral became when it left a version, by its id and that version."""
        return {
            (effect["key"], effect["before"]["version"]): effect["after"]
            for effect in self.effects("referrals", "referrals", "update")
            if effect["before"]["version"] != effect["after"]["version"]
        }

    @cached_property
    def events(self) -> dict[str, Line]:
        """Give every event of every outbox by its id, with the ``service`` that told it.

        Not those by which the audit logs' heads are told: timers tell them also while this is taken down.
        """
        return {
            row["event_id"]: {**row, "service": service}
            for service in SERVICES
            for row in self.table(service, "outbox")
            if not row["type"].startswith("audit.")
        }

    @cached_property
    def chains(self) -> dict[tuple[str, str], list[Line]]:
        """Give the events of each (service, aggregate) in the order in which they were written."""
        found: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for event in sorted(self.events.values(), key=lambda event: (event["service"], event["id"])):
            found[event["service"], event["subject"]].append(event)
        return dict(found)

    def effects(self, service: str, table: str, op: str | None = None) -> list[Line]:
        """Give the effects on one table, in the order written; ``op`` chooses insert, update or delete."""
        found = self._effects.get((service, table), [])
        return [line for line in found if op in {None, line["op"]}]

    def transactions(self, service: str, table: str) -> Mapping[str, int]:
        """Give the transaction in which each row of a table was written, by the row's key."""
        found = self._transactions.get((service, table))
        if found is None:
            found = {line["key"]: line["txid"] for line in self.effects(service, table, "insert")}
            self._transactions[service, table] = found
        return found

    @cached_property
    def _transactions(self) -> dict[tuple[str, str], Mapping[str, int]]:
        return {}

    @cached_property
    def _effects(self) -> dict[tuple[str, str], list[Line]]:
        found: dict[tuple[str, str], list[Line]] = defaultdict(list)
        for service in SERVICES:
            for line in self.log(service):
                found[service, line["table_name"]].append(line)
        return dict(found)


def by(rows: Iterable[Line], name: str) -> dict[str, Line]:
    """Index rows by a column."""
    return {str(row[name]): row for row in rows}


def group(rows: Iterable[Line], name: str | Callable[[Line], Any]) -> dict[Any, Lines]:
    """Put rows with the same value together, in the order given."""
    found: dict[Any, list[Any]] = defaultdict(list)
    for row in rows:
        found[name(row) if callable(name) else row[name]].append(row)
    return dict(found)


def _lines(path: Path) -> Lines:
    found = []
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        try:
            found.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            raise Torn(f"{path.name}, line {number} is no JSON: {error}") from error
    return found


def _operations(lines: Lines) -> list[Operation]:
    found: dict[tuple[str, str], list[Attempt]] = {}
    about: dict[tuple[str, str], Line] = {}
    open_: dict[tuple[str, str, str], Line] = {}
    for line in lines:
        name, sender = (line["op"], line["key"]), (line["op"], line["key"], line["client"])
        if line["event"] == "invoke":
            about.setdefault(name, line["about"])
            open_[sender] = line
        elif sender in open_:
            found.setdefault(name, []).append(Attempt(open_.pop(sender), line))
    for (op, key, _), unanswered in open_.items():
        found.setdefault((op, key), []).append(Attempt(unanswered, None))
    return [Operation(op, key, about[op, key], attempts) for (op, key), attempts in found.items()]
