"""Who is asking: staff, the posts they hold, and what a grant of the policy lets them reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from shared.text import Text


class Role(StrEnum):
    """The role ids that posts, tokens and the district pack use."""

    HUT = "hut"
    GRID = "grid"
    SPECIALIST = "specialist"
    DESK = "desk"
    LEADER = "leader"
    COORDINATOR = "coordinator"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    CLIENT = "client"
    PERSON = "person"


OUTWARD_ROLES = {Role.HUT: "intake-desk"}
"""How a role is written where agencies or strangers can read it; every other role shows its own id."""


def outward_role(role: str) -> str:
    """Give the role id as it may appear in what agencies read."""
    return next((shown for kept, shown in OUTWARD_ROLES.items() if kept == role), role)


@dataclass(frozen=True, slots=True)
class Post:
    """One post someone holds: a role, at an agency or at a unit of the grid (an official code).

    A post at both is at the agency's counter in that street.
    """

    role: str
    agency: str | None = None
    unit: str | None = None

    def __str__(self) -> str:
        """Write the post as the audit log keeps it: ``desk@civil-affairs``, ``operator``."""
        place = "/".join(part for part in (self.agency, self.unit) if part)
        return f"{self.role}@{place}" if place else self.role


@dataclass(frozen=True, slots=True)
class Principal:
    """A signed-in member of staff, as the token tells.

    ``session`` is a secret of the holder (it keys the CSRF token) and is never logged or stored in a log.
    ``issued_at`` is when the token was signed; a later entry in the deny table ends it. ``None`` means the
    principal was made by the system itself (command line, timers), which no deny table concerns.
    """

    staff: str
    session: str = field(repr=False)
    posts: tuple[Post, ...]
    acting_for: str | None = None
    scope: str | None = None
    issued_at: datetime | None = None

    def holds(self, role: str) -> bool:
        """Tell whether any of the posts has this role."""
        return any(post.role == role for post in self.posts)


@dataclass(frozen=True, slots=True)
class Grant:
    """What an allowed action may reach: the union over all posts that allow it.

    ``everything`` lifts all limits. Otherwise an object must lie with one of ``agencies``, ``units`` or
    ``streets`` (official codes), or at one of the ``counters``: an agency's in a street, as (agency, street). With
    none of these the action concerns only the principal's own things: their account, or the inboxes of ``posts``.
    ``post`` is the first post that allowed it, for the audit log.
    """

    everything: bool
    agencies: frozenset[str]
    units: frozenset[str]
    streets: frozenset[str]
    posts: tuple[Post, ...]
    counters: frozenset[tuple[str, str]] = frozenset()

    @property
    def post(self) -> Post:
        """The post under which the action is done."""
        return self.posts[0]

    def reaches(
        self,
        *,
        agency: str | None = None,
        unit: str | None = None,
        street: str | None = None,
        counter: str | None = None,
    ) -> bool:
        """Tell whether an object of this agency, filing unit and street may be reached.

        ``counter`` is the street whose counter of the agency it belongs to; the agency's own desk reaches those, too.
        """
        return (
            self.everything
            or agency in self.agencies
            or unit in self.units
            or street in self.streets
            or (agency, counter) in self.counters
        )


class Forbidden(Exception):
    """No post of the principal allows the action (HTTP 403)."""

    def __init__(self, action: str) -> None:
        super().__init__(f"no post allows {action}")
        self.action = action
        self.text = Text("您的岗位没有这项权限。", "None of your posts allows this.")
