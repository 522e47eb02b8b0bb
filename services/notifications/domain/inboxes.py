"""An inbox belongs to a post: a role with its agency, unit or both; and what is told in person to an officer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class Post(Protocol):
    """The part of a post that decides which inbox is its own."""

    @property
    def role(self) -> str:
        """The role's id, such as ``desk``."""

    @property
    def agency(self) -> str | None:
        """The agency's id, for posts in an agency."""

    @property
    def unit(self) -> str | None:
        """The code of a community or street, for posts in one."""


COORDINATOR = "coordinator"
"""The inbox of the coordinating office, of which a district has one."""


def desk(agency: str, street: str | None = None) -> str:
    """Name the inbox of an agency's desk, such as ``desk:civil-affairs``, or of its counter in a street."""
    return f"desk:{agency}@{street}" if street else f"desk:{agency}"


def leader(agency: str) -> str:
    """Name the inbox of an agency's leader."""
    return f"leader:{agency}"


def filing_unit(unit: str) -> str:
    """Name the inbox of the post that filed a request, by its unit's code."""
    return f"hut:{unit}"


def specialist(street: str) -> str:
    """Name the inbox of a street's specialist, by the street's code."""
    return f"specialist:{street}"


def officer(agency: str, staff: str) -> str:
    """Name the inbox of what an officer of an agency is told in person, such as ``officer:health/<staff id>``."""
    return f"officer:{agency}/{staff}"


def of_post(post: Post) -> str:
    """Name the inbox of one post; a post of the whole district has its role alone as inbox."""
    place = post.agency or post.unit
    if post.agency and post.unit:
        place = f"{post.agency}@{post.unit}"
    return f"{post.role}:{place}" if place else post.role


def of_posts(posts: Iterable[Post]) -> list[str]:
    """Name the inboxes of all posts a member of staff holds, each once, in a fixed order."""
    return sorted({of_post(post) for post in posts})


def of_person(posts: Sequence[Post], staff: str) -> list[str]:
    """Name all inboxes of a member of staff: those of their posts, and their own at each agency where they have one."""
    return sorted({*of_posts(posts), *(officer(post.agency, staff) for post in posts if post.agency)})
