"""A small TCP proxy: the network between us and a server, which can be cut, slow, or swallow everything."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Self

from deploy.local.ports import free_port

CHUNK_BYTES = 256 * 1024
HELD_BYTES = 4 * 1024 * 1024
"""So much is held for a side that does not read; then its peer is not read either, as on a real line."""
BACKLOG = 512

PASS, CUT, DELAY, BLACKHOLE = "pass", "cut", "delay", "blackhole"


@dataclass(eq=False)
class _Flow:
    """One direction of a connection: what was read and not yet written, each piece with the time it is due."""

    source: socket.socket
    sink: socket.socket
    held: deque[tuple[float, bytes]] = field(default_factory=deque)
    size: int = 0
    ended: bool = False


class Proxy:
    """Listens on ``port`` of loopback and carries bytes to ``target`` and back until told otherwise.

    ``cut`` resets every connection and each new one; ``delay`` brings every piece later, in order and without
    narrowing the line; ``blackhole`` carries nothing, and what was swallowed arrives after all once ``carry`` is
    called: harsher than a real line, whose ends would have given up. One thread does it all.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._selector = selectors.DefaultSelector()
        self._listener = socket.create_server(("127.0.0.1", free_port()), backlog=BACKLOG)
        self._listener.setblocking(False)
        self.port: int = self._listener.getsockname()[1]
        self._waker, self._woken = socket.socketpair()
        self._woken.setblocking(False)
        self._asked: deque[Callable[[], None]] = deque()
        self._flows: dict[socket.socket, tuple[_Flow, _Flow]] = {}
        self._timers: list[tuple[float, int, _Flow]] = []
        self._numbers = itertools.count()
        self._mode, self._seconds = PASS, 0.0
        self._open = True
        self._thread = threading.Thread(target=self._run, name=f"proxy to {target}", daemon=True)

    def __enter__(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close every connection and end."""
        self._ask(self._close)
        self._thread.join()

    @property
    def mode(self) -> str:
        """What it does now: ``pass``, ``cut``, ``delay`` or ``blackhole``."""
        return self._mode

    @property
    def connections(self) -> int:
        """How many connections stand now."""
        return len(self._flows) // 2

    def carry(self) -> None:
        """Carry everything at once, as a good line does."""
        self._ask(lambda: self._turn(PASS))

    def cut(self) -> None:
        """Reset every connection, and each new one as soon as it comes."""
        self._ask(lambda: self._turn(CUT))

    def delay(self, seconds: float) -> None:
        """Let every piece arrive so many seconds late."""
        self._ask(lambda: self._turn(DELAY, seconds))

    def blackhole(self) -> None:
        """Carry nothing and say nothing; connections stay as they are."""
        self._ask(lambda: self._turn(BLACKHOLE))

    def _ask(self, act: Callable[[], None]) -> None:
        """Have the thread do something, and wait until it has."""
        done = threading.Event()
        self._asked.extend((act, done.set))
        self._waker.send(b"!")
        done.wait()

    # What follows runs in the proxy's own thread.

    def _run(self) -> None:
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        while self._open:
            for key, events in self._selector.select(self._until_due()):
                self._serve(key.fileobj, events)  # type: ignore[arg-type]  # only sockets are registered
            now = time.monotonic()
            while self._timers and self._timers[0][0] <= now:
                self._write(heapq.heappop(self._timers)[2])

    def _until_due(self) -> float | None:
        return max(self._timers[0][0] - time.monotonic(), 0) if self._timers else None

    def _serve(self, ready: socket.socket, events: int) -> None:
        if ready is self._woken:
            self._woken.recv(CHUNK_BYTES)
            while self._asked:
                self._asked.popleft()()
        elif ready is self._listener:
            self._accept()
        elif ready in self._flows:
            outward, inward = self._flows[ready]
            if events & selectors.EVENT_READ:
                self._read(outward)
            if events & selectors.EVENT_WRITE:
                self._write(inward)

    def _accept(self) -> None:
        try:
            near, _ = self._listener.accept()
        except BlockingIOError:  # it has gone again
            return
        if self._mode == CUT:
            _reset(near)
            return
        far = socket.socket()
        for end in (near, far):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        far.connect_ex(("127.0.0.1", self._target))  # a refusal shows when it is read from
        there, back = _Flow(near, far), _Flow(far, near)
        self._flows[near], self._flows[far] = (there, back), (back, there)
        for end in (near, far):
            self._selector.register(end, selectors.EVENT_READ)

    def _read(self, flow: _Flow) -> None:
        try:
            piece = flow.source.recv(CHUNK_BYTES)
        except BlockingIOError:
            return
        except OSError:
            self._drop(flow)
            return
        due = time.monotonic() + (self._seconds if self._mode == DELAY else 0)
        flow.ended = not piece
        flow.held.append((due, piece))
        flow.size += len(piece)
        if self._mode == DELAY:
            heapq.heappush(self._timers, (due, next(self._numbers), flow))
            self._listen(flow)
        else:
            self._write(flow)

    def _write(self, flow: _Flow) -> None:
        if flow.source not in self._flows or self._mode == BLACKHOLE:
            return
        now = time.monotonic()
        try:
            while flow.held and flow.held[0][0] <= now:
                due, piece = flow.held[0]
                if not piece:  # the end of the stream
                    flow.sink.shutdown(socket.SHUT_WR)
                    flow.held.popleft()
                    break
                sent = flow.sink.send(piece)
                flow.size -= sent
                if sent < len(piece):
                    flow.held[0] = (due, piece[sent:])
                    break
                flow.held.popleft()
        except BlockingIOError:
            pass  # the rest goes when there is room
        except OSError:
            self._drop(flow)
            return
        outward, inward = self._flows[flow.source]
        if all(each.ended and not each.held for each in (outward, inward)):
            self._drop(flow)
        else:
            self._listen(flow)

    def _listen(self, flow: _Flow) -> None:
        """Ask the kernel for what both ends of a flow now wait for."""
        for end in (flow.source, flow.sink):
            outward, inward = self._flows[end]
            wanted = 0
            if self._mode != BLACKHOLE:
                if not outward.ended and outward.size < HELD_BYTES:
                    wanted |= selectors.EVENT_READ
                if inward.held and inward.held[0][0] <= time.monotonic():
                    wanted |= selectors.EVENT_WRITE
            registered = end in self._selector.get_map()
            if wanted and registered:
                self._selector.modify(end, wanted)
            elif wanted:
                self._selector.register(end, wanted)
            elif registered:
                self._selector.unregister(end)

    def _drop(self, flow: _Flow) -> None:
        """End a connection on both sides: politely if all was said, otherwise by a reset."""
        polite = all(each.ended and not each.held for each in self._flows[flow.source])
        for end in (flow.source, flow.sink):
            del self._flows[end]
            if end in self._selector.get_map():
                self._selector.unregister(end)
            if polite:
                end.close()
            else:
                _reset(end)

    def _turn(self, mode: str, seconds: float = 0.0) -> None:
        self._mode, self._seconds = mode, seconds
        if mode == BLACKHOLE:
            self._selector.unregister(self._listener)
        elif self._listener not in self._selector.get_map():
            self._selector.register(self._listener, selectors.EVENT_READ)
        for flow, _ in list(self._flows.values()):
            if flow.source not in self._flows:
                continue  # its other half went first
            if mode == CUT:
                self._drop(flow)
            else:
                if mode == PASS:  # what was held back goes at once, in order
                    flow.held = deque((0.0, piece) for _, piece in flow.held)
                    self._write(flow)
                if flow.source in self._flows:
                    self._listen(flow)

    def _close(self) -> None:
        self._turn(CUT)
        self._open = False
        for end in (self._listener, self._waker, self._woken):
            end.close()
        self._selector.close()


def _reset(end: socket.socket) -> None:
    end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    end.close()
