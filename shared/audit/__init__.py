"""The audit log: each opening, decision, refusal and lookup, written once and never changed."""

from __future__ import annotations

from shared.audit.actions import ACTIONS
from shared.audit.log import AuditEntry, AuditQuery, AuditRecord, UnknownAction, flush, search
from shared.audit.tables import INSERT_ONLY, table

__all__ = [
    "ACTIONS",
    "INSERT_ONLY",
    "AuditEntry",
    "AuditQuery",
    "AuditRecord",
    "UnknownAction",
    "flush",
    "search",
    "table",
]
