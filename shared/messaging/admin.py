"""Puts the topology in place and checks that it still stands, through RabbitMQ's management API."""

from __future__ import annotations

import base64
import http.client
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import orjson

from shared.messaging.topology import Topology, definitions, password_fits, seat_of

TIMEOUT_SECONDS = 10.0
APPLY_SECONDS = 60.0
"""So long a broker with much to do may take for making its queues and users."""

Record = dict[str, Any]


class AdminError(Exception):
    """The management API cannot be reached, or refused; the text says which and holds no password.

    ``status`` is the HTTP status it answered, None where none came; ``declaring`` that something was to be put there.
    """

    def __init__(self, text: str, status: int | None = None, *, declaring: bool = False) -> None:
        super().__init__(text)
        self.status = status
        self.declaring = declaring


@dataclass(frozen=True, slots=True)
class Problem:
    """One difference between what stands and what should.

    ``code`` is ``missing``, ``differs`` or ``unexpected``; ``kind`` a section of the definitions
    (``queues``); ``name`` the object in words. ``fix`` is what has to be imported to put it right, ``revoke``
    the address of what has to be deleted; where both are ``None`` a person must act as ``remedy`` says.
    """

    code: str
    kind: str
    name: str
    remedy: str
    fix: Record | None = field(default=None, repr=False, compare=False)
    revoke: str | None = None

    @property
    def can_be_put_right(self) -> bool:
        """Whether ``Admin.apply`` settles it without a person."""
        return self.fix is not None or self.revoke is not None


@dataclass(frozen=True, slots=True)
class _Section:
    """How the objects of one section of the definitions are told apart, and which of their fields count."""

    identity: tuple[str, ...]
    content: tuple[str, ...]
    may_be_updated: bool

    def index(self, records: Sequence[Record]) -> dict[tuple[str, ...], Record]:
        return {tuple(str(record.get(name, "")) for name in self.identity): record for record in records}


_SECTIONS: Mapping[str, _Section] = {
    "vhosts": _Section(("name",), (), may_be_updated=True),
    "exchanges": _Section(
        ("name",), ("type", "durable", "auto_delete", "internal", "arguments"), may_be_updated=False
    ),
    "queues": _Section(("name",), ("durable", "auto_delete", "arguments"), may_be_updated=False),
    "bindings": _Section(("source", "destination", "routing_key"), (), may_be_updated=True),
    "users": _Section(("name",), (), may_be_updated=True),
    "permissions": _Section(("user",), ("configure", "write", "read"), may_be_updated=True),
    "topic_permissions": _Section(("user", "exchange"), ("write", "read"), may_be_updated=True),
}


class Admin:
    """Holds one district's vhost to its topology.

    ``url`` is ``http(s)://user:password@host:port`` of an administrator, ``passwords`` maps broker users to
    theirs. Nothing connects before the first call.
    """

    def __init__(self, url: str, wanted: Topology, passwords: Mapping[str, str]) -> None:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connect: Callable[[float], http.client.HTTPConnection] = lambda within: kind(
            parts.hostname or "", parts.port, timeout=within
        )
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        self._headers = {
            "Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode(),
            "Content-Type": "application/json",
        }
        self._base = parts.path.rstrip("/")
        self._wanted = wanted
        self._passwords = passwords

    def check(self) -> list[Problem]:
        """List every difference between what stands and what should; empty means healthy.

        Raises ``AdminError``.
        """
        standing: Record = self._call("GET", "/api/definitions")
        return list(_differences(standing, self._wanted, self._passwords))

    def apply(self) -> list[Problem]:
        """Put right what can be, and give what had to be or what a person still has to settle.

        Nothing is touched when nothing differs. Raises ``AdminError``.
        """
        problems = self.check()
        fixes: Record = {}
        for problem in problems:
            for kind, records in (problem.fix or {}).items():
                fixes.setdefault(kind, []).extend(records)
        if fixes:
            self._call("POST", "/api/definitions", fixes, within=APPLY_SECONDS)
        for problem in problems:
            if problem.revoke is not None:
                self._call("DELETE", problem.revoke)
        return problems

    def queues(self) -> list[Record]:
        """Give of each queue of the vhost ``name, arguments, leader, online, …``. Raises ``AdminError``."""
        found: list[Record] = self._call("GET", f"/api/queues/{quote(self._wanted.vhost, safe='')}")
        return found

    def nodes(self) -> list[Record]:
        """Give of each node ``name, running, mem_alarm, disk_free_alarm, …``. Raises ``AdminError``."""
        found: list[Record] = self._call("GET", "/api/nodes")
        return found

    def create_seat(self, agency: str) -> str:
        """Make (or make anew) the broker user of an agency's own system and give its password, kept nowhere.

        Raises ``LookupError`` when the topology has no such seat, ``AdminError``.
        """
        name = seat_of(agency)
        if name not in {user.name for user in self._wanted.users}:
            raise LookupError(f"no agency {agency} with a system of its own")
        password = secrets.token_urlsafe(32)
        seat = definitions(self._wanted, {name: password})
        wanted = ("users", "permissions", "topic_permissions")
        self._call("POST", "/api/definitions", {kind: seat[kind] for kind in wanted}, within=APPLY_SECONDS)
        return password

    def _call(
        self, method: str, path: str, body: Record | None = None, *, within: float = TIMEOUT_SECONDS
    ) -> Any:  # noqa: ANN401 - JSON
        connection = self._connect(within)
        try:
            connection.request(
                method,
                self._base + path,
                body=None if body is None else orjson.dumps(body),
                headers=self._headers,
            )
            response = connection.getresponse()
            answer = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise AdminError(f"the management API is away: {type(error).__name__}") from error
        finally:
            connection.close()
        if response.status == http.client.UNAUTHORIZED:
            raise AdminError("the management API does not know the administrator", response.status)
        if response.status >= http.client.BAD_REQUEST:
            raise AdminError(
                f"the management API answered {response.status} to {method} {path}; RabbitMQ's own log says why",
                response.status,
                declaring=method != "GET",
            )
        return orjson.loads(answer) if answer else None


def _differences(standing: Record, wanted: Topology, passwords: Mapping[str, str]) -> Iterator[Problem]:
    known = {user["name"] for user in standing["users"]}
    # Only the agency knows its password: an empty one brings the rights of its seat into the comparison.
    compared = dict.fromkeys((user.name for user in wanted.users if user.name in known), "") | dict(passwords)
    should: Record = definitions(wanted, compared)
    for kind, section in _SECTIONS.items():
        ours = [
            record for record in standing.get(kind, ()) if record.get("vhost", wanted.vhost) == wanted.vhost
        ]
        stands = section.index(ours)
        for identity, record in section.index(should[kind]).items():
            name = " ".join(identity)
            there = stands.get(identity)
            fix = {kind: [record]}
            if there is None:
                yield Problem("missing", kind, name, "apply the topology", fix)
            elif any(there.get(part) != record[part] for part in section.content):
                if section.may_be_updated:
                    yield Problem("differs", kind, name, "apply the topology", fix)
                else:
                    yield Problem("differs", kind, name, "drain it, delete it, then apply the topology")
            elif (
                kind == "users"
                and name in passwords
                and not password_fits(there["password_hash"], passwords[name])
            ):
                yield Problem("differs", kind, name, "apply the topology", fix)
    for user in wanted.users:
        if user.name not in compared:
            yield Problem("missing", "users", user.name, "make the agency's seat and hand over its password")
    yield from _intruders(standing, wanted)


def _intruders(standing: Record, wanted: Topology) -> Iterator[Problem]:
    """Find who may do something here, or is sent something, without being in the topology."""
    vhost = quote(wanted.vhost, safe="")
    users = {user.name for user in wanted.users}
    administrators = {user["name"] for user in standing["users"] if "administrator" in user.get("tags", "")}
    for record in standing.get("permissions", ()):
        if record["vhost"] == wanted.vhost and record["user"] not in users | administrators:
            revoke = f"/api/permissions/{vhost}/{quote(record['user'], safe='')}"
            yield Problem("unexpected", "permissions", record["user"], "apply the topology", revoke=revoke)
    bound = {(binding.exchange, binding.queue, binding.key) for binding in wanted.bindings}
    for record in standing.get("bindings", ()):
        identity = (record["source"], record["destination"], record["routing_key"])
        if record["vhost"] == wanted.vhost and record["source"] in wanted.exchanges and identity not in bound:
            yield Problem("unexpected", "bindings", " ".join(identity), "unbind it, unless you put it there")
    for record in standing.get("policies", ()):
        if record["vhost"] == wanted.vhost:
            yield Problem(
                "unexpected", "policies", record["name"], "see that it drops no message, or clear it"
            )
