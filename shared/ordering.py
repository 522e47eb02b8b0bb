"""Put things in order so that nothing stands before what it follows from."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

Name = TypeVar("Name", bound=Hashable)


def causes_first(names: Iterable[Name], causes_of: Callable[[Name], Iterable[Name]]) -> list[Name]:
    """Keep the given order but for causes: each that is not yet told comes just before what follows from it.

    ``causes_of`` names what one follows from, all of it among ``names``. Where two follow from each other the one that
    was met first is told last.
    """
    order: dict[Name, None] = {}
    begun: set[Name] = set()

    def tell(name: Name) -> None:
        if name in begun:
            return
        begun.add(name)
        for cause in causes_of(name):
            tell(cause)
        order[name] = None

    for name in names:
        tell(name)
    return list(order)
