"""The audit log: each opening, decision, refusal and lookup, written once, sealed in a chain and never changed."""

from __future__ import annotations

from shared.audit.actions import ACTIONS, REFUSED, RESULTS
from shared.audit.asking import ACTING_FOR, Asking, answered, ask, asking
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
from shared.audit.sealer import UNSEALED_LONG, unsealed_since
from shared.audit.tables import INSERT_ONLY, table
from shared.audit.verify import Report, verify

__all__ = [
    "ACTING_FOR",
    "ACTIONS",
    "FORGET_SECONDS",
    "INSERT_ONLY",
    "REFUSED",
    "RESULTS",
    "SEAL_SECONDS",
    "UNSEALED_LONG",
    "Asking",
    "AuditEntry",
    "AuditQuery",
    "AuditRecord",
    "Finding",
    "Head",
    "Keeper",
    "Report",
    "UnknownAction",
    "UnknownResult",
    "answered",
    "ask",
    "asking",
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
