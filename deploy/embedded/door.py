"""The address an embedded server listens on: checked against the pack, and taken before anything else is done."""

from __future__ import annotations

import errno
import socket
from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import urlsplit

from deploy.embedded.prepare import CannotRunHere
from shared.addresses import is_loopback
from shared.text import Text

BACKLOG = 128
_HIGHEST_PORT = 65_535


def refuse_exposure(environ: Mapping[str, str], *, demo: bool) -> None:
    """Refuse a demo pack beyond loopback, and any pack beyond loopback without TLS.

    Raises ``CannotRunHere``.
    """
    host = environ["CAREHUT_BIND"]
    public = urlsplit(environ["CAREHUT_PUBLIC_URL"])
    if is_loopback(host) and (public.scheme == "https" or is_loopback(public.hostname or "")):
        if demo and not is_loopback(public.hostname or ""):
            raise CannotRunHere(_demo(public.netloc), _LOOPBACK)
        return
    if demo:
        raise CannotRunHere(_demo(host), _LOOPBACK)
    if public.scheme != "https":
        raise CannotRunHere(
            Text(
                f"{host}（{public.geturl()}）可从别的机器访问，但没有 TLS。",
                f"{host} ({public.geturl()}) can be reached from other machines, without TLS.",
            ),
            Text(
                "在前面放置 TLS 代理，并把 CAREHUT_PUBLIC_URL 设为 https 地址；或使用 CAREHUT_BIND=127.0.0.1。",
                "Put a TLS proxy in front and set CAREHUT_PUBLIC_URL to its https address, or use "
                "CAREHUT_BIND=127.0.0.1.",
            ),
        )


def take(environ: Mapping[str, str]) -> socket.socket:
    """Take the port; the socket is handed to gunicorn. Raises ``CannotRunHere`` with plain words if it is not free."""
    host, port = environ["CAREHUT_BIND"], _port(environ["PORT"])
    try:
        return _listening(host, port)
    except OSError as error:
        raise CannotRunHere(*_refusal(error, host, port)) from error


def _listening(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with ExitStack() as undo:
        listening = undo.enter_context(socket.socket(family, kind, protocol))
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(place)
        listening.listen(BACKLOG)
        listening.set_inheritable(True)
        undo.pop_all()
    return listening


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) <= _HIGHEST_PORT:
        raise CannotRunHere(
            Text(f"PORT 为“{text}”，不是端口号。", f"PORT is “{text}”, which is no port."),
            Text(
                "请用 1 至 65535 的数字，例如 PORT=8000。",
                "Give a number from 1 to 65535, such as PORT=8000.",
            ),
        )
    return int(text)


def _refusal(error: OSError, host: str, port: int) -> tuple[Text, Text]:
    if error.errno == errno.EADDRINUSE:
        return (
            Text(f"{host} 的端口 {port} 已被占用。", f"Port {port} of {host} is already in use."),
            Text(
                f"停掉占用它的程序，或换一个：PORT={port + 1} make run。",
                f"Stop what uses it, or take another: PORT={port + 1} make run.",
            ),
        )
    if error.errno == errno.EACCES:
        return (
            Text(f"没有权限使用端口 {port}。", f"You may not use port {port}."),
            Text("请用 1024 以上的端口，例如 PORT=8000。", "Take one above 1024, such as PORT=8000."),
        )
    return (
        Text(
            f"无法在 {host}:{port} 监听：{error.strerror}。",
            f"Cannot listen on {host}:{port}: {error.strerror}.",
        ),
        Text("请检查 CAREHUT_BIND。", "Check CAREHUT_BIND."),
    )


def _demo(where: str) -> Text:
    return Text(
        f"演示包只允许本机访问，而 {where} 可从别的机器访问。",
        f"A demo pack is for this machine alone, and {where} can be reached from others.",
    )


_LOOPBACK = Text(
    "去掉 CAREHUT_BIND 与 CAREHUT_PUBLIC_URL，或设为 127.0.0.1。",
    "Leave CAREHUT_BIND and CAREHUT_PUBLIC_URL out, or set them to 127.0.0.1.",
)
