"""The platform's tables, fourth step: where a district pack was read from."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations


def upgrade(op: Operations) -> None:
    """Add the folder to packs and proposals; what is in force so far came with the product, as far as is known."""
    op.add_column(
        "district_packs",
        sa.Column(
            "source",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="the folder it was read from; nothing for the one that comes with the product",
        ),
    )
    op.add_column(
        "district_changes",
        sa.Column("source", sa.Text(), comment="the folder of a proposal's files; in intake alone"),
    )
