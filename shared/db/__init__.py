"""The database of one service: reading, the unit of work, column types, migrations."""

from __future__ import annotations

from shared.db.engine import Database, driver_words
from shared.db.rows import Insert, Update, insert
from shared.db.unit_of_work import Flush, Once, UnitOfWork

__all__ = ["Database", "Flush", "Insert", "Once", "UnitOfWork", "Update", "driver_words", "insert"]
