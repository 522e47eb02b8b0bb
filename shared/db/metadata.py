"""The metadata on which every package of ``shared`` hangs the tables that each service's database has."""

from __future__ import annotations

import sqlalchemy as sa

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

platform = sa.MetaData(naming_convention=NAMING)


def service_metadata() -> sa.MetaData:
    """Make the metadata for a service's own tables, named by the same convention."""
    return sa.MetaData(naming_convention=NAMING)
