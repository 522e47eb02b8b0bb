"""``carehut migrate``: bring the databases to the schema of this release."""

from __future__ import annotations

import click

from deploy.cli.words import Text, say, tell

_HELP = Text(
    "升级三个数据库的结构（以所有者身份），并授予网页与后台角色权限。没有可做的就什么也不做。",
    "Bring all three databases to the schema of this release, with the owner's rights, and grant the web and worker "
    "roles theirs. Does nothing where nothing is missing.",
)


@click.command(help=say(_HELP))
def migrate() -> None:
    """Migrate all services."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from shared.audit import INSERT_ONLY, AuditEntry
    from shared.db.migrate import migrate as migrate_database

    installation = Installation()
    if installation.embedded:
        installation.home.create()
    for service, database in installation.databases(owner=True).items():
        moved = migrate_database(database, service, INSERT_ONLY)
        if moved:
            with database.unit_of_work() as uow:
                uow.audit(
                    AuditEntry(
                        at=datetime.now(UTC),
                        actor="system",
                        post="system",
                        action="schema.migrated",
                        object_type="schema",
                        object_id=service,
                    )
                )
        tell(
            Text(f"{service}：已升级。", f"{service}: brought up to date.")
            if moved
            else Text(f"{service}：已是最新。", f"{service}: is up to date.")
        )
