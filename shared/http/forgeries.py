"""Tokens that prove nothing are written to the audit log, and whoever sends many cannot fill it with them."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog

from shared.audit import AuditEntry
from shared.db import Database

WINDOW = timedelta(minutes=1)
"""The first of each kind is written at once, what follows within this time as a number with the next one."""
LAPSED = "expired"
NOBODY = "nobody"

log = structlog.get_logger(__name__)


class Forgeries:
    """What one process has seen of refused tokens.

    That a browser's cookie has run out is no attack but every quarter of an hour's routine, and is not written; a
    bearer token that has is, for a program knows how long its token lives.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._since: dict[str, tuple[datetime, int]] = {}

    def note(self, reason: str, route: str, request_id: str, now: datetime, *, bearer: bool) -> None:
        """Write down that a token was refused: why, where, and how many alike were seen since the last line.

        ``reason`` is ours and says nothing of the token.
        """
        if reason == LAPSED and not bearer:
            return
        log.warning("token refused", reason=reason.replace(" ", "-"), route=route)
        with self._lock:
            began, alike = self._since.get(reason, (None, 0))
            if began is not None and now - began < WINDOW:
                self._since[reason] = began, alike + 1
                return
            self._since[reason] = now, 0
        entry = AuditEntry(
            at=now,
            actor=NOBODY,
            post="",
            action="access.token-refused",
            object_type="route",
            object_id=route[:64],
            reason=reason.replace(" ", "-"),
            detail={
                "alike_before": alike,
                "carrier": "bearer" if bearer else "cookie",
                "request_id": request_id,
            },
        )
        with self._database.unit_of_work() as uow:
            uow.audit(entry)
