"""What can be wrong with the order, the places, the desks and the questions of a pack, each with its remedy."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

CATALOGUE_MESSAGES: Mapping[str, tuple[Text, Text]] = MappingProxyType(
    {
        "unknown-category": (
            Text("categories 中没有“{value}”。", "There is no “{value}” under categories."),
            Text("请改正，或在 categories 中添加。", "Correct it, or add it under categories."),
        ),
        "same-rank": (
            Text(
                "类别“{value}”中，“{key}”已是这个 rank。",
                "In the category “{value}”, “{key}” has this rank already.",
            ),
            Text(
                "请换一个 rank：向外透露越少的越小。",
                "Give another rank: the less a programme tells, the lower.",
            ),
        ),
        "rank-reveals": (
            Text(
                "类别“{value}”中，健康类保密项目排在了它前面。",
                "In the category “{value}”, a clinical programme comes before this one.",
            ),
            Text(
                "透露最少的排在最前，请把 rank 改小。",
                "What tells least comes first: give this one a lower rank.",
            ),
        ),
        "clinical-capacity": (
            Text(
                "健康类保密项目不能写 capacity：名额会让人看出是哪个项目。",
                "A clinical programme cannot have a capacity: its places would tell which programme it is.",
            ),
            Text("请删去 capacity。", "Remove capacity."),
        ),
        "capacity-outcome": (
            Text(
                "taken_by 中的“{value}”不是这个项目的结果。",
                "“{value}” under taken_by is no outcome of this programme.",
            ),
            Text(
                "请从 outcomes 中选（不写 taken_by 即 approved）。",
                "Choose from its outcomes (without taken_by it is approved).",
            ),
        ),
        "desk-street": (
            Text("窗口须设在街道：{value} 不是街道。", "A desk stands in a street: {value} is none."),
            Text("请写街道的 9 位代码。", "Write the nine digits of a street."),
        ),
        "screening-count": (
            Text(
                "预筛应有 8 至 10 个问题，现有 {value} 个。",
                "There are {value} screening questions; there should be 8 to 10.",
            ),
            Text("请增删 screening 中的字段。", "Add fields to screening, or remove some."),
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
