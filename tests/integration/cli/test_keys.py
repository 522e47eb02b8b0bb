"""``carehut keys`` on an installation: two people replace and destroy keys, and the master key is kept in shares."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa
from click.testing import Result

from deploy.embedded.environment import SERVICES, Home
from deploy.installation import Installation
from deploy.key_life import SETTLED, Listed, listed
from shared.audit import table as audit_log
from shared.sealing import MasterKey
from shared.sealing.tables import keys as keys_table
from tests.integration.cli.test_district import invoke

Command = Callable[..., Result]
BOTH = ("--as", "operator", "--approver", "auditor")


@pytest.fixture
def carehut(home: Home) -> Command:
    """Call with the words of a command; it runs to its end in this process."""
    return partial(invoke, {"CAREHUT_HOME": str(home.path)})


def known(home: Home) -> list[Listed]:
    installation = Installation({"CAREHUT_HOME": str(home.path)})
    try:
        return listed(installation.databases(), installation.master(demo=True), datetime.now(UTC))
    finally:
        installation.close()


def time_goes_by(home: Home, service: str) -> None:
    """Let every key of a service have been made earlier by as long as a new one takes to be in use everywhere."""
    installation = Installation({"CAREHUT_HOME": str(home.path)})
    with installation.database(service).unit_of_work() as uow:
        for row in uow.connection.execute(sa.select(keys_table.c.kid, keys_table.c.created_at)).all():
            uow.connection.execute(
                keys_table.update()
                .where(keys_table.c.kid == row.kid)
                .values(created_at=row.created_at - SETTLED - timedelta(seconds=1))
            )
    installation.close()


def told(home: Home, service: str) -> list[tuple[str, str, str | None]]:
    installation = Installation({"CAREHUT_HOME": str(home.path)})
    with installation.database(service).read() as connection:
        rows = connection.execute(
            sa.select(audit_log.c.action, audit_log.c.actor, audit_log.c.detail).order_by(audit_log.c.id)
        ).all()
    installation.close()
    return [
        (row.action, row.actor, row.detail.get("approved_by"))
        for row in rows
        if row.action != "keys.provisioned"
    ]


def test_a_field_key_is_replaced_and_destroyed_and_both_names_are_kept(carehut: Command, home: Home) -> None:
    old = next(
        one.key.kid for one in known(home) if (one.key.use, one.key.owner) == ("field", "notifications")
    )
    made = carehut("keys", "rotate", "field", "notifications", "--as", "operator", "--later")
    assert made.exit_code == 0, made.output
    assert "Run the same command after that" in made.output
    assert "announced" in carehut("keys", "list").output

    time_goes_by(home, "notifications")
    moved = carehut("keys", "rotate", "field", "notifications", "--as", "operator")
    assert "has moved over" in moved.output, moved.output
    assert f"carehut keys retire {old}" in moved.output
    alone = carehut("keys", "retire", old, "--as", "operator", "--approver", "operator", "--reason", "yearly")
    assert alone.exit_code == 1
    assert "somebody else who holds the duty data-protection" in alone.output
    done = carehut("keys", "retire", old, *BOTH, "--reason", "yearly")
    assert done.exit_code == 0, done.output

    (line,) = [line for line in carehut("keys", "list").output.splitlines() if old in line]
    assert "retired" in line
    assert line.endswith("notifications"), "its secret part is gone"
    assert ("keys.destroyed", "operator", "auditor") in told(home, "notifications")


def test_a_key_in_use_or_unknown_is_not_destroyed(carehut: Command, home: Home) -> None:
    current = known(home)[0].key.kid
    for kid, words in ((current, "is in use"), ("nobody", "There is no key nobody to destroy")):
        refused = carehut("keys", "retire", kid, *BOTH, "--reason", "yearly")
        assert refused.exit_code == 1
        assert words in refused.output
        assert "What to do:" in refused.output


def test_an_agency_gets_a_pair_of_its_own_that_we_do_not_keep(
    carehut: Command, home: Home, tmp_path: Path
) -> None:
    before = {one.key.kid for one in known(home)}
    file = tmp_path / "for-housing.json"
    made = carehut("keys", "new", "--own", "housing", "--to", str(file))
    assert made.exit_code == 0, made.output

    private = orjson.loads(file.read_bytes())["keys"]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [key["crv"] for key in private] == ["X25519", "Ed25519"]
    assert all(key["d"] not in made.output and key["x"] in made.output for key in private)
    assert {one.key.kid for one in known(home)} == before


def test_the_master_key_comes_back_from_its_shares(carehut: Command, home: Home, tmp_path: Path) -> None:
    folder, back = tmp_path / "shares", tmp_path / "master.key"
    split = carehut("keys", "escrow", str(folder), *BOTH)
    assert split.exit_code == 0, split.output
    files = sorted(folder.iterdir())
    assert len(files) == 5
    assert not any(file.read_text().splitlines()[2] in split.output for file in files)

    few = carehut("keys", "join", *map(str, files[:2]), "--to", str(back))
    assert "3 different shares are needed, and there are 2" in few.output
    joined = carehut("keys", "join", *map(str, files[2:]), "--to", str(back))
    assert joined.exit_code == 0, joined.output

    assert MasterKey.from_environment(
        {"CAREHUT_MASTER_KEY_FILE": str(back)}, home.path, demo=True
    ).secret == (MasterKey.from_environment({}, home.path, demo=True).secret)
    assert ("keys.escrowed", "operator", "auditor") in told(home, "intake")


def test_shares_are_not_put_beside_the_data(carehut: Command, home: Home) -> None:
    refused = carehut("keys", "escrow", str(home.path / "shares"), *BOTH)
    assert refused.exit_code == 1
    assert "who takes the data would take it along" in refused.output
    assert not (home.path / "shares").exists()


def test_another_master_key_takes_the_place_of_the_first(home: Home) -> None:
    old = MasterKey.from_environment({}, home.path, demo=True)
    new = MasterKey.generate()
    settings = {"CAREHUT_HOME": str(home.path), "CAREHUT_MASTER_KEY": f"{new.written()} {old.written()}"}
    assert "are still wrapped by an older master key" in invoke(settings, "keys", "list").output

    done = invoke(settings, "keys", "rewrap", *BOTH)
    assert done.exit_code == 0, done.output
    assert [line.split(":")[0] for line in done.output.splitlines()[:3]] == list(SERVICES)
    assert "already" in invoke(settings, "keys", "rewrap", *BOTH).output

    alone = settings | {"CAREHUT_MASTER_KEY": new.written()}
    assert invoke(alone, "keys", "list").exit_code == 0
    without = invoke(settings | {"CAREHUT_MASTER_KEY": old.written()}, "keys", "list")
    assert "another master key" in without.output
