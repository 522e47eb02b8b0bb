"""Who is there to work on a case: which units have somebody at the desk, and which streets a specialist."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from services.intake.persistence import staff
from shared.identity import Role


@dataclass(frozen=True, slots=True)
class Seats:
    """The units at whose desk, and the streets in which, somebody holds a post whose account is not disabled."""

    desks: frozenset[str]
    streets: frozenset[str]

    def keep(self, unit: str, street: str | None) -> bool:
        """Tell whether somebody would see a case of a unit: its own desk, or the specialist of its street."""
        return unit in self.desks or street in self.streets


def seats(connection: Connection) -> Seats | None:
    """Tell who is there; None where there is no account at all, so that nothing can be said about it."""
    posts = staff.posts_at_work(connection)
    if not posts:
        return None
    units = {
        role: frozenset(post.unit for post in posts if post.role == role and post.unit)
        for role in (Role.HUT, Role.SPECIALIST)
    }
    return Seats(units[Role.HUT], units[Role.SPECIALIST])
