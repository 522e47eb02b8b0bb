"""Commands on an installation that lies there: what they print, how they end, what they change."""

from __future__ import annotations

import os
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from deploy.embedded.environment import Home
from deploy.embedded.lock import hold
from deploy.embedded.prepare import prepare
from deploy.installation import Installation
from deploy.local.ports import free_port
from services.intake.persistence.tables import requests
from shared.directory import find_pack
from shared.inbox.tables import dead_letters
from shared.sealing import Keyring
from tests.builders import MONDAY, a_filing_on_paper
from tests.integration.cli.conftest import Carehut


def _installation(home: Home) -> Installation:
    return Installation({"CAREHUT_HOME": str(home.path)})


def _count(home: Home) -> int:
    with _installation(home).database("intake").read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(requests)).scalar_one()


def test_a_token_is_the_last_line_and_signs_its_holder_in(carehut: Carehut, home: Home) -> None:
    done = carehut("token", "desk-health")
    assert done.returncode == 0
    installation = _installation(home)
    keyring = Keyring(installation.database("referrals"), installation.master(demo=True))
    principal = keyring.tokens.verify(done.stdout.splitlines()[-1], datetime.now(UTC))
    assert (principal.staff, principal.posts[0].role, principal.posts[0].agency) == (
        "desk-health",
        "desk",
        "health",
    )
    installation.close()


def test_a_token_for_nobody_is_refused_and_the_accounts_are_named(carehut: Carehut) -> None:
    done = carehut("token", "nobody")
    assert done.returncode == 1
    assert "nobody" in done.stderr
    assert "desk-health" in done.stderr
    assert done.stdout == ""


def test_a_disabled_account_gets_no_token(carehut: Carehut) -> None:
    assert carehut("staff", "disable", "grid", "--reason", "left").returncode == 0
    assert carehut("token", "grid").returncode == 1
    assert carehut("staff", "disable", "nobody", "--reason", "left").returncode == 1


@pytest.mark.parametrize("code", ["530103", "141002"])
def test_the_packs_that_come_along_have_no_errors(carehut: Carehut, code: str) -> None:
    assert carehut("district", "check", code).returncode == 0


def test_a_pack_with_an_error_is_refused_with_file_line_and_remedy(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    pack = shutil.copytree(find_pack("530103"), tmp_path / "pack")
    programmes = pack / "programmes.yaml"
    programmes.write_text(programmes.read_text().replace("agency: employment", "agency: nowhere", 1))
    checked = carehut("district", "check", str(pack))
    assert checked.returncode == 1
    assert "programmes.yaml:" in checked.stdout
    assert "nowhere" in checked.stdout
    before = _installation(home).district.version
    assert carehut("district", "apply", str(pack)).returncode == 1
    assert _installation(home).district.version == before


def test_a_changed_pack_is_put_in_force_everywhere(carehut: Carehut, home: Home, tmp_path: Path) -> None:
    pack = shutil.copytree(find_pack("530103"), tmp_path / "pack")
    file = pack / "district.yaml"
    file.write_text(file.read_text().replace("Panlong District Aid Coordination Office", "Another Office"))
    done = carehut("district", "apply", str(pack))
    assert done.returncode == 0, done.stderr
    assert "intake, notifications, referrals" in done.stdout
    assert _installation(home).district.name.en == "Another Office"


def test_the_pack_of_another_district_is_refused(carehut: Carehut) -> None:
    done = carehut("district", "apply", "141002")
    assert done.returncode == 1
    assert "530103" in done.stderr


def test_nothing_is_done_twice_at_the_second_start(home: Home) -> None:
    installation = _installation(home)
    assert prepare(installation) is False
    home.applied.unlink()
    assert prepare(installation) is True
    assert prepare(installation) is False
    installation.close()


def test_a_folder_of_one_district_is_not_served_for_another(carehut: Carehut) -> None:
    done = carehut("run", CAREHUT_DISTRICT="141002", PORT=str(free_port()))
    assert done.returncode == 1
    assert "CAREHUT_HOME" in done.stderr


def test_a_second_server_on_one_folder_is_refused(carehut: Carehut, home: Home) -> None:
    held = hold(home.lock)
    done = carehut("run", PORT=str(free_port()))
    os.close(held)
    assert done.returncode == 1
    assert "already serves" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_one_plain_sentence(carehut: Carehut) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        done = carehut("run", PORT=str(other.getsockname()[1]))
    assert done.returncode == 1
    assert "already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_another_master_key_is_refused_before_anything_is_served(carehut: Carehut, home: Home) -> None:
    (home.path / "master.key").unlink()
    done = carehut("run", PORT=str(free_port()))
    assert done.returncode == 1
    assert "master key" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_demo_pack_is_not_served_to_other_machines(carehut: Carehut) -> None:
    done = carehut("run", PORT=str(free_port()), CAREHUT_BIND="0.0.0.0")  # noqa: S104 - this is what is refused
    assert done.returncode == 1
    assert "Traceback" not in done.stderr


def test_more_than_one_worker_is_refused(carehut: Carehut) -> None:
    assert carehut("run", WEB_CONCURRENCY="2", PORT=str(free_port())).returncode == 1


def test_the_demo_needs_the_running_server(carehut: Carehut) -> None:
    done = carehut("demo")
    assert done.returncode == 1
    assert "make run" in done.stderr


def test_a_file_is_filed_row_by_row_and_what_is_wrong_is_named(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    wrong = a_filing_on_paper("dibao", surplus=1)
    file = tmp_path / "requests.json"
    file.write_bytes(
        orjson.dumps([a_filing_on_paper("dibao"), wrong, a_filing_on_paper("pension"), "no request"])
    )
    done = carehut("submit", str(file))
    assert done.returncode == 1
    assert "2 filed, 0 filed before, 2 failed" in done.stdout
    assert "row 2, surplus: " in done.stderr
    assert "row 4, row: " in done.stderr
    assert _count(home) == 2


def test_what_is_wrong_is_named_in_chinese_where_the_terminal_is(carehut: Carehut, tmp_path: Path) -> None:
    wrong = a_filing_on_paper("dibao")
    number = wrong["person"]["id_number"]
    wrong["person"]["id_number"] = number[:-1] + ("0" if number[-1] != "0" else "1")
    wrong["legs"][0]["programme"] = "nothing"
    file = tmp_path / "requests.json"
    file.write_bytes(orjson.dumps([wrong]))
    done = carehut("submit", str(file), LANG="zh_CN.UTF-8")
    assert done.returncode == 1
    assert "第 1 行 person.id_number：" in done.stderr
    assert "第 1 行 legs.0.programme：本区没有 nothing 这个项目" in done.stderr


def test_a_file_that_is_run_again_files_nothing_twice(carehut: Carehut, home: Home, tmp_path: Path) -> None:
    row, wrong = a_filing_on_paper("dibao"), a_filing_on_paper("dibao", surplus=1)
    file = tmp_path / "requests.json"
    file.write_bytes(orjson.dumps([wrong, row, row]))
    assert "2 filed, 0 filed before, 1 failed" in carehut("submit", str(file)).stdout
    del wrong["surplus"]
    file.write_bytes(orjson.dumps([row, wrong, row]))
    again = carehut("submit", str(file))
    assert "1 filed, 2 filed before, 0 failed" in again.stdout
    assert again.returncode == 0
    assert _count(home) == 3


@pytest.mark.parametrize("content", [b"", b"{}", b"[1,", b"\xff\xfe[]", b'"text"'])
def test_a_file_that_is_no_list_of_requests_is_refused_whole(
    carehut: Carehut, tmp_path: Path, content: bytes
) -> None:
    file = tmp_path / "requests.json"
    file.write_bytes(content)
    done = carehut("submit", str(file))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert carehut("submit", str(tmp_path / "missing.json")).returncode == 2


@pytest.mark.parametrize("who", ["coordinator", "desk-health", "nobody"])
def test_who_may_not_file_files_nothing(carehut: Carehut, home: Home, tmp_path: Path, who: str) -> None:
    file = tmp_path / "requests.json"
    file.write_bytes(orjson.dumps([a_filing_on_paper("dibao")]))
    assert carehut("submit", str(file), "--as", who).returncode == 1
    assert _count(home) == 0


def test_dead_letters_are_listed_shown_and_given_another_try(carehut: Carehut, home: Home) -> None:
    assert "0 letters" in carehut("dead-letters", "list").stdout
    database = _installation(home).database("referrals")
    with database.unit_of_work() as uow:
        uow.connection.execute(
            dead_letters.insert().values(
                consumer="referrals",
                state="dead",
                reason="malformed",
                body_sha256=b"x" * 32,
                body=b"no event",
                routing_key="request.submitted",
                queue="referrals.events",
                detail={"reason": "body: not JSON"},
                kept_at=MONDAY,
            )
        )
    assert "referrals/1" in carehut("dead-letters", "list", "--service", "referrals").stdout
    shown = carehut("dead-letters", "show", "referrals/1", "--body").stdout
    assert "body: not JSON" in shown
    assert "no event" in shown
    assert carehut("dead-letters", "replay", "referrals/1").returncode == 0
    assert " replay " in carehut("dead-letters", "list").stdout
    assert carehut("dead-letters", "replay", "referrals/9").returncode == 1
    assert carehut("dead-letters", "show", "elsewhere").returncode == 2


def test_nothing_is_missing_where_nothing_was_sent(carehut: Carehut) -> None:
    done = carehut("reconcile")
    assert done.returncode == 0
    assert "Nothing is missing" in done.stdout


def test_a_broker_is_not_needed_here_and_said_so(carehut: Carehut) -> None:
    assert carehut("topology", "check").returncode == 1
    shown = carehut("topology", "show")
    assert "notifications.events" in {queue["name"] for queue in orjson.loads(shown.stdout)["queues"]}


def test_the_front_door_is_rendered(carehut: Carehut) -> None:
    done = carehut("front", "render")
    assert done.returncode == 0
    assert "/notifications/" in done.stdout


def test_commands_of_the_full_run_say_what_is_not_set(carehut: Carehut) -> None:
    for words in (("serve", "intake"), ("work", "intake")):
        done = carehut(*words)
        assert done.returncode == 1
        assert "carehut run" in done.stderr


def test_before_the_first_start_commands_say_what_to_do(carehut: Carehut, tmp_path: Path) -> None:
    done = carehut("token", "hut", CAREHUT_HOME=str(tmp_path / "nowhere"))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
