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
        "no-community": (
            Text(
                "units.csv 没有一个社区：居住地须选社区。",
                "units.csv has no community, and people live in communities.",
            ),
            Text("请补上社区（12 位代码）。", "Add communities, with codes of twelve digits."),
        ),
        "unknown-file": (
            Text("没有名为“{value}”的文件。", "A pack has no file called “{value}”."),
            Text("请检查文件名；不需要的请删去。", "Check the spelling of its name, or remove it."),
        ),
        "requires-and-excludes": (
            Text(
                "“{value}”既是前提又与之互斥。",
                "“{value}” is required here, and excluded by one of the two.",
            ),
            Text("请从 requires 或 excludes 中删去。", "Remove it from requires or from excludes."),
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
