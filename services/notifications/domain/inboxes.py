"""An inbox belongs to a post, not to a person: a role with its agency or its unit."""

from __future__ import annotations

from collections.abc import Iterable
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


def desk(agency: str) -> str:
    """Name the inbox of an agency's desk, such as ``desk:civil-affairs``."""
    return f"desk:{agency}"


def filing_unit(unit: str) -> str:
    """Name the inbox of the post that filed a request, by its unit's code."""
    return f"hut:{unit}"


def of_post(post: Post) -> str:
    """Name the inbox of one post; a post of the whole district has its role alone as inbox."""
    place = post.agency or post.unit
    return f"{post.role}:{place}" if place else post.role


def of_posts(posts: Iterable[Post]) -> list[str]:
    """Name the inboxes of all posts a member of staff holds, each once, in a fixed order."""
    return sorted({of_post(post) for post in posts})
