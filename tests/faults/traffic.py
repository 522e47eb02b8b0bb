"""Requests at a given rate, whether or not they are answered in time, and what came of each."""

from __future__ import annotations

import itertools
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from shared import ids
from tests.faults.clients import body

LINES = 256
"""Connections at most: enough for a rate to be kept while answers take a second."""
ANSWER_SECONDS = 60.0
ACCEPTED = frozenset({201, 202})
BUSY = frozenset({429, 503})

Make = Callable[[int], tuple[str, Any]]
"""Gives the path and the body of the request with this number."""


@dataclass(frozen=True)
class Answer:
    """What came of one request; ``status`` 0 if nothing did. ``seconds`` count from when it was sent.

    Not from when it was due: where the clients themselves are late, for they share the cores, that is not the wait.
    """

    number: int
    status: int
    seconds: float
    headers: dict[str, str]
    body: bytes
    refusals: int = 0
    """How often it was refused before, and came again as told."""

    @property
    def id(self) -> str:
        """The id of what was filed."""
        return str(orjson.loads(self.body)["id"])


@dataclass
class Answers:
    """All answers of one stretch of traffic; ``seconds`` is how long it took."""

    all: list[Answer] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def accepted(self) -> list[Answer]:
        """Those with 201 or 202."""
        return [answer for answer in self.all if answer.status in ACCEPTED]

    @property
    def busy(self) -> list[Answer]:
        """Those that were asked to come again."""
        return [answer for answer in self.all if answer.status in BUSY]

    @property
    def statuses(self) -> dict[int, int]:
        """How many answers there were of each status."""
        return dict(sorted(Counter(answer.status for answer in self.all).items()))

    @property
    def came_again(self) -> int:
        """How often somebody was refused and came again."""
        return sum(answer.refusals for answer in self.all)

    @property
    def rate(self) -> float:
        """Accepted requests per second."""
        return len(self.accepted) / self.seconds


def percentile(answers: Sequence[Answer], share: float) -> float:
    """Give the seconds within which this share of the answers came; 0 for none."""
    ordered = sorted(answer.seconds for answer in answers)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)] if ordered else 0.0


def filing(number: int) -> tuple[str, Any]:
    """File a request with four legs."""
    return "/intake/api/v1/requests", body(number)


class Line:
    """One kept-alive connection with little around it, for the clients share the cores with what is measured."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._buffer = b""

    def exchange(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send one request and read its answer. Raises ``OSError`` when the connection is refused or lost."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=ANSWER_SECONDS)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._buffer = b""
        self._socket.sendall(request)
        while b"\r\n\r\n" not in self._buffer:
            self._more()
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        length = int(headers["content-length"])
        while len(self._buffer) < length:
            self._more()
        content, self._buffer = self._buffer[:length], self._buffer[length:]
        if headers.get("connection") == "close":
            self.close()
        return int(first.split()[1]), headers, content

    def close(self) -> None:
        """Hang up."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _more(self) -> None:
        piece = self._socket.recv(65536) if self._socket is not None else b""
        if not piece:
            raise ConnectionResetError("closed before the answer was whole")
        self._buffer += piece


def _exchanged(line: Line, request: bytes) -> tuple[int, dict[str, str], bytes]:
    try:
        return line.exchange(request)
    except OSError as error:
        line.close()
        return 0, {}, repr(error).encode()


class Traffic:
    """Clients of one installation's front door, all signed in as the help desk."""

    def __init__(self, port: int, bearer: str) -> None:
        self._port = port
        self._bearer = bearer

    def at(self, rate: float, seconds: float, make: Make = filing, *, again: bool = False) -> Answers:
        """Send so many requests a second for so many seconds, however long their answers take.

        With ``again`` who is refused comes again, with the same key, when the answer told him to.
        """
        return self._send(int(rate * seconds), LINES, make, rate, again=again)

    def flat_out(self, clients: int, requests: int, make: Make = filing) -> Answers:
        """Send requests from a few clients, each the next one when it has its answer."""
        return self._send(requests, clients, make, None)

    def _send(
        self, count: int, lines: int, make: Make, rate: float | None, *, again: bool = False
    ) -> Answers:
        numbers, answers = itertools.count(), Answers()
        begun = time.perf_counter()

        def client() -> None:
            line = Line(self._port)
            while (number := next(numbers)) < count:
                request = self._request(number, make)
                if rate is not None:
                    time.sleep(max(0.0, begun + number / rate - time.perf_counter()))
                sent = time.perf_counter()
                status, headers, content = _exchanged(line, request)
                refusals = 0
                while again and status in BUSY:
                    refusals += 1
                    time.sleep(float(headers["retry-after"]))
                    status, headers, content = _exchanged(line, request)
                took = time.perf_counter() - sent
                answers.all.append(Answer(number, status, took, headers, content, refusals))
            line.close()

        threads = [threading.Thread(target=client) for _ in range(min(lines, count))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers.seconds = time.perf_counter() - begun
        return answers

    def _request(self, number: int, make: Make) -> bytes:
        path, content = make(number)
        sent = orjson.dumps(content)
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nAuthorization: Bearer {self._bearer}\r\n"
            f"Idempotency-Key: {ids.new()}\r\nContent-Type: application/json\r\nContent-Length: {len(sent)}\r\n\r\n"
        )
        return head.encode() + sent
