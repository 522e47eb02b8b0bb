"""Clients that file requests and, as one should, send the same key again whenever they got no answer."""

from __future__ import annotations

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import httpx

from shared import ids

LEGS = ("dibao", "pension", "pub-job", "psy")
AGENCY_OF = {"dibao": "civil-affairs", "pension": "social-security", "pub-job": "employment", "psy": "health"}
PATIENCE_SECONDS = 60


def body(number: int) -> dict[str, Any]:
    """Build a request with four legs for a made-up person."""
    return {
        "person": {"name": f"李测试{number}", "phone": "13800000000", "residence": "530103004007"},
        "legs": [{"programme": programme} for programme in LEGS],
        "consents": [
            {
                "agency": AGENCY_OF[programme],
                "programmes": [programme],
                "data_kinds": ["identity", "contact"],
                "purpose": "aid",
                "expires_on": "2099-12-31",
                "given_by": "person",
            }
            for programme in LEGS
        ],
        "urgency": "normal",
        "answers": {},
    }


@dataclass
class Journal:
    """What the clients were told: idempotency key → every answer with 201, and every other answer."""

    accepted: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    other: list[tuple[str, int, str]] = field(default_factory=list)
    resent: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)


class Load:
    """Files requests from ``clients`` threads, each about ``pause`` seconds apart, until told to stop."""

    def __init__(
        self,
        address: str,
        bearer: str,
        journal: Journal,
        *,
        seed: str,
        clients: int = 3,
        pause: float = 0.05,
    ) -> None:
        self._address = address
        self._bearer = bearer
        self._pause = pause
        self._stop = threading.Event()
        self.journal = journal
        self._threads = [
            threading.Thread(target=self._file, args=(random.Random(f"{seed}-{number}"),))
            for number in range(clients)
        ]

    def __enter__(self) -> Journal:
        """Start filing."""
        for thread in self._threads:
            thread.start()
        return self.journal

    def __exit__(self, *_: object) -> None:
        """Stop after the requests under way are answered."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _file(self, chance: random.Random) -> None:
        with httpx.Client(base_url=self._address, timeout=20, trust_env=False) as client:
            while not self._stop.is_set():
                self._until_answered(client, ids.new(), body(chance.randrange(10**6)))
                self._stop.wait(chance.uniform(0, 2 * self._pause))

    def _until_answered(self, client: httpx.Client, key: str, filed: dict[str, Any]) -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        headers = {"Authorization": f"Bearer {self._bearer}", "Idempotency-Key": key}
        answered = 0
        while time.monotonic() < deadline:
            try:
                answer = client.post("/intake/api/v1/requests", json=filed, headers=headers)
            except httpx.HTTPError:
                answer = None
            with self.journal.lock:
                if answer is None:
                    self.journal.resent += 1
                elif answer.status_code == httpx.codes.CREATED:
                    self.journal.accepted.setdefault(key, []).append(answer.json())
                    answered += 1
                elif answer.status_code not in {409, 502, 503, 504}:
                    self.journal.other.append((key, answer.status_code, answer.text))
                    return
            # Once in a while an answer is mistrusted and asked for again: it must be the same.
            if answered and (answered > 1 or hash(key) % 4):
                return
            time.sleep(0.05)
        with self.journal.lock:
            self.journal.other.append((key, 0, "no answer in time"))
