"""Checks on how programmes stand to one another and to the district: order, places, desks in the streets, questions."""

from __future__ import annotations

from typing import Any

from shared.directory.pack_view import AGENCIES, FIELDS, PROGRAMMES, Found, Pack, maps_of, texts_of
from shared.directory.people_and_words import OPEN_LEVELS
from shared.directory.yaml_source import Path_

LEAST_QUESTIONS, MOST_QUESTIONS = 8, 10
_STREET_DIGITS = 9


def order(pack: Pack) -> Found:
    """Every programme has its own place in a category that exists, and what tells less comes first there."""
    categories = pack.ids(PROGRAMMES, "categories")
    ranks: dict[tuple[str, int], str] = {}
    clinical: dict[str, int] = {}
    for _, item in pack.items(PROGRAMMES, "programmes"):
        category, rank = item.get("category"), item.get("rank")
        if item.get("disclosure") == "clinical" and isinstance(category, str) and isinstance(rank, int):
            clinical[category] = min(rank, clinical.get(category, rank))
    for place, item in pack.items(PROGRAMMES, "programmes"):
        category, rank = item.get("category"), item.get("rank")
        if not isinstance(category, str):
            continue
        if category not in categories:
            yield pack.flaw(PROGRAMMES, (*place, "category"), "unknown-category", value=category)
        if not isinstance(rank, int):
            continue
        if (category, rank) in ranks:
            yield pack.flaw(
                PROGRAMMES, (*place, "rank"), "same-rank", key=ranks[category, rank], value=category
            )
        elif item.get("disclosure", "none") in OPEN_LEVELS and rank > clinical.get(category, rank):
            yield pack.flaw(PROGRAMMES, (*place, "rank"), "rank-reveals", value=category)
        ranks.setdefault((category, rank), str(item.get("id")))


def places(pack: Pack) -> Found:
    """Places are counted for programmes that may be named outside, by outcomes that these have."""
    for place, item in pack.items(PROGRAMMES, "programmes"):
        capacity = item.get("capacity")
        if not isinstance(capacity, dict):
            continue
        if item.get("disclosure") == "clinical":
            yield pack.flaw(PROGRAMMES, (*place, "capacity"), "clinical-capacity")
        outcomes = item.get("outcomes")
        for index, name in texts_of({"taken_by": ["approved"], **capacity}, "taken_by"):
            if isinstance(outcomes, dict) and name not in outcomes:
                at = (*place, "capacity", *(("taken_by", index) if "taken_by" in capacity else ()))
                yield pack.flaw(PROGRAMMES, at, "capacity-outcome", value=name)


def street_desks(pack: Pack) -> Found:
    """A counter stands in a street of the grid, and an agency has one there at most."""
    for place, agency in pack.items(AGENCIES, "agencies"):
        seen: set[str] = set()
        for index, desk in maps_of(agency, "desks"):
            street, at = desk.get("street"), (*place, "desks", index, "street")
            if not isinstance(street, str):
                continue
            if pack.units and street not in pack.units:
                yield pack.flaw(AGENCIES, at, "unknown-unit", value=street)
            elif len(street) != _STREET_DIGITS:
                yield pack.flaw(AGENCIES, at, "desk-street", value=street)
            if street in seen:
                yield pack.flaw(AGENCIES, at, "duplicate-id", value=street)
            seen.add(street)


def kinship(pack: Pack) -> Found:
    """What makes a programme easier is a programme of the pack and, since others read of it, not a clinical one."""
    disclosures = {
        str(item.get("id")): item.get("disclosure") for _, item in pack.items(PROGRAMMES, "programmes")
    }
    for place, item in pack.items(PROGRAMMES, "programmes"):
        easing = item.get("eased_by")
        for index, name in texts_of(easing if isinstance(easing, dict) else {}, "programmes"):
            if disclosures.get(name, "clinical") == "clinical":
                at = (*place, "eased_by", "programmes", index)
                yield pack.flaw(PROGRAMMES, at, "unknown-programme", value=name)


def questions(pack: Pack) -> Found:
    """Eligibility is looked at with eight to ten questions, each a field that somebody can answer, none twice."""
    source = pack.sources.get(FIELDS)
    if source is None or not isinstance(source.plain, dict) or "screening" not in source.plain:
        return
    known = pack.ids(FIELDS, "answers") | pack.ids(FIELDS, "derived")
    asked: list[tuple[int, str]] = texts_of(source.plain, "screening")
    seen: set[str] = set()
    for index, name in asked:
        at: Path_ = ("screening", index)
        if name not in known:
            yield pack.flaw(FIELDS, at, "unknown-field", value=name)
        if name in seen:
            yield pack.flaw(FIELDS, at, "duplicate-id", value=name)
        seen.add(name)
    if not LEAST_QUESTIONS <= len(asked) <= MOST_QUESTIONS:
        given: Any = len(asked)
        yield pack.flaw(FIELDS, ("screening",), "screening-count", value=given)
