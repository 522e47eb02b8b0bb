"""Which columns of a database are ciphertext of its service's field key, read from the tables themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from shared.db.types import Sealed

SEALED_AS = "sealed_as"
"""In a column's ``info``: the table whose name its additional data hold, where rows came with their ciphertext."""
WRAPPED_BY = "wrapped_by"
"""In a column's ``info``: what else than the field key it is encrypted by."""
SEALED_TO = "sealed_to"
"""In a column's ``info``: it holds packets; ``WHOLE`` where a value is one, ``WITHIN`` where a document has some."""
WHOLE, WITHIN = "whole", "within"


@dataclass(frozen=True, slots=True)
class SealedTable:
    """A table with columns of ciphertext; their additional data name ``place`` of a column and ``row_id`` of a row."""

    table: sa.Table
    key: sa.Column[Any]
    columns: tuple[sa.Column[Any], ...]

    def place(self, column: str) -> tuple[str, str]:
        """Give table and column as the additional data name them."""
        found = self.table.c[column]
        return str(found.info.get(SEALED_AS, self.table.name)), column


def row_id(key: str | bytes) -> str:
    """Write a row's primary key as the additional data name it."""
    return key.hex() if isinstance(key, bytes) else str(key)


def sealed_tables(*metadata: sa.MetaData) -> Iterator[SealedTable]:
    """Find every table that holds ciphertext of the field key, by the type of its columns.

    Raises ``ValueError`` for one whose rows have no key of a single column: nothing could be bound to them.
    """
    for table in (table for each in metadata for table in each.sorted_tables):
        columns = tuple(
            column
            for column in table.columns
            if isinstance(column.type, Sealed) and WRAPPED_BY not in column.info
        )
        if columns:
            keys = tuple(table.primary_key.columns)
            if len(keys) != 1:
                raise ValueError(f"{table.name} holds ciphertext, and its rows have no key of one column")
            yield SealedTable(table, keys[0], columns)


def sealed_texts(*metadata: sa.MetaData) -> Iterator[sa.Column[Any]]:
    """Find every column that holds packets sealed to somebody, alone or within something else."""
    for each in metadata:
        for table in each.sorted_tables:
            yield from (column for column in table.columns if SEALED_TO in column.info)
