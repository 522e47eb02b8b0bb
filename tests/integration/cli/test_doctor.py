"""``carehut doctor`` on an embedded installation: what is broken is told in words, and nothing is changed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from deploy.apply import put_forward
from deploy.doctor.examination import examine
from deploy.embedded.environment import Home
from deploy.embedded.lock import hold
from deploy.installation import Installation
from deploy.work import PARTS
from shared.db import Database
from shared.directory import apply, find_pack, load_pack
from shared.inbox import Receiver
from shared.sealing.tables import keys
from shared.telemetry.heartbeat import Heartbeat
from tests.integration.cli.conftest import Carehut
from tests.integration.inbox.deliveries import delivery, event
from tests.running import running
from tests.waiting import until


@pytest.fixture
def installation(home: Home) -> Iterator[Installation]:
    """An installation that seems to run: somebody holds its folder, and every part has just given a sign of life."""
    lock = hold(home.lock)
    made = Installation({"CAREHUT_HOME": str(home.path)})
    for database in made.databases().values():
        for part in PARTS:
            Heartbeat(database, part).beat()
    yield made
    made.close()
    os.close(lock)


def _told(installation: Installation) -> list[tuple[str, str, str]]:
    """Give (code, places, what) of every finding; there is nothing that could not be looked at."""
    report = examine(installation)
    assert report.unseen == []
    return [(found.trouble.code, ", ".join(found.places), found.trouble.what.en) for found in report.findings]


def _run(database: Database, statement: str) -> None:
    with database.unit_of_work() as uow:
        uow.connection.exec_driver_sql(statement)


def test_a_healthy_embedded_run_has_nothing_to_say(tmp_path: Path) -> None:
    with running(tmp_path / "home") as run:
        examined = Installation(run.environment)
        until(lambda: not examine(examined).findings, what="signs of life")
        assert run.carehut("doctor").startswith("Nothing is wrong.")
        report = orjson.loads(run.carehut("doctor", "--json"))
        assert (report["status"], report["findings"], report["unseen"]) == ("healthy", [], [])
        assert {"intake", "referrals", "notifications", "machine", "keys", "pack"} <= set(report["looked"])
        examined.close()


def test_a_server_that_does_not_run_is_the_one_finding(carehut: Carehut) -> None:
    done = carehut("doctor")
    assert done.returncode == 1
    assert "No server runs; what was taken in is sent on when it starts." in done.stdout
    assert "Findings: 1." in done.stdout
    chinese = carehut("doctor", LANG="zh_CN.UTF-8")
    assert "办法：请启动" in chinese.stdout


def test_a_folder_with_nothing_in_it_stays_so(carehut: Carehut, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    done = carehut("doctor", CAREHUT_HOME=str(nowhere))
    assert done.returncode == 1
    assert "There is no database file of referrals." in done.stdout
    assert not nowhere.exists()


def test_what_needs_settings_that_are_not_there_could_not_be_looked_at(carehut: Carehut, home: Home) -> None:
    url = f"sqlite:///{home.database('intake')}"
    done = carehut("doctor", CAREHUT_INTAKE_DATABASE_URL=url)
    assert (
        "Could not look at referrals: Not set in the environment: CAREHUT_REFERRALS_DATABASE_URL"
        in done.stdout
    )
    assert (
        "Could not look at management: Not set in the environment: CAREHUT_RABBITMQ_ADMIN_URL" in done.stdout
    )


def test_an_installation_whose_parts_beat_is_healthy(installation: Installation) -> None:
    assert _told(installation) == []


def test_a_silent_part_is_named_with_its_service(installation: Installation) -> None:
    _run(installation.database("referrals"), "DELETE FROM heartbeats WHERE part = 'consumer'")
    assert _told(installation) == [
        ("consumer-silent", "referrals", "The consumer of referrals gives no sign of life.")
    ]


def test_a_migration_left_out_is_told_and_hides_what_may_not_be_there_yet(installation: Installation) -> None:
    _run(installation.database("referrals"), "DELETE FROM alembic_version")
    _run(installation.database("referrals"), "DROP TABLE heartbeats")
    assert _told(installation) == [
        ("migration-pending", "referrals", "The database's schema is older than this release.")
    ]


def test_a_database_that_is_none_is_told_and_the_others_are_looked_at(
    installation: Installation, home: Home
) -> None:
    installation.close()
    for file in home.path.glob("aid_referrals.sqlite*"):
        file.unlink()
    home.database("referrals").write_bytes(b"no database" * 1000)
    _run(installation.database("notifications"), "DELETE FROM heartbeats WHERE part = 'relay'")
    assert [(code, places) for code, places, _ in _told(installation)] == [
        ("database-away", "referrals"),
        ("relay-silent", "notifications"),
    ]


def test_services_with_different_packs_are_told_and_what_lies_on_this_machine_too(
    installation: Installation,
) -> None:
    pack = load_pack(installation.code)
    other = replace(pack, version="of-another-day")
    for service in ("intake", "referrals"):
        with installation.database(service).unit_of_work() as uow:
            apply(uow, other.for_service(service), datetime.now(UTC))
    said = {code: what for code, _, what in _told(installation)}
    assert set(said) == {"pack-versions-differ", "pack-not-applied"}
    assert f"notifications {pack.version}" in said["pack-versions-differ"]
    assert "referrals of-another-day" in said["pack-versions-differ"]


def test_a_pack_is_compared_with_the_folder_it_was_applied_from(
    installation: Installation, tmp_path: Path
) -> None:
    own = Path(shutil.copytree(find_pack(installation.code), tmp_path / "own"))
    file = own / "district.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("at: 5, do", "at: 6, do"), encoding="utf-8")
    master = installation.master(demo=True)
    put_forward(
        installation.databases(), master, load_pack(own), datetime.now(UTC), by="operator", source=str(own)
    )
    assert _told(installation) == []
    file.write_text(file.read_text(encoding="utf-8").replace("at: 6, do", "at: 7, do"), encoding="utf-8")
    assert [code for code, *_ in _told(installation)] == ["pack-not-applied"]


def test_keys_that_are_missing_are_counted_by_owner(installation: Installation) -> None:
    with installation.database("referrals").unit_of_work() as uow:
        uow.connection.execute(sa.delete(keys).where(keys.c.owner == "health"))
    assert _told(installation) == [("keys-missing", "referrals", "Keys that are missing: 3 (health).")]


def test_a_master_key_that_did_not_wrap_the_keys_is_told(installation: Installation, home: Home) -> None:
    (home.path / "master.key").write_text("0" * 64)
    ((code, places, what),) = _told(installation)
    assert (code, places) == ("master-key", "keys")
    assert "was wrapped by another master key" in what


def test_a_master_key_that_is_gone_is_told_and_none_is_made(installation: Installation, home: Home) -> None:
    (home.path / "master.key").unlink()
    assert [code for code, _, _ in _told(installation)] == ["master-key"]
    assert not (home.path / "master.key").exists()


def test_a_letter_that_waits_for_an_operator_is_told(installation: Installation) -> None:
    stranger = delivery(event("somebody", 1), user_id="somebody-else")
    Receiver(installation.database("referrals"), "referrals", [])([stranger])
    assert _told(installation) == [
        ("dead-letters", "referrals", "Messages that could not be handled and wait for an operator: 1.")
    ]


def test_a_full_disk_is_told(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.doctor.machine.FULL_PERCENT", 0)
    monkeypatch.setattr("deploy.doctor.machine.MUCH_LEFT", 2**60)
    ((code, places, what),) = _told(installation)
    assert (code, places) == ("disk-filling", "machine")
    assert "% full" in what
