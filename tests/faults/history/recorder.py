"""Writes down what clients saw and what was done to whom, each line on disk before anything else happens."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal, Self

import orjson

Outcome = Literal["invoke", "ok", "fail", "unknown"]
Operation = Literal["file", "acknowledge", "accept", "start", "close", "open", "cancel", "withdraw"]

CLIENTS, FAULTS, POISON, READ = "clients", "faults", "poison", "read"


class Recorder:
    """The journal of one history, in a folder of JSON lines; may be used from many threads.

    A recorder opened on a folder that has lines goes on with them: as a rig's databases keep what earlier scenarios
    did, all of them have one journal. What it was told survives the death of its own process and of the machine,
    which is why every line is synchronised to the disk, unless it is told that nothing will die.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._durable = durable
        self.folder = folder
        self._lock = threading.Lock()
        self._files: dict[str, IO[bytes]] = {
            name: (folder / f"{name}.jsonl").open("ab") for name in (CLIENTS, FAULTS, POISON, READ)
        }

    def client(
        self,
        *,
        event: Outcome,
        client: str,
        op: Operation,
        key: str,
        status: int | None = None,
        answer: Mapping[str, Any] | None = None,
        about: Mapping[str, Any] | None = None,
    ) -> None:
        """Note that an operation was sent (``invoke``) or how it came out.

        Every ``invoke`` is followed by exactly one outcome of the same client and key: ``ok`` for an answer that
        promises the effect, ``fail`` for one that promises there is none (4xx), ``unknown`` for no answer, or one that
        promises nothing (5xx, and 409 of a key that still runs). The same key sent again is another ``invoke``.

        ``key`` is the Idempotency-Key. ``about`` of the ``invoke`` names what it is about: always the ``staff`` who
        sends it; for an action of an agency also ``referral`` and the ``version`` it was decided on (If-Match); for
        ``open`` (of a packet) ``referral``; for ``withdraw`` (the whole request) and ``cancel`` (some ``legs``)
        ``request`` and ``legs``.
        ``answer`` is the JSON that came back.
        """
        self._write(
            CLIENTS,
            {
                "client": client,
                "op": op,
                "key": key,
                "event": event,
                "status": status,
                "answer": answer,
                "about": dict(about or {}),
            },
        )

    def fault(self, kind: str, target: str, **detail: Any) -> None:
        """Note what was done to whom: ``kind`` such as ``kill``, ``freeze``, ``cut``."""
        self._write(FAULTS, {"kind": kind, "target": target, "detail": detail})

    def poison(self, *, consumer: str, body: bytes, event_id: str | None = None, **detail: Any) -> None:
        """Note bytes sent on purpose that ``consumer`` must keep as a dead letter; call it before they are sent."""
        digest = hashlib.sha256(body).hexdigest()
        self._write(
            POISON, {"consumer": consumer, "body_sha256": digest, "event_id": event_id, "detail": detail}
        )

    def read(self, *, queue: str, message_id: str, user_id: str | None, body: bytes) -> None:
        """Note what an agency's own system took out of its queue, so that it is missing at the end for a reason."""
        taken = {"queue": queue, "message_id": message_id, "user_id": user_id, "body": orjson.loads(body)}
        self._write(READ, taken)

    def close(self) -> None:
        """Close the files."""
        for file in self._files.values():
            file.close()

    def __enter__(self) -> Self:
        """Use it in a ``with``."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.close()

    def _write(self, name: str, line: Mapping[str, Any]) -> None:
        file = self._files[name]
        with self._lock:
            file.write(orjson.dumps({"at": datetime.now(UTC).isoformat(), **line}) + b"\n")
            file.flush()
            if self._durable:
                os.fsync(file.fileno())
