"""Building a programme from the plain JSON form of a pack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, TypeVar

from shared.directory.programmes import (
    CLINICAL_OUTWARD,
    AidFirst,
    Basis,
    Capacity,
    Check,
    Criterion,
    Easing,
    Law,
    Paper,
    Programme,
    Step,
)
from shared.text import Text

Content = Mapping[str, Any]

_T = TypeVar("_T")


def programme_from(item: Content, laws: Mapping[str, Law]) -> Programme:
    """Build one programme from checked content; what an older version of a pack lacks takes its default."""
    return Programme(
        id=item["id"],
        agency=item["agency"],
        name=_text(item["name"]),
        disclosure=item["disclosure"],
        outward_id=CLINICAL_OUTWARD if item["disclosure"] == "clinical" else item["id"],
        offered=item["offered"],
        instead=_perhaps(item["instead"]),
        beneficiary=item["beneficiary"],
        fields=tuple(item["fields"]),
        person_fields=tuple(item["person_fields"]),
        papers=tuple(_paper(paper) for paper in item["papers"]),
        steps=tuple(Step(step["id"], _text(step["name"]), step["limit"]) for step in item["steps"]),
        clocks=item["clocks"],
        outcomes={outcome["id"]: tuple(outcome["asks"]) for outcome in item["outcomes"]},
        publicity=item["publicity"],
        eligibility=tuple(_criterion(criterion) for criterion in item["eligibility"]),
        basis=tuple(Basis(laws[basis["law"]], basis["articles"]) for basis in item["basis"]),
        requires=tuple(item["requires"]),
        excludes=tuple(item["excludes"]),
        note=_perhaps(item["note"]),
        consent_note=_perhaps(item["consent_note"]),
        verified=item["verified"],
        category=item.get("category", ""),
        rank=item.get("rank", 0),
        held_when=_if_there(item.get("held_when"), _check),
        eased_by=_if_there(item.get("eased_by"), _easing),
        alternatives=tuple(item.get("alternatives", ())),
        capacity=_if_there(item.get("capacity"), _capacity),
        aid_first=_if_there(item.get("aid_first"), _aid_first),
        routed_by=item.get("routed_by", "residence"),
    )


def _text(item: Content) -> Text:
    return Text(item["zh"], item["en"])


def _perhaps(item: Content | None) -> Text | None:
    return _if_there(item, _text)


def _if_there(item: Content | None, build: Callable[[Content], _T]) -> _T | None:
    return None if item is None else build(item)


def _paper(item: Content) -> Paper:
    return Paper(
        item["id"], _text(item["name"]), item["required"], item.get("by_hand", False), item.get("kind", "")
    )


def _criterion(item: Content) -> Criterion:
    return Criterion(item["id"], _text(item["name"]), tuple(_check(check) for check in item["any_of"]))


def _check(item: Content) -> Check:
    return Check(item["field"], item["op"], item["value"], item["standard"], item["times"])


def _easing(item: Content) -> Easing:
    return Easing(tuple(item["programmes"]), _text(item["effect"]))


def _capacity(item: Content) -> Capacity:
    return Capacity(item["places"], date.fromisoformat(item["as_of"]), tuple(item["taken_by"]))


def _aid_first(item: Content) -> AidFirst:
    return AidFirst(item["pay_within"], item["papers_after"])
