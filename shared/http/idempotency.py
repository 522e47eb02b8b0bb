"""Idempotency-Key: a request sent again takes effect once and gets the first answer again."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Any

import flask
import orjson
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from shared.db import Database, Insert, UnitOfWork
from shared.http.blueprint import PAGE_FIELDS
from shared.http.json_provider import dumps
from shared.http.policy import current_principal
from shared.http.problems import BadInput, Conflict
from shared.http.state import state
from shared.http.tables import idempotency_keys as table
from shared.http.uploads import files_of
from shared.sealing import Keyring
from shared.text import Text

KEPT = dt.timedelta(days=7)
FIELD = "Idempotency-Key"

_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,128})"?')
_BAD_KEY = Text(
    "Idempotency-Key 应为 1 至 128 个无空格的 ASCII 字符，例如 UUID。",
    "Idempotency-Key must be 1 to 128 ASCII characters without spaces, for example a UUID.",
)
_OTHER_BODY = Text(
    "此 Idempotency-Key 已用于另一内容；新的请求请使用新的键。",
    "This Idempotency-Key was used with another body; use a new key for a new request.",
)
_RUNNING = Text(
    "同一 Idempotency-Key 的请求仍在处理；请稍后以同样内容重试。",
    "The first request with this Idempotency-Key is still running; send the same again shortly.",
)

_claim = sa.select(
    sa.func.pg_try_advisory_xact_lock(sa.bindparam("lock", type_=sa.BigInteger)).label("free"),
    table.c.fingerprint,
    table.c.status,
    table.c.body,
    table.c.created_at,
).select_from(sa.select(sa.literal(1)).subquery("one").outerjoin(table, table.c.id == sa.bindparam("id")))
_look = sa.select(
    sa.true().label("free"), table.c.fingerprint, table.c.status, table.c.body, table.c.created_at
).where(table.c.id == sa.bindparam("id"))
_KEEP = Insert(table)
_drop = sa.delete(table).where(table.c.id == sa.bindparam("key"))
_forget = sa.delete(table).where(table.c.created_at < sa.bindparam("before"))


class Replay(Exception):
    """The request was answered before; carries that answer. The edge sends it, nothing else need catch it."""

    def __init__(self, status: int, body: bytes) -> None:
        super().__init__(status)
        self.status = status
        self.body = body


class KeyedOnce:
    """``shared.db.Once`` for one request: claims the key as the transaction begins, keeps the answer as it ends.

    On PostgreSQL the claim is an advisory lock, tried together with the look-up in one round trip; SQLite's
    ``BEGIN IMMEDIATE`` lets one writer in at a time, so the second comes when the first has ended. The primary key
    is the last word: whoever took his snapshot just before the first commit is refused at the insert.
    """

    def __init__(
        self,
        *,
        key: bytes,
        fingerprint: bytes,
        status: int,
        render: Callable[[Any], Any],
        keyring: Keyring,
        now: dt.datetime,
    ) -> None:
        self._id = key
        self._fingerprint = fingerprint
        self._status = status
        self._render = render
        self._keyring = keyring
        self._now = now

    def begin(self, connection: Connection) -> None:
        """Claim the key.

        Raises:
            Replay: it was answered; the first answer.
            Conflict: the first is still running (409).
            BadInput: it was used with another body (422).
        """
        asked: dict[str, Any] = {"id": self._id}
        if connection.dialect.name == "postgresql":
            asked["lock"] = int.from_bytes(self._id[:8], signed=True)
        claim = _claim if "lock" in asked else _look
        row: Any = connection.execute(claim, asked).one_or_none()
        if row is None or row.fingerprint is None:
            if row is not None and not row.free:
                raise Conflict(_RUNNING, id="still-running", headers={"Retry-After": "1"})
            return
        if row.created_at < self._now - KEPT:
            connection.execute(_drop, {"key": self._id})
            return
        decrypt = self._keyring.fields.decrypt_bytes
        if decrypt("idempotency_keys", "fingerprint", self._id.hex(), row.fingerprint) != self._fingerprint:
            raise BadInput.of(FIELD, _OTHER_BODY)
        body = self._keyring.fields.decrypt("idempotency_keys", "body", self._id.hex(), row.body)
        raise Replay(row.status, (body or "").encode())

    def finish(self, uow: UnitOfWork) -> None:
        """Keep the answer to ``uow.result``."""
        body = dumps(self._render(uow.result)).decode()
        encrypt = self._keyring.fields.encrypt
        row = {
            "id": self._id,
            # Left plain, it would let whoever holds a copy try out whether a request was somebody's.
            "fingerprint": encrypt("idempotency_keys", "fingerprint", self._id.hex(), self._fingerprint),
            "status": self._status,
            "body": encrypt("idempotency_keys", "body", self._id.hex(), body),
            "created_at": self._now,
        }
        uow.add(_KEEP, [row])

    def explain(self, error: IntegrityError) -> None:
        """Tell whether the key was the reason.

        Raises:
            Conflict: another request with this key has ended in between (409); everything here is rolled back.
        """
        if table.name in str(error.orig):
            raise Conflict(_RUNNING, id="still-running", headers={"Retry-After": "1"}) from error


def once_for(request: flask.Request, status: int, render: Callable[[Any], Any]) -> KeyedOnce | None:
    """Give what makes this request take effect once, or None where it carries no key.

    ``render`` turns the use case's ``uow.result`` into the JSON-able body sent with ``status``; for a page's form
    (hidden field ``idempotency_key``) status is 303 and the body ``{"location": …}``.

    Raises:
        BadInput: the key is too long or has odd characters (422).
    """
    given = request.headers.get(FIELD)
    if given is None and request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        given = request.form.get("idempotency_key")
    if given is None:
        return None
    match = _KEY.fullmatch(given)
    if match is None:
        raise BadInput.of(FIELD, _BAD_KEY)
    spec = state()
    who = "\n".join((current_principal().staff, request.method, request.path, match[1]))
    return KeyedOnce(
        key=hashlib.sha256(who.encode()).digest(),
        fingerprint=hashlib.sha256(_canonical(request)).digest(),
        status=status,
        render=render,
        keyring=spec.keyring,
        now=spec.clock.now(),
    )


def forget_old_keys(database: Database, now: dt.datetime) -> int:
    """Delete the keys older than seven days; gives how many. For a service's timer."""
    with database.unit_of_work() as uow:
        return uow.connection.execute(_forget, {"before": now - KEPT}).rowcount


def _canonical(request: flask.Request) -> bytes:
    # The order of members and white space are no difference; for forms the page's own fields are none.
    if request.is_json:
        return orjson.dumps(
            orjson.loads(request.get_data(cache=True) or b"null"), option=orjson.OPT_SORT_KEYS
        )
    if request.mimetype in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        files = [
            (name, [hashlib.sha256(file).hexdigest() for file in several])
            for name, several in files_of(request).items()
        ]
        given = [(name, values) for name, values in request.form.lists() if name not in PAGE_FIELDS]
        return orjson.dumps(sorted(given) + sorted(files))
    return request.get_data(cache=True)
