"""The proxy carries bytes as a line does, and stops as it is told to."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from tests.faults.proxy import Proxy
from tests.waiting import until


@pytest.fixture
def echo() -> Iterator[int]:
    """Give the port of a server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer(peer: socket.socket) -> None:
            with peer:
                try:
                    while piece := peer.recv(65536):
                        peer.sendall(piece)
                except OSError:  # the proxy has cut it
                    return

        def serve() -> None:
            while True:
                try:
                    peer, _ = listener.accept()
                except OSError:  # the test is over
                    return
                threading.Thread(target=answer, args=(peer,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def proxy(echo: int) -> Iterator[Proxy]:
    """Give a proxy before that server."""
    with Proxy(echo) as made:
        yield made


def dial(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=20)


def say(line: socket.socket, words: bytes) -> bytes:
    line.sendall(words)
    return hear(line, len(words))


def hear(line: socket.socket, size: int) -> bytes:
    heard = b""
    while len(heard) < size and (piece := line.recv(65536)):
        heard += piece
    return heard


def call(proxy: Proxy) -> bytes:
    with dial(proxy) as line:
        return line.recv(1)


def test_it_carries_both_ways_and_many_at_once(proxy: Proxy) -> None:
    lines = [dial(proxy) for _ in range(20)]
    assert [say(line, b"%d" % number) for number, line in enumerate(lines)] == [
        b"%d" % number for number in range(20)
    ]
    assert proxy.connections == 20
    for line in lines:
        line.close()
    until(lambda: proxy.connections == 0)


def test_more_than_fits_into_any_buffer_arrives_whole_and_in_order(proxy: Proxy) -> None:
    much = bytes(range(256)) * 100_000
    with dial(proxy) as line:
        writer = threading.Thread(target=line.sendall, args=(much,))
        writer.start()
        assert hear(line, len(much)) == much
        writer.join()


def test_one_side_may_end_its_half_and_still_hear_the_other(proxy: Proxy) -> None:
    with dial(proxy) as line:
        line.sendall(b"last words")
        line.shutdown(socket.SHUT_WR)
        assert hear(line, 10) == b"last words"
        assert line.recv(1) == b""
    until(lambda: proxy.connections == 0)


def test_a_cut_resets_what_stands_and_what_comes_until_it_carries_again(proxy: Proxy) -> None:
    with dial(proxy) as line:
        say(line, b"hello")
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            line.recv(1)
    with pytest.raises(ConnectionError):
        call(proxy)
    proxy.carry()
    with dial(proxy) as line:
        assert say(line, b"again") == b"again"


def test_a_delay_brings_everything_later_and_in_order(proxy: Proxy) -> None:
    with dial(proxy) as line:
        say(line, b"at once")
        proxy.delay(0.2)
        begun = time.monotonic()
        for word in (b"one", b"two", b"three"):
            line.sendall(word)
        assert hear(line, 11) == b"onetwothree"
        assert time.monotonic() - begun >= 0.4  # there and back
        line.sendall(b"four")
        proxy.carry()
        assert hear(line, 4) == b"four"


def test_a_black_hole_says_nothing_and_what_it_swallowed_comes_after_all(proxy: Proxy) -> None:
    with dial(proxy) as line:
        say(line, b"hello")
        proxy.blackhole()
        line.sendall(b"swallowed")
        line.settimeout(0.2)
        with pytest.raises(TimeoutError):
            line.recv(1)
        with dial(proxy) as late:  # the kernel takes the call, nobody answers it
            late.sendall(b"me too")
            late.settimeout(0.2)
            with pytest.raises(TimeoutError):
                late.recv(1)
            proxy.carry()
            for each, words in ((line, b"swallowed"), (late, b"me too")):
                each.settimeout(20)
                assert hear(each, len(words)) == words


def test_nobody_behind_it_is_told_by_a_reset() -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with Proxy(port) as proxy, pytest.raises(ConnectionResetError):
        call(proxy)
