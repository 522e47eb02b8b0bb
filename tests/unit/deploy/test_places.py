"""Where an embedded installation lies, who may use it, and from where it may be reached."""

from __future__ import annotations

import os
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.embedded import door
from deploy.embedded.environment import Home, is_embedded, settings
from deploy.embedded.lock import AlreadyRunning, hold, is_held
from deploy.embedded.prepare import CannotRunHere, refuse_own_keys
from deploy.installation import Installation
from deploy.local.ports import free_port
from deploy.serve import PlainHttp, refuse_plain_http
from shared.settings import MissingSettings
from tests.builders import the_district


def _bound(host: str, url: str) -> dict[str, str]:
    return {"CAREHUT_BIND": host, "CAREHUT_PUBLIC_URL": url}


def test_nothing_needs_to_be_set(tmp_path: Path) -> None:
    complete = settings({"CAREHUT_HOME": str(tmp_path)})
    assert complete["CAREHUT_DISTRICT"] == "530103"
    assert complete["CAREHUT_PUBLIC_URL"] == "http://127.0.0.1:8000"
    assert complete["CAREHUT_INTAKE_DATABASE_URL"] == f"sqlite:///{tmp_path}/aid_intake.sqlite"


def test_the_port_is_part_of_the_address(tmp_path: Path) -> None:
    assert settings({"CAREHUT_HOME": str(tmp_path), "PORT": "8123"})["CAREHUT_PUBLIC_URL"].endswith(":8123")


def test_a_database_address_makes_it_a_full_run() -> None:
    given = {"CAREHUT_REFERRALS_DATABASE_URL": "postgresql+psycopg://somewhere/aid_referrals"}
    assert not is_embedded(given)
    assert "CAREHUT_INTAKE_DATABASE_URL" not in settings(given)


def test_everything_that_is_missing_is_named_at_once() -> None:
    given = {"CAREHUT_REFERRALS_DATABASE_URL": "postgresql+psycopg://somewhere/aid_referrals"}
    with pytest.raises(MissingSettings) as missing:
        Installation(given).databases()
    assert missing.value.names == ["CAREHUT_INTAKE_DATABASE_URL", "CAREHUT_NOTIFICATIONS_DATABASE_URL"]


def test_the_folder_is_its_owners_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.create()
    assert stat.S_IMODE(home.path.stat().st_mode) == 0o700


def test_a_folder_that_is_served_is_refused_to_a_second_server(tmp_path: Path) -> None:
    file = tmp_path / "running.lock"
    held = hold(file)
    assert is_held(file)
    with pytest.raises(AlreadyRunning) as refused:
        hold(file)
    assert refused.value.pid == os.getpid()
    os.close(held)
    assert not is_held(file)


def test_a_folder_that_was_never_served_is_free(tmp_path: Path) -> None:
    assert not is_held(tmp_path / "running.lock")


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_demo_pack_may_be_reached_from_this_machine(host: str) -> None:
    door.refuse_exposure(_bound(host, "http://127.0.0.1:8000"), demo=True)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:8000"),  # noqa: S104 - this is what must be refused
        ("192.168.1.5", "https://aid.example.org"),
        ("127.0.0.1", "https://aid.example.org"),
        ("example.org", "http://127.0.0.1:8000"),
    ],
)
def test_a_demo_pack_refuses_to_be_reached_from_elsewhere(host: str, url: str) -> None:
    with pytest.raises(CannotRunHere):
        door.refuse_exposure(_bound(host, url), demo=True)


def test_no_pack_is_served_beyond_this_machine_without_tls() -> None:
    with pytest.raises(CannotRunHere):
        door.refuse_exposure(_bound("192.168.1.5", "http://192.168.1.5:8000"), demo=False)
    with pytest.raises(CannotRunHere):
        door.refuse_exposure(_bound("127.0.0.1", "http://aid.example.org"), demo=False)
    door.refuse_exposure(_bound("192.168.1.5", "https://aid.example.org"), demo=False)
    with pytest.raises(PlainHttp):
        refuse_plain_http("http://aid.example.org")
    refuse_plain_http("http://127.0.0.1:8000")


def test_a_taken_port_is_said_in_plain_words() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with pytest.raises(CannotRunHere) as refused:
            door.take({"CAREHUT_BIND": "127.0.0.1", "PORT": port})
    assert refused.value.problem.en == f"Port {port} of 127.0.0.1 is already in use."


@pytest.mark.parametrize("port", ["abc", "0", "70000", "-1", ""])
def test_what_is_no_port_is_refused(port: str) -> None:
    with pytest.raises(CannotRunHere):
        door.take({"CAREHUT_BIND": "127.0.0.1", "PORT": port})


def test_a_free_port_is_taken() -> None:
    port = free_port()
    with door.take({"CAREHUT_BIND": "127.0.0.1", "PORT": str(port)}) as listening:
        assert listening.getsockname()[1] == port


def test_an_agency_with_its_own_key_needs_the_full_run() -> None:
    pack = the_district()
    refuse_own_keys(pack)
    outside = replace(pack.agencies["health"], system=True)
    with pytest.raises(CannotRunHere, match="health"):
        refuse_own_keys(replace(pack, agencies={**pack.agencies, "health": outside}))
