"""How far somebody may see messages: the inboxes of their posts, or all of them to see that they arrive."""

from __future__ import annotations

from services.notifications.domain import inboxes
from shared.db.reach import reach
from shared.identity import POLICY, Grant, Principal


def reach_of(principal: Principal, _grant: Grant) -> bytes:
    """Write down a principal's reach, which is the same whatever they are about to do."""
    readers = POLICY["messages.read"]
    return reach(
        everything=any(post.role in POLICY["deliveries.read"] for post in principal.posts),
        inboxes=inboxes.of_person(
            [post for post in principal.posts if post.role in readers], principal.staff
        ),
    )
