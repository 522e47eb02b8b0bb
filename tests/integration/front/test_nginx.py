"""The rendered nginx.conf in a real nginx: the same owners as the dispatcher, nothing leaked, nothing trusted."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from deploy.front import DEFAULT_PORTS, FrontSettings, owner_of, render_nginx
from deploy.front.limits import LIMITS
from deploy.front.nginx import BadSettings
from deploy.local import Missing
from deploy.local.nginx import Nginx
from deploy.local.ports import free_port
from shared.http.security_headers import SECURITY_HEADERS
from shared.http.uploads import UPLOAD_CAP
from tests.conftest import absent


class _Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    name = ""

    def do_GET(self) -> None:
        self._echo()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"] or 0))
        self._echo()

    def _echo(self) -> None:
        if self.path == "/intake/break":  # the process dies after it took the request
            self.close_connection = True
            return
        body = json.dumps({"name": self.name, "path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        if self.path == "/intake/strict":
            self.send_header("Content-Security-Policy", "default-src 'self'")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    """A running nginx before one echoing upstream per application; nobody answers for notifications."""
    nginx = Nginx(tmp_path_factory.mktemp("door"))
    servers = []
    addresses = {}
    for name in DEFAULT_PORTS:
        handler = type(f"Echo{name}", (_Echo,), {"name": name})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        addresses[f"CAREHUT_{name.upper()}_ADDRESSES"] = f"127.0.0.1:{server.server_port}"
    addresses["CAREHUT_NOTIFICATIONS_ADDRESSES"] = f"127.0.0.1:{free_port()}"
    settings = FrontSettings.from_environment({"PORT": str(nginx.port), **addresses})
    try:
        nginx.start(render_nginx(settings))
    except Missing as error:
        absent(str(error))
    yield nginx
    nginx.stop()
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    "path",
    ["/", "/intake", "/intake/api/v1/requests?q=1", "/auth/token", "/referrals", "/referrals/x", "/ready"],
)
def test_it_sends_each_path_to_the_owner_the_table_names(door: Nginx, path: str) -> None:
    answer = httpx.get(door.url + path).json()
    assert answer["name"] == owner_of(path.partition("?")[0])
    assert answer["path"] == path


def test_what_a_client_claims_about_itself_is_not_passed_on(door: Nginx) -> None:
    claims = {"X-Forwarded-For": "8.8.8.8", "X-Forwarded-Proto": "https", "Forwarded": "for=8.8.8.8"}
    headers = httpx.get(f"{door.url}/intake/x", headers=claims).json()["headers"]
    assert headers["X-Forwarded-For"] == "127.0.0.1"
    assert headers["X-Forwarded-Proto"] == "http"
    assert "Forwarded" not in headers
    assert headers["Host"] == f"127.0.0.1:{door.port}"


def test_a_request_id_is_kept_and_a_strange_one_replaced(door: Nginx) -> None:
    sane = httpx.get(f"{door.url}/intake/x", headers={"X-Request-ID": "abc-12345678"}).json()["headers"]
    strange = httpx.get(f"{door.url}/intake/x", headers={"X-Request-ID": "a b{}"}).json()["headers"]
    assert sane["X-Request-ID"] == "abc-12345678"
    assert re.fullmatch("[0-9a-f]{32}", strange["X-Request-ID"])


def test_a_body_over_one_mebibyte_is_a_problem_in_both_languages(door: Nginx) -> None:
    answer = httpx.post(f"{door.url}/intake/api/v1/requests", content=b" " * (1024 * 1024 + 1))
    assert (answer.status_code, answer.headers["content-type"]) == (413, "application/problem+json")
    assert answer.json()["type"] == "urn:aid:problem:too-large"
    assert set(answer.json()["messages"]) == {"zh", "en"}
    assert answer.json()["request_id"] == answer.headers["x-request-id"]


def test_a_body_of_one_mebibyte_passes(door: Nginx) -> None:
    assert httpx.post(f"{door.url}/intake/x", content=b" " * 1024 * 1024).status_code == 200


PAPERS = "/intake/api/v1/requests/019aae10-4c00-7b3e-9d51-2f6c8a7e4b01/papers"


def test_a_file_of_ten_mebibytes_passes_and_never_touches_the_disk(door: Nginx) -> None:
    spooled: set[str] = set()
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            spooled.update(str(file) for file in (door.folder / "body").rglob("*") if file.is_file())

    watcher = threading.Thread(target=watch)
    watcher.start()
    answer = httpx.post(door.url + PAPERS, content=b"%" * (10 * 1024 * 1024 + 1000))
    done.set()
    watcher.join()
    assert (answer.status_code, answer.json()["path"]) == (200, PAPERS)
    assert spooled == set()
    assert "buffered to a temporary file" not in (door.folder / "error.log").read_text()


def test_a_larger_file_is_refused_with_what_can_be_done(door: Nginx) -> None:
    answer = httpx.post(door.url + PAPERS, content=b"%" * UPLOAD_CAP + b"%")
    assert (answer.status_code, answer.json()["type"]) == (413, "urn:aid:problem:too-large")
    assert "10 MiB" in answer.json()["messages"]["en"]
    assert "10 MiB" in answer.json()["messages"]["zh"]


def test_a_service_that_is_away_is_told_in_the_readers_language(door: Nginx) -> None:
    answer = httpx.get(f"{door.url}/notifications/api/v1/messages", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["title"] == answer.json()["title"].encode("ascii").decode()


def test_a_browser_gets_a_page_when_a_service_is_away(door: Nginx) -> None:
    answer = httpx.get(f"{door.url}/notifications/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "text/html; charset=utf-8")
    assert "暂时不可用" in answer.text


def test_a_write_whose_answer_never_came_is_not_said_to_be_lost_and_not_sent_twice(door: Nginx) -> None:
    answer = httpx.post(f"{door.url}/intake/break", content=b"{}", headers={"Accept-Language": "en"})
    assert answer.status_code == 503
    assert "not certain" in answer.json()["detail"]


def test_more_than_it_can_hold_is_refused_in_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.front.nginx.MOST_UNDER_WAY", 1)
    nginx = Nginx(tmp_path / "door")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings = FrontSettings.from_environment(
            {"PORT": str(nginx.port), "CAREHUT_INTAKE_ADDRESSES": f"127.0.0.1:{silent.getsockname()[1]}"}
        )
        try:
            nginx.start(render_nginx(settings))
        except Missing as error:
            absent(str(error))
        try:
            with socket.create_connection(("127.0.0.1", nginx.port)) as first:
                first.sendall(f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{nginx.port}\r\n\r\n".encode())
                with silent.accept()[0]:  # kept without an answer
                    answer = httpx.post(f"{nginx.url}/intake/api/v1/requests", content=b"{}")
        finally:
            nginx.stop()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["type"] == "urn:aid:problem:busy"


def test_what_it_answers_itself_has_the_headers_of_every_answer_and_an_application_has_its_own(
    door: Nginx,
) -> None:
    answers = {
        200: httpx.get(f"{door.url}/intake/x"),
        413: httpx.post(f"{door.url}/intake/api/v1/requests", content=b" " * (1024 * 1024 + 1)),
        421: httpx.get(door.url, headers={"Host": "evil.example"}),
        400: httpx.get(door.url, headers={"Cookie": "x" * 40_000}),
        503: httpx.get(f"{door.url}/notifications/"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        for name, value in SECURITY_HEADERS.items():
            assert answer.headers.get_list(name) == [value], (status, name)
    own = httpx.get(f"{door.url}/intake/strict").headers
    assert own.get_list("Content-Security-Policy") == ["default-src 'self'"]


def test_who_guesses_is_told_to_wait_and_nobody_else(door: Nginx) -> None:
    with httpx.Client(base_url=door.url) as client:
        assert client.get("/status/1").status_code == 200
        refused = next(answer for _ in range(500) if (answer := client.get("/status/1")).status_code == 429)
    assert refused.json()["type"] == "urn:aid:problem:too-many"
    assert set(refused.json()["messages"]) == {"zh", "en"}
    assert refused.headers["Retry-After"] == "5"
    assert httpx.get(f"{door.url}/intake/x").status_code == 200


@pytest.mark.parametrize(
    ("place", "limit"),
    [("location /auth/ ", "sign_in"), ("location = /status ", "guessing"), ("papers$", "uploads")],
)
def test_signing_in_guessing_and_handing_in_papers_have_bounds(place: str, limit: str) -> None:
    rendered = render_nginx(FrontSettings.from_environment({}))
    answered = next(part for part in rendered.split("        }\n") if place in part)
    assert f"limit_req zone=aid_rate_{limit} burst={LIMITS[limit].burst} nodelay;" in answered
    assert f"zone=aid_rate_{limit}:2m rate={LIMITS[limit].per_minute}r/m;" in rendered


def test_another_host_name_is_misdirected(door: Nginx) -> None:
    assert httpx.get(f"{door.url}/", headers={"Host": "evil.example"}).status_code == 421


def test_neither_the_header_nor_the_log_tells_more_than_needed(door: Nginx) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", door.port)
    connection.request("GET", "/referrals/api/v1/referrals?q=secret-name")
    assert connection.getresponse().headers["Server"] == "nginx"
    connection.close()
    log = (door.folder / "access.log").read_text()
    assert "/referrals/api/v1/referrals" in log
    assert "secret-name" not in log


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({"CAREHUT_BIND": "0.0.0.0"}, "loopback"),  # noqa: S104 - it is refused
        ({"CAREHUT_PUBLIC_URL": "http://aid.example.org"}, "https"),
        ({"PORT": "many"}, "PORT"),
        ({"CAREHUT_BIND": "somewhere"}, "CAREHUT_BIND"),
        ({"CAREHUT_PUBLIC_URL": "https://a.example;}"}, "CAREHUT_PUBLIC_URL"),
        ({"CAREHUT_INTAKE_ADDRESSES": "127.0.0.1:80; include /x"}, "CAREHUT_INTAKE_ADDRESSES"),
        ({"CAREHUT_TLS_KEY": "key.pem"}, "CAREHUT_TLS_CERTIFICATE"),
    ],
)
def test_settings_that_cannot_be_right_are_refused_by_name(environ: dict[str, str], named: str) -> None:
    with pytest.raises(BadSettings, match=named):
        FrontSettings.from_environment(environ)


def test_with_a_certificate_it_speaks_tls_under_one_name(tmp_path: Path) -> None:
    files = {"CAREHUT_TLS_CERTIFICATE": str(tmp_path / "chain"), "CAREHUT_TLS_KEY": str(tmp_path / "key")}
    settings = FrontSettings.from_environment(
        {"CAREHUT_PUBLIC_URL": "https://aid.example.org", "CAREHUT_BIND": "0.0.0.0", "PORT": "443", **files}  # noqa: S104
    )
    rendered = render_nginx(settings)
    assert "listen 0.0.0.0:443 ssl;" in rendered
    assert "server_name aid.example.org;" in rendered
    assert "X-Forwarded-Proto https;" in rendered
