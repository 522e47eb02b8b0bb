"""The table of paths as a whole nginx.conf, for the full run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import orjson

from deploy.front.limits import LIMITED, LIMITS, Limit
from deploy.front.paths import DEFAULT_PORTS, PATHS, UPLOADS
from shared.addresses import is_loopback
from shared.http import problems
from shared.http.app import BODY_CAP
from shared.http.bare_page import bare_page
from shared.http.problems import Problem
from shared.http.security_headers import security_headers
from shared.http.uploads import UPLOAD_CAP, upload_too_large
from shared.text import Text

DEFAULT_PORT = 8000
_TEMPLATE = Path(__file__).with_name("nginx.conf.in")
_ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")
_PLACE = re.compile(r"@([A-Z_]+)@")
UNAVAILABLE = "503"
_COME_AGAIN = {429, 503}
_NO_ANSWER = Text(
    "暂时没有得到答复，不能确定内容是否已保存。请先查看列表，或稍后以同一 Idempotency-Key 重新发送。",
    "No answer came, so it is not certain whether this was stored. Look at the list first, or send it again shortly "
    "with the same Idempotency-Key.",
)
_FAILURES: Mapping[str, Problem] = {
    "400": problems.BadRequest(),
    "413": problems.TooLarge(),
    "upload": upload_too_large(),
    "429": problems.TooMany(),
    UNAVAILABLE: problems.Unavailable(_NO_ANSWER),
    # By its own name, for the same status means here that the request was never passed on.
    "busy": problems.Busy(),
}
MOST_UNDER_WAY = 768
"""Requests that nginx has under way at once, over all its processes: below what one of them can hold (two connections
each), so that more are refused in words and not cut off. What fits is shed by the applications, by time."""

MOST_UPLOADS = 16
"""Files that are on their way in at once: each is held in memory whole, so that none is written to a disk."""


class BadSettings(Exception):
    """The front door cannot be rendered from these settings; the message names each of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontSettings:
    """Where the front door listens, what it is called, and where the applications are.

    ``upstreams`` maps each application of the table of paths to the addresses (``host:port``) of its web
    processes. ``certificate`` is the pair of files (chain, key) with which nginx itself speaks TLS.
    """

    bind: str
    port: int
    public_url: str
    upstreams: Mapping[str, Sequence[str]]
    certificate: tuple[str, str] | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> FrontSettings:
        """Read CAREHUT_BIND, PORT, CAREHUT_PUBLIC_URL, CAREHUT_TLS_CERTIFICATE, CAREHUT_TLS_KEY, and the upstreams.

        Those are CAREHUT_<APPLICATION>_ADDRESSES, ``host:port`` separated by commas; without it an application is
        looked for on its default port of loopback. Raises ``BadSettings``.
        """
        bind, port = environ.get("CAREHUT_BIND", "127.0.0.1"), environ.get("PORT", str(DEFAULT_PORT))
        public = environ.get("CAREHUT_PUBLIC_URL", f"http://{bind}:{port}")
        files = environ.get("CAREHUT_TLS_CERTIFICATE"), environ.get("CAREHUT_TLS_KEY")
        upstreams = {
            name: tuple(environ.get(f"CAREHUT_{name.upper()}_ADDRESSES", f"127.0.0.1:{default}").split(","))
            for name, default in DEFAULT_PORTS.items()
        }
        wrong = [*_wrong_door(bind, port, public, files), *_wrong_addresses(upstreams)]
        if wrong:
            raise BadSettings("; ".join(wrong))
        chain, key = files
        pair = (chain, key) if chain and key else None
        return cls(bind=bind, port=int(port), public_url=public, upstreams=upstreams, certificate=pair)


def render_nginx(settings: FrontSettings) -> str:
    """Write nginx.conf; its relative paths (pid, logs, temporary files) begin at nginx's prefix (``nginx -p``)."""
    parts = {
        "LISTEN": _listen(settings),
        "LISTEN_FIRST": _listen(settings, " default_server"),
        "NAMES": " ".join(_names(settings)),
        "SCHEME": urlsplit(settings.public_url).scheme,
        "BODY_CAP": str(BODY_CAP),
        "UPSTREAMS": "\n".join(_upstream(name, places) for name, places in settings.upstreams.items()),
        "LOCATIONS": "\n".join(
            [
                *(_location(path, name) for path, name in PATHS.items()),
                *(_upload(pattern, name) for pattern, name in UPLOADS.items()),
            ]
        ),
        "MOST_UNDER_WAY": str(MOST_UNDER_WAY),
        "HEADER_MAPS": "\n".join(_header_map(*header) for header in security_headers(settings.public_url)),
        "HEADERS": _headers(settings, " " * 8),
        "LIMIT_ZONES": "\n".join(_zone(name, limit) for name, limit in LIMITS.items()),
        "MAPS": "\n".join(_map(name, problem) for name, problem in _FAILURES.items()),
        "FAILURES": "\n".join(_failure(name, problem, settings) for name, problem in _FAILURES.items()),
    }
    return _PLACE.sub(lambda place: parts[place[1]], _TEMPLATE.read_text(encoding="utf-8"))


def _wrong_door(bind: str, port: str, public: str, files: tuple[str | None, str | None]) -> list[str]:
    wrong = []
    if not _is_address(bind):
        wrong.append(f"CAREHUT_BIND is no IP address: {bind}")
    if not (port.isdigit() and 0 < int(port) < 2**16):
        wrong.append(f"PORT is no port: {port}")
    url = urlsplit(public)
    if (
        url.scheme not in {"http", "https"}
        or not url.hostname
        or not re.fullmatch(r"[A-Za-z0-9.:-]+", url.hostname)
    ):
        wrong.append(f"CAREHUT_PUBLIC_URL is no address of a site: {public}")
    elif url.scheme == "http" and not (is_loopback(url.hostname) and is_loopback(bind)):
        wrong.append("CAREHUT_PUBLIC_URL: plain http is for loopback alone; give the https address")
    if any(files) and not all(files):
        wrong.append("CAREHUT_TLS_CERTIFICATE and CAREHUT_TLS_KEY go together")
    wrong += [
        f"a file of TLS has a name that nginx cannot take: {file}" for file in files if file and '"' in file
    ]
    return wrong


def _wrong_addresses(upstreams: Mapping[str, Sequence[str]]) -> list[str]:
    return [
        f"CAREHUT_{name.upper()}_ADDRESSES: {place!r} is no host:port"
        for name, places in upstreams.items()
        for place in places
        if not _ADDRESS.fullmatch(place)
    ]


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _listen(settings: FrontSettings, first: str = "") -> str:
    host = f"[{settings.bind}]" if ":" in settings.bind else settings.bind
    if settings.certificate is None:
        return f"listen {host}:{settings.port}{first}"
    chain, key = settings.certificate
    lines = [
        f"listen {host}:{settings.port}{first} ssl",
        f'ssl_certificate "{chain}"',
        f'ssl_certificate_key "{key}"',
    ]
    return ";\n        ".join([*lines, "ssl_protocols TLSv1.2 TLSv1.3", "ssl_session_cache shared:aid:4m"])


def _names(settings: FrontSettings) -> list[str]:
    host = urlsplit(settings.public_url).hostname or ""
    aliases = ["127.0.0.1", "[::1]", "localhost"] if is_loopback(host) else []
    return list(dict.fromkeys([f"[{host}]" if ":" in host else host, *aliases]))


def _upstream(name: str, places: Sequence[str]) -> str:
    servers = "".join(f"        server {place} max_fails=2 fail_timeout=5s;\n" for place in places)
    # Given back before the web process closes an idle connection, so that no request meets a closed one.
    return (
        f"    upstream aid_{name} {{\n{servers}        keepalive 32;\n        keepalive_timeout 20s;\n    }}"
    )


def _location(path: str, name: str) -> str:
    limit = LIMITED.get(path)
    line = f"{_limit(limit)} proxy_pass http://aid_{name};" if limit else f"proxy_pass http://aid_{name};"
    if path == "/" or not path.endswith("/"):
        exact = "" if path == "/" else "= "
        return f"        location {exact}{path} {{ {line} }}"
    compressed = " gzip on; gzip_types text/css text/javascript image/svg+xml;" if path == "/static/" else ""
    bare = f"        location = {path.rstrip('/')} {{ {line} }}"
    return f"{bare}\n        location {path} {{ {line}{compressed} }}"


def _upload(pattern: str, name: str) -> str:
    # A location that limits or explains anything by itself inherits nothing of the kind, so all of it stands here.
    return "\n".join(
        (
            f'        location ~ "{pattern}" {{',
            f"            client_max_body_size {UPLOAD_CAP}; client_body_buffer_size {UPLOAD_CAP};",
            f"            limit_conn aid_under_way {MOST_UNDER_WAY}; limit_conn aid_uploads {MOST_UPLOADS};",
            f"            {_limit('uploads')}",
            "            error_page 413 /.failure/upload.$aid_kind;",
            "            error_page 429 /.failure/429.$aid_kind;",
            "            error_page 503 /.failure/busy.$aid_kind;",
            "            error_page 502 504 =503 /.failure/503.$aid_kind;",
            f"            proxy_pass http://aid_{name};",
            "        }",
        )
    )


def _map(name: str, problem: Problem) -> str:
    bodies = {
        language: orjson.dumps(problem.body(language, "$aid_request")).decode() for language in ("zh", "en")
    }
    rows = "".join(f"        {language} '{_quoted(body)}';\n" for language, body in bodies.items())
    return f"    map $aid_language $aid_problem_{name} {{\n{rows}    }}"


def _failure(name: str, problem: Problem, settings: FrontSettings) -> str:
    retry = "add_header Retry-After 5 always; " if problem.status in _COME_AGAIN else ""
    headers = _headers(settings, " " * 12)
    forms = {
        "json": (problems.MEDIA_TYPE, f"$aid_problem_{name}"),
        "html": ("text/html", f"'{_quoted(bare_page(problem))}'"),
    }
    return "\n".join(
        f"        location = /.failure/{name}.{kind} {{\n"
        f"            internal; default_type {media}; charset utf-8; {retry}\n"
        f"            add_header X-Request-ID $aid_request always; add_header Cache-Control no-store always;\n"
        f"{headers}\n"
        f"            return {problem.status} {content};\n"
        "        }"
        for kind, (media, content) in forms.items()
    )


def _variable(header: str) -> str:
    return f"$aid_{header.lower().replace('-', '_')}"


def _header_map(name: str, value: str) -> str:
    upstream = f"$upstream_http_{name.lower().replace('-', '_')}"
    return f"    map {upstream} {_variable(name)} {{ '' '{_quoted(value)}'; default ''; }}"


def _headers(settings: FrontSettings, indent: str) -> str:
    """Add each header; what an application has said is empty here, and nginx leaves out what is empty."""
    names = [name for name, _ in security_headers(settings.public_url)]
    return "\n".join(f"{indent}add_header {name} {_variable(name)} always;" for name in names)


def _zone(name: str, limit: Limit) -> str:
    return f"    limit_req_zone $binary_remote_addr zone=aid_rate_{name}:2m rate={limit.per_minute}r/m;"


def _limit(name: str) -> str:
    return f"limit_req zone=aid_rate_{name} burst={LIMITS[name].burst} nodelay;"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")
