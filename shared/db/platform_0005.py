"""The platform's tables, fifth step: what came of each thing audited, and the chain that seals the log in batches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

from shared.db.types import Id, Instant

KEPT = "3 years"
"""The database itself lets nothing younger go, whatever the pack says: records of provision are kept that long
(个人信息保护法 56)."""
_ONLY_ADDED_TO = ("audit_seals", "audit_heads")


def upgrade(op: Operations) -> None:
    """Add the column and the tables; what was written before is sealed with the first batches."""
    op.add_column(
        "audit_log",
        sa.Column(
            "result",
            sa.String(length=16),
            server_default="done",
            nullable=False,
            comment="what came of it: done or refused",
        ),
    )
    _tables(op)
    if op.get_bind().dialect.name == "sqlite":
        _triggers(op)
    else:
        _function(op)


def _tables(op: Operations) -> None:
    op.create_table(
        "audit_seals",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("first_entry", Id, nullable=False),
        sa.Column("last_entry", Id, nullable=False),
        sa.Column("list_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False, comment="over the head before and all of this"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_seals")),
        comment="The chain of the audit log, a link for each batch; kept for good",
    )
    op.create_table(
        "audit_lists",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False, comment="id and digest of each, in id order"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_lists")),
        comment="Which entries of the audit log each batch holds; kept as long as they are",
    )
    op.create_table(
        "audit_heads",
        sa.Column("service", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("service", "sequence", name=op.f("pk_audit_heads")),
        comment="Heads as they were published: of this service's log, and of another's that is witnessed here",
    )


def _triggers(op: Operations) -> None:
    kept = f"datetime('now', '-{KEPT}')"
    op.execute("drop trigger audit_log_no_delete")
    op.execute(
        f"create trigger audit_log_no_delete before delete on audit_log when old.at >= {kept}"
        " begin select raise(abort, 'the audit log is only added to'); end"
    )
    op.execute(
        "create trigger audit_lists_no_delete before delete on audit_lists when not exists"  # noqa: S608 - no input
        f" (select 1 from audit_seals where number = old.number and sealed_at < {kept})"
        " begin select raise(abort, 'the audit log is only added to'); end"
    )
    verbs = [
        ("audit_lists", "update"),
        *((name, verb) for name in _ONLY_ADDED_TO for verb in ("update", "delete")),
    ]
    for name, verb in verbs:
        op.execute(
            f"create trigger {name}_no_{verb} before {verb} on {name}"
            " begin select raise(abort, 'the audit log is only added to'); end"
        )


def _function(op: Operations) -> None:
    # Digests are noise: trying to compress them costs more than the rest of their insert.
    op.execute("alter table audit_lists alter column entries set storage external")
    # The roles of web and worker may delete nothing here; this does it for them, with the owner's right, once the time
    # is over and never before.
    op.execute(
        f"""
        create function audit_forget(batch bigint, ids uuid[]) returns bigint
        language plpgsql security definer set search_path = public, pg_temp as $$
        declare gone bigint;
        begin
          if not exists (
            select 1 from audit_seals where number = batch and sealed_at < now() - interval '{KEPT}'
          ) then
            raise exception 'batch % of the audit log is not old enough to go', batch;
          end if;
          delete from audit_log where id = any(ids) and at < now() - interval '{KEPT}';
          get diagnostics gone = row_count;
          delete from audit_lists where number = batch;
          return gone;
        end $$
        """  # noqa: S608 - no input
    )
