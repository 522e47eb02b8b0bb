"""A client of an installation: it does one thing at a time, records it, and insists until it knows how it came out."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from shared import ids
from tests.faults.history.recorder import Operation, Outcome, Recorder

LEGS = ("dibao", "pension", "pub-job", "psy")
AGENCY_OF = {"dibao": "civil-affairs", "pension": "social-security", "pub-job": "employment", "psy": "health"}
AGENCIES = tuple(AGENCY_OF.values())
HUT = "hut"
DESKS = {f"desk-{agency}": agency for agency in AGENCIES}
STAFF = (HUT, *DESKS)
PATIENCE_SECONDS = 240
"""So long an operation without a promise is sent again; no fault of ours lasts as long."""
ANSWER_SECONDS = 20
REST_SECONDS = 0.1

_REQUESTS = "/intake/api/v1/requests"
REFERRALS = "/referrals/api/v1/referrals"
_STILL_RUNNING = "urn:aid:problem:still-running"
_NO_PROMISE = frozenset({401, 429, 502, 503, 504})
"""The operation may or may not have been done, or was not even looked at: the same is sent again."""


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
                "expires_on": (datetime.now(UTC) + timedelta(days=300)).date().isoformat(),
                "given_by": "person",
            }
            for programme in LEGS
        ],
        "urgency": "normal",
        "answers": {},
    }


@dataclass(frozen=True)
class Door:
    """Where an installation is reached, and how its staff are let in: ``bearer`` gives somebody's token."""

    url: str
    bearer: Callable[[str], str]


@dataclass
class Tally:
    """What came of the operations: promised or refused, by kind; sendings that promised nothing; what was odd."""

    promised: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    unknown: int = 0
    odd: list[str] = field(default_factory=list)

    @property
    def operations(self) -> int:
        """How many operations came to an end that is known."""
        return self.promised.total() + self.refused.total()


class Client:
    """One seat in front of the door, which does one thing at a time and insists until it knows how that came out."""

    def __init__(
        self, name: str, staff: str, door: Door, recorder: Recorder, tally: Tally, chance: random.Random
    ) -> None:
        self.staff = staff
        self.chance = chance
        self._name = name
        self._door = door
        self._recorder = recorder
        self._tally = tally
        self._http = httpx.Client(base_url=door.url, timeout=ANSWER_SECONDS, trust_env=False)

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def ask(self, path: str, **query: Any) -> Any:
        """Read something; None while that is not to be had."""
        try:
            answer = self._http.get(path, params=query, headers=self._headers())
        except httpx.HTTPError:
            return None
        return answer.json() if answer.status_code == httpx.codes.OK else None

    def do(
        self,
        op: Operation,
        path: str,
        body: Mapping[str, Any],
        *,
        about: Mapping[str, Any],
        seen: int | None = None,
    ) -> Any:
        """Do something that takes effect once: the same key is sent until the answer promises something.

        Gives the promise, or None where it was refused or nothing was promised for too long. Now and then a promise
        is mistrusted and asked for again.
        """
        key = ids.new()
        headers = {"Idempotency-Key": key} | ({"If-Match": f'"{seen}"'} if seen is not None else {})
        deadline = time.monotonic() + PATIENCE_SECONDS
        promise = None
        while time.monotonic() < deadline:
            event, answer = self._send(op, path, body, key, headers, about)
            if event == "unknown":
                self._tally.unknown += 1
                time.sleep(self.chance.uniform(REST_SECONDS, 3 * REST_SECONDS))
                continue
            if event == "fail":
                self._tally.refused[op] += 1
                return None
            if promise is None:
                self._tally.promised[op] += 1
                promise = answer
                if self.chance.random() > 0.05:
                    return promise
            else:
                if answer != promise:
                    self._tally.odd.append(f"{op} {key} was answered in two ways")
                return promise
        self._tally.odd.append(f"{op} {key} got no promise within {PATIENCE_SECONDS} s")
        return promise

    def file(self) -> Any:
        """File a request with four legs."""
        number = self.chance.randrange(10**6)
        return self.do("file", _REQUESTS, body(number), about={"staff": self.staff})

    def cancel(self, filed: Mapping[str, Any], legs: Sequence[str]) -> None:
        """Withdraw some legs of a request, or with none named the whole."""
        about = {"staff": self.staff, "request": filed["id"], "legs": list(legs)}
        path = f"{_REQUESTS}/{filed['id']}/withdraw"
        self.do("cancel" if legs else "withdraw", path, {"legs": list(legs)}, about=about)

    def act(self, leg: Mapping[str, Any], action: Operation, fields: Mapping[str, Any]) -> Any:
        """Take an action on a referral as it was last seen."""
        about = {"staff": self.staff, "referral": leg["id"], "version": leg["version"]}
        return self.do(action, f"{REFERRALS}/{leg['id']}/{action}", fields, about=about, seen=leg["version"])

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._door.bearer(self.staff)}", "Accept-Language": "en"}

    def _send(
        self,
        op: Operation,
        path: str,
        body: Mapping[str, Any],
        key: str,
        headers: Mapping[str, str],
        about: Mapping[str, Any],
    ) -> tuple[Outcome, Any]:
        headers = {**self._headers(), **headers}
        self._recorder.client(event="invoke", client=self._name, op=op, key=key, about=about)
        try:
            answer = self._http.post(path, json=body, headers=headers)
        except httpx.HTTPError as error:
            self._recorder.client(
                event="unknown", client=self._name, op=op, key=key, about={"error": type(error).__name__}
            )
            return "unknown", None
        content = _content(answer)
        event: Outcome
        if answer.is_success:
            event = "ok"
        elif (
            answer.status_code in _NO_PROMISE
            or answer.is_server_error
            or (isinstance(content, dict) and content.get("type") == _STILL_RUNNING)
        ):
            event = "unknown"
            if answer.status_code == httpx.codes.INTERNAL_SERVER_ERROR:
                self._tally.odd.append(f"{op} {key} was answered 500: {answer.text[:200]}")
        else:
            event = "fail"
        self._recorder.client(
            event=event, client=self._name, op=op, key=key, status=answer.status_code, answer=content
        )
        return event, content


def _content(answer: httpx.Response) -> Any:
    kind = answer.headers.get("Content-Type", "")
    return answer.json() if "json" in kind else None
