"""``carehut calendar``: a notice is imported as a whole or not at all, and a year is shown as it is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import sqlalchemy as sa

from deploy.embedded.environment import SERVICES, Home
from deploy.installation import Installation
from shared.audit import AuditQuery, search
from shared.clock import FixedClock
from shared.directory import Directory, district_packs
from tests import builders
from tests.builders import the_district
from tests.integration.cli.conftest import Carehut
from tests.integration.referrals.desk import Road, leg_of
from tests.unit.directory.notices import NOTICE_2027, write_notice


def _installation(home: Home) -> Installation:
    return Installation({"CAREHUT_HOME": str(home.path)})


def _versions(home: Home) -> set[str]:
    installation = _installation(home)
    versions = {Directory(installation.database(service)).current().version for service in SERVICES}
    installation.close()
    return versions


def _referral_due_in_february(home: Home) -> str:
    """Let civil affairs accept a referral on 21 December; gives its number."""
    there = _installation(home)
    clock = FixedClock(datetime(2026, 12, 21, 1, 30, tzinfo=UTC))
    road = Road(builders.Installation(there.databases(), there.master(demo=True), the_district(), clock))
    leg = leg_of(road.file("dibao"))
    road.act(leg, "acknowledge", 1)
    number = road.act(leg, "accept", 2).referral.number
    there.close()
    return number


def test_an_imported_notice_is_in_force_in_every_service_and_audited(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    done = carehut("calendar", "import", str(write_notice(tmp_path)), "--source", "notice 1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "2027" in done.stdout
    assert len(_versions(home)) == 1
    installation = _installation(home)
    for service in SERVICES:
        calendar = Directory(installation.database(service)).current().calendar
        assert calendar.is_final(2027)
        assert calendar.is_working_day(date(2026, 12, 27))
        with installation.database(service).read() as connection:
            entries = search(connection, AuditQuery(action="calendar.imported"), limit=2)
        assert [(entry.detail["year"], entry.actor) for entry in entries] == [(2027, "operator")]
    installation.close()


def test_the_log_names_who_has_imported_a_notice(carehut: Carehut, tmp_path: Path) -> None:
    file = str(write_notice(tmp_path))
    assert carehut("calendar", "import", file, "--as", "nobody").returncode == 1
    assert carehut("calendar", "import", file, "--as", "coordinator").returncode == 0
    assert "coordinator" in carehut("district", "log").stdout


def test_the_same_notice_again_changes_nothing_and_finishes_what_was_cut_short(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    file = str(write_notice(tmp_path))
    before = _versions(home).pop()
    assert carehut("calendar", "import", file).returncode == 0
    after = _versions(home)
    installation = _installation(home)
    packs = district_packs.c
    with installation.database("referrals").unit_of_work() as uow:  # as if it had been killed after intake
        uow.connection.execute(district_packs.update().values(active=False))
        uow.connection.execute(district_packs.delete().where(packs.version != before))
        uow.connection.execute(district_packs.update().where(packs.version == before).values(active=True))
    installation.close()
    assert len(_versions(home)) == 2
    assert carehut("calendar", "import", file).returncode == 0
    assert _versions(home) == after
    again = carehut("calendar", "import", file)
    assert (again.returncode, _versions(home)) == (0, after)
    assert "already" in again.stdout


def test_a_wrong_notice_is_refused_with_line_and_remedy_and_changes_nothing(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    before = _versions(home)
    refused = carehut(
        "calendar", "import", str(write_notice(tmp_path, [*NOTICE_2027, "2027-03-03,work,调休,Make-up day"]))
    )
    assert refused.returncode == 1
    assert f"notice.csv:{len(NOTICE_2027) + 2}: " in refused.stdout
    assert "Check the date" in refused.stdout
    assert _versions(home) == before


def test_a_year_that_is_final_is_replaced_only_when_asked(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    assert carehut("calendar", "import", str(write_notice(tmp_path))).returncode == 0
    in_force = _versions(home)
    corrected = str(write_notice(tmp_path, [row for row in NOTICE_2027 if not row.startswith("2027-02-12")]))
    refused = carehut("calendar", "import", corrected)
    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert _versions(home) == in_force
    assert carehut("calendar", "import", corrected, "--replace").returncode == 0
    assert "2027-02-12" not in carehut("calendar", "show", "2027").stdout


def test_applying_the_pack_again_keeps_an_imported_notice(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    assert carehut("calendar", "import", str(write_notice(tmp_path))).returncode == 0
    in_force = _versions(home)
    assert carehut("district", "apply").returncode == 0
    assert _versions(home) == in_force
    installation = _installation(home)
    with installation.database("referrals").read() as connection:
        count = connection.scalar(sa.select(sa.func.count()).select_from(district_packs))
    installation.close()
    assert count == 2


def test_a_year_is_shown_with_whose_word_it_is_and_what_is_not_final(
    carehut: Carehut, tmp_path: Path
) -> None:
    final = carehut("calendar", "show", "2026").stdout
    assert "2026-10-10 Sat  work  Make-up day for National Day  [notice]\n" in final
    assert "2026-10-01 Thu  off   National Day  [notice]\n" in final
    assert "provisional" not in final
    provisional = carehut("calendar", "show", "2027").stdout
    assert (
        "2027-02-08 Mon  off   Chinese New Year (Spring Festival)  [statutory] (provisional)" in provisional
    )
    assert "not final" in provisional
    assert carehut("calendar", "import", str(write_notice(tmp_path))).returncode == 0
    chinese = carehut("calendar", "show", "2027", LC_ALL="zh_CN.UTF-8").stdout
    assert "2027-01-31 周日  上班  春节调休上班  [正式通知]" in chinese
    assert "暂定" not in chinese


def test_due_days_that_move_are_listed_with_the_old_and_the_new_day(
    carehut: Carehut, home: Home, tmp_path: Path
) -> None:
    number = _referral_due_in_february(home)
    done = carehut("calendar", "import", str(write_notice(tmp_path)))
    assert done.returncode == 0, done.stderr
    assert f"{number}  2027-02-02 → 2027-01-31\n" in done.stdout
    assert "1 due days" in done.stdout
    again = carehut("calendar", "import", str(write_notice(tmp_path)))
    assert number not in again.stdout
    assert "No due day" in again.stdout
