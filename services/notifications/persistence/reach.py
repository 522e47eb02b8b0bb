"""What a web process sees of messages on PostgreSQL, whatever it asks for: the second line behind ``queries.py``."""

from __future__ import annotations

from shared.db.policies import Limited, among, everything

_MINE = f"{everything()} OR {among('inbox', 'inboxes')}"

# Where somebody can be reached is no web process's to read; what came of sending is the operator's.
POLICIES = (
    Limited("messages", _MINE),
    Limited("read_marks", _MINE),
    Limited("contacts", "false"),
    Limited("sendings", everything()),
)
