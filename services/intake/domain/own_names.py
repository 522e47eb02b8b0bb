"""What a clinical leg's own programme is made of: told to its agency alone, inside what is sealed to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from shared.directory.programmes import Programme
from shared.directory.rules import numbered
from shared.text import Text


def own_names(
    programme: Programme, clinical: Iterable[Programme], common: Sequence[str] = ()
) -> dict[str, Any]:
    """Name the papers and steps of a clinical programme, by the codes under which its leg's rules have them.

    ``{papers: [{id, name: {zh, en}}], steps: [the same], outcomes: {code: [field]}, pad}``. Its outcomes, and the
    ``common`` ones of every programme, stand with what each asks for. Together with the programme's id it is as long
    for each of the ``clinical`` ones, so that the length of what is sealed does not tell them apart. Of any other
    programme the agency has all that in its own pack; nothing is told.
    """
    if not programme.clinical:
        return {}
    longest = max(_length(each, common) for each in clinical)
    return {**_named(programme, common), "pad": " " * (longest - _length(programme, common))}


def _named(programme: Programme, common: Sequence[str]) -> dict[str, Any]:
    return {
        "outcomes": _outcomes(programme, common),
        "papers": _coded("paper", [paper.name for paper in programme.papers]),
        "steps": _coded("step", [step.name for step in programme.steps]),
    }


def _outcomes(programme: Programme, common: Sequence[str]) -> dict[str, list[str]]:
    return {code: list(programme.outcomes.get(code, ())) for code in (*programme.outcomes, *common)}


def _coded(noun: str, names: Sequence[Text]) -> list[Mapping[str, Any]]:
    codes = numbered(noun, len(names))
    return [{"id": code, "name": name.both()} for code, name in zip(codes, names, strict=True)]


def _length(programme: Programme, common: Sequence[str]) -> int:
    told = json.dumps(_named(programme, common), ensure_ascii=False, separators=(",", ":"))
    return len(told.encode()) + len(programme.id.encode())


def by_its_own(
    rules: Mapping[str, Any], programme: Programme, common: Sequence[str] = ()
) -> Mapping[str, Any]:
    """Give a leg's rules with what is its own programme's alone: for the desk, which knows it."""
    if not programme.clinical:
        return rules
    outcomes = _outcomes(programme, common)
    own = {
        "outcomes": list(outcomes),
        "asks": outcomes,
        "papers": numbered("paper", len(programme.papers)),
        "steps": numbered("step", len(programme.steps)),
    }
    return {**rules, **own}
