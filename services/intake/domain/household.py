"""Households: requests of one desk whose persons live together, and how each is related to the first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from services.intake.domain.errors import Fault, InvalidFiling, Rule
from shared.text import Text

SELF = "self"

RELATIONS: Mapping[str, Text] = MappingProxyType(
    {
        "spouse": Text("配偶", "Spouse"),
        "child": Text("子女", "Child"),
        "parent": Text("父母", "Parent"),
        "sibling": Text("兄弟姐妹", "Brother or sister"),
        "grandparent": Text("祖父母、外祖父母", "Grandparent"),
        "grandchild": Text("孙子女、外孙子女", "Grandchild"),
        "in-law": Text("姻亲", "In-law"),
        "other": Text("其他共同生活成员", "Other member of the household"),
    }
)
"""How a member is related to the person of the request that heads the household."""

WARD = "ward"
OF_BENEFICIARIES: Mapping[str, Text] = MappingProxyType({**RELATIONS, WARD: Text("被监护人", "Ward")})
"""How somebody whom a leg is for is related to the person who asks for it."""

TWICE = Rule(
    "{id} 写了两次。每件申请只写一次。",
    "{id} is listed twice. List each request once.",
    "request-listed-twice",
)
ITSELF = Rule(
    "这是本件申请自己。请填写其他家庭成员的申请。",
    "This is the request itself. Name those of the others.",
    "own-request-named",
)
NOT_YOURS = Rule(
    "本社区没有这件申请。请核对，只能关联本社区登记的申请。",
    "Your desk has no such request. Check it; only requests of your own desk can be linked.",
    "no-such-request-here",
)
ELSEWHERE = Rule(
    "这件申请已属于另一个家庭。请先在那个家庭中解除关联。",
    "This request belongs to another household. Take it out of that one first.",
    "other-household",
)
LEFT_OUT = Rule(
    "这件申请属于 {head} 的家庭。请在 {head} 中修改，或把全部成员都写上；漏写：{numbers}。",
    "This request belongs to the household of {head}. Change it there, or name all its members; left out: {numbers}.",
    "household-left-out",
)


@dataclass(frozen=True, slots=True)
class Member:
    """A request whose person belongs to the household, and the relation to the one who heads it."""

    request: str
    relation: str


def check_members(head: str, members: Sequence[Member]) -> None:
    """Object to a list in which a request stands twice, or the head itself.

    Raises:
        InvalidFiling: naming each.
    """
    faults, seen = [], set()
    for place, member in enumerate(members):
        path = f"members.{place}.request"
        if member.request == head:
            faults.append(Fault(path, ITSELF))
        elif member.request in seen:
            faults.append(Fault(path, TWICE.format(id=member.request)))
        seen.add(member.request)
    if faults:
        raise InvalidFiling(faults)
