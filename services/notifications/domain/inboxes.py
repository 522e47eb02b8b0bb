"""An inbox belongs to a post, not to a person: a role with its agency or its unit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

# What a role is called wherever others may see it (design §1.2); a role not named here is called what it is.
SHOWN_AS = {"hut": "intake-desk"}


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
    """Name the inbox of the desk that filed a request, such as ``intake-desk:530103004007``."""
    return f"{SHOWN_AS['hut']}:{unit}"


def of_post(post: Post) -> str:
    """Name the inbox of one post; a post of the whole district has its role alone as inbox."""
    role = SHOWN_AS.get(post.role, post.role)
    place = post.agency or post.unit
    return f"{role}:{place}" if place else role


def of_posts(posts: Iterable[Post]) -> list[str]:
    """Name the inboxes of all posts a member of staff holds, each once, in a fixed order."""
    return sorted({of_post(post) for post in posts})
