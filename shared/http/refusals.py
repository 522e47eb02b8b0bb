"""Refusals are written to the audit log: who was told no, for which action, on what."""

from __future__ import annotations

import uuid

import flask

from shared.audit import AuditEntry
from shared.http.state import state
from shared.identity import Principal


def audit_refusal(
    principal: Principal, action: str, object_type: str, object_id: str, *, reason: str
) -> None:
    """Write one refusal in a transaction of its own, since the refused one is rolled back.

    ``action`` is the action of the policy; ``reason`` a code such as ``forbidden`` or ``out-of-reach``. A request is
    refused once, however many places notice it.
    """
    if flask.g.get("refusal_written"):
        return
    spec = state()
    # Only ids: any other word of an address may have been typed by somebody, about somebody.
    arguments = (flask.request.view_args or {}).items()
    named = {name: str(value) for name, value in arguments if isinstance(value, uuid.UUID)}
    entry = AuditEntry(
        at=spec.clock.now(),
        actor=principal.staff,
        post=str(principal.posts[0]) if principal.posts else "",
        action="access.refused",
        object_type=object_type,
        object_id=object_id[:64],
        reason=reason,
        detail={"action": action, "request_id": flask.g.request_id, **named},
    )
    with spec.database.unit_of_work() as uow:
        uow.audit(entry)
    flask.g.refusal_written = True
