"""What the codes of a clinical leg stand for: told to its agency alone, inside what is sealed to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.directory.programmes import Programme
from shared.directory.rules import numbered
from shared.text import Text


def own_names(programme: Programme, clinical: Iterable[Programme]) -> dict[str, Any]:
    """Name the papers and steps of a clinical programme, by the codes under which its leg's rules have them.

    ``{papers: [{id, name: {zh, en}}], steps: [the same], pad}``: together with the programme's id as long for each of
    the ``clinical`` ones, so that the length of what is sealed does not tell them apart. Of any other programme the
    agency has the names in its own pack; nothing is told.
    """
    if not programme.clinical:
        return {}
    longest = max(_length(each) for each in clinical)
    return {**_named(programme), "pad": " " * (longest - _length(programme))}


def _named(programme: Programme) -> dict[str, list[Mapping[str, Any]]]:
    return {
        "papers": _coded("paper", [paper.name for paper in programme.papers]),
        "steps": _coded("step", [step.name for step in programme.steps]),
    }


def _coded(noun: str, names: Sequence[Text]) -> list[Mapping[str, Any]]:
    codes = numbered(noun, len(names))
    return [{"id": code, "name": name.both()} for code, name in zip(codes, names, strict=True)]


def _length(programme: Programme) -> int:
    told = json.dumps(_named(programme), ensure_ascii=False, separators=(",", ":"))
    return len(told.encode()) + len(programme.id.encode())


def by_its_own(rules: Mapping[str, Any], programme: Programme) -> Mapping[str, Any]:
    """Give a leg's rules with the papers and steps of its own programme alone: for the desk, which knows it."""
    if not programme.clinical:
        return rules
    own = {
        "papers": numbered("paper", len(programme.papers)),
        "steps": numbered("step", len(programme.steps)),
    }
    return {**rules, **own}
