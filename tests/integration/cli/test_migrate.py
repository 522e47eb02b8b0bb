"""``carehut migrate``: what it does to a database stands in that database's own audit log."""

from __future__ import annotations

from pathlib import Path

from deploy.embedded.environment import SERVICES
from deploy.installation import Installation
from shared.audit import AuditQuery, search
from tests.integration.cli.conftest import Carehut


def test_a_migration_is_audited_once_where_it_was_done(carehut: Carehut, tmp_path: Path) -> None:
    for _ in range(2):
        assert carehut("migrate", CAREHUT_HOME=str(tmp_path / "new")).returncode == 0
    installation = Installation({"CAREHUT_HOME": str(tmp_path / "new")})
    for service in SERVICES:
        with installation.database(service).read() as connection:
            lines = search(connection, AuditQuery(action="schema.migrated"), limit=5)
        assert [line.object_id for line in lines] == [service]
    installation.close()
