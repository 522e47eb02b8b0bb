"""``carehut audit verify``: a whole log is said to be whole; what was done to one is named, and the exit code tells."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES, Home
from deploy.installation import Installation
from shared.audit import Keeper, heads_folder, table
from tests.integration.cli.conftest import Carehut


@pytest.fixture
def sealed(home: Home) -> Home:
    """Seal what an installation wrote when it was made, as its workers will."""
    there = Installation({"CAREHUT_HOME": str(home.path)})
    for service in SERVICES:
        keeper = Keeper(
            there.database(service),
            service,
            f"/aid/{there.code}/{service}",
            folder=heads_folder(there.environ, home.path),
            now=lambda: datetime.now(UTC),
            years=lambda: 6,
        )
        keeper.seal()
        keeper.forget()
    there.close()
    return home


def _tamper(home: Home, statement: sa.Executable) -> None:
    there = Installation({"CAREHUT_HOME": str(home.path)})
    with there.database("intake").unit_of_work() as uow:
        for verb in ("update", "delete"):
            uow.connection.execute(sa.text(f"drop trigger audit_log_no_{verb}"))
        uow.connection.execute(statement)
    there.close()


def test_a_whole_log_is_verified_in_every_service(carehut: Carehut, sealed: Home) -> None:
    done = carehut("audit", "verify")
    assert (done.returncode, done.stderr) == (0, "")
    for service in SERVICES:
        assert f"{service}: " in done.stdout
        assert (sealed.path / "audit" / f"{service}.heads.jsonl").exists()


def test_the_first_bad_entry_is_named_and_the_exit_code_tells(carehut: Carehut, sealed: Home) -> None:
    there = Installation({"CAREHUT_HOME": str(sealed.path)})
    with there.database("intake").read() as connection:
        first = connection.execute(sa.select(table.c.id).order_by(table.c.id).limit(1)).scalar_one()
    there.close()
    _tamper(sealed, sa.update(table).where(table.c.id == first).values(actor="somebody-else"))

    done = carehut("audit", "verify", "--service", "intake")
    assert done.returncode == 1
    assert f"first: an entry was changed; batch 1; entry {first}" in done.stderr
    assert first in carehut("audit", "verify", LANG="zh_CN.UTF-8").stderr


def test_entries_deleted_with_their_chain_are_missed_by_the_file(carehut: Carehut, sealed: Home) -> None:
    _tamper(sealed, sa.delete(table))
    there = Installation({"CAREHUT_HOME": str(sealed.path)})
    with there.database("intake").unit_of_work() as uow:
        for name in ("audit_seals", "audit_lists", "audit_heads"):
            uow.connection.execute(sa.text(f"drop trigger {name}_no_delete"))
            uow.connection.execute(sa.text(f"delete from {name}"))  # noqa: S608 - names from here
    there.close()

    done = carehut("audit", "verify", "--service", "intake")
    assert done.returncode == 1
    assert "cut off; batch 1; shown by" in done.stderr
