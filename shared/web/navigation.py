"""Where the bar at the top leads, as a table: each entry for the roles that have work there."""

from __future__ import annotations

from dataclasses import dataclass

from shared.identity import Principal, Role
from shared.text import Text


@dataclass(frozen=True, slots=True)
class Entry:
    """One link; ``roles`` None means everyone who is signed in. ``leads_to`` is a page it redirects to."""

    path: str
    label: Text
    roles: frozenset[str] | None = None
    leads_to: str | None = None


NAVIGATION: tuple[Entry, ...] = (
    Entry("/", Text("工作台", "Home"), leads_to="/intake/"),
    Entry("/intake/requests/new", Text("新建申请", "New request"), frozenset({Role.HUT})),
    Entry("/intake/requests", Text("申请列表", "Requests"), frozenset({Role.HUT, Role.SPECIALIST})),
    Entry("/referrals/queue", Text("待办队列", "Queue"), frozenset({Role.DESK, Role.LEADER})),
    Entry("/referrals/board", Text("跟踪总览", "Board"), frozenset({Role.COORDINATOR})),
    Entry(
        "/notifications/messages",
        Text("消息", "Messages"),
        frozenset({Role.HUT, Role.SPECIALIST, Role.DESK, Role.LEADER, Role.COORDINATOR}),
    ),
    Entry("/intake/audit", Text("审计日志", "Audit log"), frozenset({Role.AUDITOR})),
)

SIGN_OUT = "/auth/sign-out"

ROLE_NAMES: dict[str, Text] = {
    Role.HUT: Text("受理岗", "Intake desk"),
    Role.GRID: Text("网格员", "Grid worker"),
    Role.SPECIALIST: Text("街道专干", "Street specialist"),
    Role.DESK: Text("经办人", "Desk officer"),
    Role.LEADER: Text("分管领导", "Leader"),
    Role.COORDINATOR: Text("统筹岗", "Coordinator"),
    Role.OPERATOR: Text("运维", "Operator"),
    Role.AUDITOR: Text("审计", "Auditor"),
    Role.CLIENT: Text("接入系统", "Connected system"),
    Role.PERSON: Text("申请人", "Applicant"),
}
"""How a role is called on every page; neutral, since agencies and strangers read them too."""


def entries_for(principal: Principal | None) -> tuple[Entry, ...]:
    """Give the links of someone's posts, in their order; none for strangers."""
    if principal is None:
        return ()
    held = {post.role for post in principal.posts}
    return tuple(entry for entry in NAVIGATION if entry.roles is None or entry.roles & held)


def current_entry(entries: tuple[Entry, ...], path: str) -> Entry | None:
    """Give the link whose path begins the present one, the longest if several do."""
    fitting = [
        entry
        for entry in entries
        if path in {entry.path, entry.leads_to} or (entry.path != "/" and path.startswith(entry.path + "/"))
    ]
    return max(fitting, key=lambda entry: len(entry.path), default=None)
