"""Brings a service's database to the newest schema, and tells whether it is there."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from shared.db.metadata import platform
from shared.db.policies import Limited, secure

if TYPE_CHECKING:
    from shared.db.engine import Database

_VERSION = sa.table("alembic_version", sa.column("version_num", sa.String))

MIGRATING = 7_302_001
"""The advisory lock under which one process at a time migrates a PostgreSQL database."""
CURRENT, OLDER, NEWER = "current", "older", "newer"


def migrate(database: Database, service: str, insert_only: Collection[str]) -> bool:
    """Apply what is missing, and grant the rights of the web and worker roles; gives whether anything was.

    ``database`` is opened with the owner's rights. On PostgreSQL the roles ``<database>_web`` and
    ``<database>_worker`` get what they need, where they exist: the rows of every table, but in the
    ``insert_only`` ones no change and no deletion.
    """
    with database.unit_of_work() as uow:
        connection = uow.connection
        if database.dialect == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATING)))
        before = _revision(connection)
        config = _config(service)
        config.attributes |= {"connection": connection, "secure": True}
        command.upgrade(config, "head")
        if database.dialect == "postgresql":
            _grant(connection, insert_only)
        return bool(before != _revision(connection))


def pending(database: Database, service: str) -> bool:
    """Tell whether migrations of the service have not been applied."""
    with database.read() as connection:
        return standing(connection, service) == OLDER


def standing(connection: Connection, service: str) -> str:
    """Tell whether the schema is ``current``, ``older`` than this release or ``newer``; one short read.

    Newer is what this release has never heard of: somebody migrated for the next one, which runs elsewhere already.
    """
    newest, known = _revisions(service)
    revision = _revision(connection)
    if revision == newest:
        return CURRENT
    return OLDER if revision is None or revision in known else NEWER


@cache
def _revisions(service: str) -> tuple[str | None, frozenset[str]]:
    scripts = ScriptDirectory.from_config(_config(service))
    return scripts.get_current_head(), frozenset(script.revision for script in scripts.walk_revisions())


def run_env(context: Any, own: sa.MetaData, limited: Sequence[Limited] = ()) -> None:  # noqa: ANN401 - ``alembic.context``, a module that stands for one
    """Be the body of a service's ``env.py``: run its migrations on the connection ``migrate`` has opened.

    On PostgreSQL ``limited`` tables get their row-level policies; like grants they name roles, and follow the code.
    """
    connection = context.config.attributes["connection"]
    context.configure(connection=connection, target_metadata=targets(own), compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
    if connection.dialect.name == "postgresql" and context.config.attributes.get("secure"):
        secure(connection, limited)


def targets(own: sa.MetaData) -> Sequence[sa.MetaData]:
    """Give what a service's database holds: the platform's tables and its own."""
    return [platform, own]


def _config(service: str) -> Config:
    config = Config()
    config.set_main_option("script_location", f"services.{service}.persistence:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _revision(connection: Connection) -> str | None:
    # Asked by every /ready: alembic's own way tells its log each time what kind of database it looks at.
    if not sa.inspect(connection).has_table(_VERSION.name):
        return None
    return connection.execute(sa.select(_VERSION.c.version_num)).scalar_one_or_none()


def _grant(connection: Connection, insert_only: Collection[str]) -> None:
    name = connection.execute(sa.select(sa.func.current_database())).scalar_one()
    roles = sa.text("select rolname from pg_roles where rolname = any(:names)")
    quote = connection.dialect.identifier_preparer.quote
    for role in connection.execute(roles, {"names": [f"{name}_web", f"{name}_worker"]}).scalars().all():
        connection.exec_driver_sql(f"grant usage on schema public to {quote(role)}")
        connection.exec_driver_sql(
            f"grant select, insert, update, delete on all tables in schema public to {quote(role)}"
        )
        connection.exec_driver_sql(f"grant usage, select on all sequences in schema public to {quote(role)}")
        for table in sorted(insert_only):
            connection.exec_driver_sql(
                f"revoke update, delete, truncate on {quote(table)} from {quote(role)}"
            )
        connection.exec_driver_sql(f"revoke insert, update, delete on alembic_version from {quote(role)}")
