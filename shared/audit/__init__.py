"""The audit log: each opening, decision, refusal and lookup, written once, sealed in a chain and never changed."""

from __future__ import annotations

from shared.audit.actions import ACTIONS, RESULTS
from shared.audit.findings import Finding
from shared.audit.keeping import (
    FORGET_SECONDS,
    SEAL_SECONDS,
    Keeper,
    heads_file,
    heads_folder,
    years_kept,
)
from shared.audit.log import (
    AuditEntry,
    AuditQuery,
    AuditRecord,
    UnknownAction,
    UnknownResult,
    flush,
    search,
)
from shared.audit.publishing import Head, event_type, keep_heads, kept
from shared.audit.sealer import unsealed_since
from shared.audit.tables import INSERT_ONLY, table
from shared.audit.verify import Report, verify

__all__ = [
    "ACTIONS",
    "FORGET_SECONDS",
    "INSERT_ONLY",
    "RESULTS",
    "SEAL_SECONDS",
    "AuditEntry",
    "AuditQuery",
    "AuditRecord",
    "Finding",
    "Head",
    "Keeper",
    "Report",
    "UnknownAction",
    "UnknownResult",
    "event_type",
    "flush",
    "heads_file",
    "heads_folder",
    "keep_heads",
    "kept",
    "search",
    "table",
    "unsealed_since",
    "verify",
    "years_kept",
]
