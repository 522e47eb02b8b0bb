"""How a light is shown: symbol, word and colour together, so that colour is never the only sign."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.text import Text


@dataclass(frozen=True, slots=True)
class Sign:
    """A light on a page."""

    symbol: str
    word: Text
    style: str


LIGHTS: Mapping[str, Sign] = {
    "green": Sign("●", Text("正常", "On time"), "light-green"),
    "yellow": Sign("▲", Text("临期", "Due soon"), "light-yellow"),
    "red": Sign("■", Text("超期", "Overdue"), "light-red"),
    "grey": Sign("‖", Text("暂停", "Paused"), "light-grey"),
    "blue": Sign("✓", Text("已结束", "Ended"), "light-blue"),
}
