"""``carehut district new``: what it writes is checked, applied, started and worked with, by what ships alone."""

from __future__ import annotations

import re
import secrets
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import COMMANDS
from deploy.cli.faults import refusal_for
from deploy.cli.lazy import LazyGroup
from deploy.embedded.prepare import prepare
from deploy.installation import Installation
from services.intake.use_cases.submit_request import submit_request
from shared.directory import NoPack, load_pack
from shared.sealing import MasterKeyError
from tests.builders import a_command, a_person, a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays

CODE = "530102"
PASSWORD = "a lantern over the bridge"


def invoke(settings: dict[str, str], *words: str, typed: str = "") -> Result:
    group = LazyGroup("carehut", COMMANDS, package="deploy.cli", help_="help")
    return CliRunner().invoke(group, words, input=typed, env=settings | {"LC_ALL": "C"})


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, str]:
    """Give what an installation of the new district has in its environment."""
    key = tmp_path / "master"
    key.write_text(secrets.token_hex(32))
    return {
        "CAREHUT_DISTRICT": CODE,
        "CAREHUT_HOME": str(tmp_path / "home"),
        "CAREHUT_MASTER_KEY_FILE": str(key),
    }


def test_a_new_district_is_in_force_by_the_commands_it_is_told(
    settings: dict[str, str], tmp_path: Path
) -> None:
    carehut, folder = partial(invoke, settings), str(tmp_path / "west")
    new = carehut("district", "new", CODE, folder)
    assert (new.exit_code, "0 communities" in new.output) == (0, True)
    assert "deploy/districts/README.md" in new.output
    check, migrate, apply, password, run = re.findall("^  carehut (.*)$", new.output, re.MULTILINE)
    for words in (check, migrate, apply):
        done = carehut(*words.split())
        assert done.exit_code == 0, done.output
    assert carehut(*password.split(), typed=f"{PASSWORD}\n" * 2).exit_code == 0
    assert run == "run"
    installation = Installation(settings)
    try:
        prepare(installation)
        assert installation.district.version == load_pack(folder).version
    finally:
        installation.close()


def test_without_its_master_key_a_district_is_told_how_to_make_one(
    settings: dict[str, str], tmp_path: Path
) -> None:
    settings |= {"CAREHUT_MASTER_KEY_FILE": str(tmp_path / "not-there")}
    installation = Installation(settings)
    with pytest.raises(MasterKeyError) as missing:
        installation.master(demo=False)
    told = refusal_for(missing.value)
    assert told is not None
    assert "What to do: " in told.message
    assert "openssl rand" in told.message


def test_a_start_before_it_was_applied_says_how_to(settings: dict[str, str]) -> None:
    installation = Installation(settings)
    installation.home.create()
    with pytest.raises(NoPack) as refused:
        prepare(installation)
    told = refusal_for(refused.value)
    assert told is not None
    assert "no district pack at 530102" in told.message
    assert "carehut district apply FOLDER" in told.message


def test_who_lives_in_a_street_without_communities_is_helped(
    sqlite_database: MakeDatabase, settings: dict[str, str], tmp_path: Path
) -> None:
    assert invoke(settings, "district", "new", CODE, str(tmp_path / "west")).exit_code == 0
    pack = load_pack(tmp_path / "west")
    road = BothWays(an_installation(sqlite_database, district=pack))
    home = next(post.unit for member in pack.staff for post in member.posts if post.role == "hut")
    person = a_person(residence=home, household_registration=CODE)
    submit_request(road.installation.intake(), a_principal(unit=home), a_command("dibao", person=person))
    road.carry()
    (event,) = road.told()
    assert road.referral(event.subject).street == road.referral(event.subject).unit == home
