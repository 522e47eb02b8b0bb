"""Papers: what was handed in, and where its ciphertext lies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from shared.db.types import Id, Instant, Sealed

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("id", Id, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content_key", Sealed, nullable=False),
        sa.Column("sha256", Sealed, nullable=False),
        sa.Column("media", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("stored_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blobs")),
        sa.UniqueConstraint("digest", name=op.f("uq_blobs_digest")),
        comment="One row per content; digest is its keyed hash, the ciphertext lies in the blob store under the id",
    )
    op.create_table(
        "papers",
        sa.Column("id", Id, nullable=False),
        sa.Column("request_id", Id, nullable=False),
        sa.Column("leg_id", Id, nullable=True),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("blob_id", Id, nullable=False),
        sa.Column("taken_from", Id, nullable=True),
        sa.Column("added_at", Instant, nullable=False),
        sa.Column("added_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name=op.f("fk_papers_blob_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        comment="A paper of a request or draft, for every leg that wants its kind, or for leg_id alone",
    )
    op.create_index(op.f("ix_papers_blob_id"), "papers", ["blob_id"], unique=False)
    op.create_index(op.f("ix_papers_request_id"), "papers", ["request_id"], unique=False)
