"""Checks that somebody is there: the posts without which a district cannot work, and a desk for every agency."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.directory.pack_view import AGENCIES, POSTS, Found, Pack, maps_of
from shared.text import Text

NEEDED_ROLES = ("hut", "coordinator", "operator")
"""Who files, who coordinates, who configures: without one of each nothing can be begun, decided or put right."""

STAFFING_MESSAGES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "nobody-holds": (
            Text("没有人担任“{value}”岗位。", "The pack lacks a post of the role “{value}”."),
            Text("请在 posts.yaml 中至少写一人。", "Give at least one person that post in posts.yaml."),
        ),
        "no-desk": (
            Text("单位“{value}”没有窗口岗位。", "Nobody is at the desk of “{value}”."),
            Text(
                "请在 posts.yaml 中写一个 role: desk、agency: {value} 的岗位。",
                "Give somebody in posts.yaml a post with role: desk and agency: {value}.",
            ),
        ),
    }
)


def staffed(pack: Pack) -> Found:
    """Each role that is needed is held, and each agency that works on our pages has somebody at its desk."""
    if POSTS not in pack.sources:
        return
    held = {
        (str(post.get("role")), post.get("agency"))
        for _, person in pack.items(POSTS, "staff")
        for _, post in maps_of(person, "posts")
    }
    for role in NEEDED_ROLES:
        if role not in {name for name, _ in held}:
            yield pack.flaw(POSTS, ("staff",), "nobody-holds", value=role)
    for place, agency in pack.items(AGENCIES, "agencies"):
        name = agency.get("id")
        if isinstance(name, str) and agency.get("keys") != "own" and ("desk", name) not in held:
            yield pack.flaw(AGENCIES, (*place, "id"), "no-desk", value=name)
