"""All tables of a service's database: its own, and those that every service has."""

from __future__ import annotations

import importlib
import pkgutil

import sqlalchemy as sa

import shared
from shared.db.migrate import targets


def metadata_of(service: str) -> tuple[sa.MetaData, ...]:
    """Give the metadata of a service's database with every table on it, wherever in the code that is described."""
    rooms = importlib.import_module(f"services.{service}.persistence")
    # Looked for rather than listed: a table that somebody forgot to add to a list would keep an old key for good.
    found = (
        *pkgutil.walk_packages(shared.__path__, "shared."),
        *pkgutil.iter_modules(rooms.__path__, f"{rooms.__name__}."),
    )
    for module in found:
        if module.name.endswith("tables") and not module.ispkg:
            importlib.import_module(module.name)
    return tuple(targets(importlib.import_module(f"{rooms.__name__}.tables").metadata))
