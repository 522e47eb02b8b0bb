"""Every key of a pack is taken away or spoilt in turn: it is named with its line, or a default stands for it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from shared.directory import find_pack
from shared.directory.messages import MESSAGES
from shared.directory.yaml_source import Path_
from tests.unit.directory.bench import Bench, Told

ABSENT = object()

FREE = (
    "programmes.*.outcomes",
    "programmes.*.verified",
    "programmes.*.step_limits",
    "programmes.*.clocks",
    "texts",
)
"""Maps that a district fills itself: their keys are names, and one less of them may be what it wants."""


def kind_of(path: Path_) -> str:
    """Write a path with a star for every position and every name that the district chose itself."""
    steps: list[str] = []
    for step in path:
        free = isinstance(step, int) or ".".join(steps) in FREE
        steps.append("*" if free else str(step))
    return ".".join(steps)


@pytest.fixture(scope="module")
def benches() -> dict[str, Bench]:
    return {code: Bench(find_pack(code)) for code in ("530103", "141002")}


def one_of_each(bench: Bench, seed: int) -> list[tuple[str, Path_]]:
    """Choose one key of each kind."""
    chance = random.Random(seed)
    by_kind: dict[tuple[str, str], list[tuple[str, Path_]]] = {}
    for file, path in bench.places():
        by_kind.setdefault((file, kind_of(path)), []).append((file, path))
    return [chance.choice(places) for places in by_kind.values()]


def remove(parent: Any, key: Any) -> None:
    del parent[key]


def misspell(parent: Any, key: Any) -> None:
    value = parent.pop(key)
    parent[f"{key}x"] = value
    parent.lc.data[f"{key}x"] = parent.lc.data[key]


def put(value: Any) -> Callable[[Any, Any], None]:
    def change(parent: Any, key: Any) -> None:
        parent[key] = value

    return change


def wrong_values(value: Any) -> list[Any]:
    """Give values of other types; a whole number may stand for one with a fraction, and nothing else for anything."""
    every: list[Any] = ["7 or so", 7, True, [{"a": 7}], {"a": 7}]
    alike = (
        (bool,)
        if isinstance(value, bool)
        else (int, float)
        if isinstance(value, int | float)
        else (type(value),)
    )
    return [each for each in every if type(each) not in alike]


GONE = object()
DEFAULTS: Mapping[str, Any] = {
    "district.yaml clocks.acknowledge.starts_on": "issued",
    "district.yaml clocks.accept.starts_on": "issued",
    "district.yaml clocks.decide.starts_on": "issued",
    "district.yaml clocks.decide.extended_total": None,
    "district.yaml limits.suspension": {"unit": "calendar_day", "total": 90},
    "district.yaml options.contact": {"from_hour": 8, "until_hour": 20},
    "district.yaml escalation.*.copy_to": [],
    "agencies.yaml agencies.*.desks": [],
    **{f"fields.yaml {section}.*.bounds": None for section in ("person", "derived", "answers")},
    **{
        f"fields.yaml {section}.*.bounds.{name}": default
        for section in ("person", "derived", "answers")
        for name, default in {"whole": False, "least": 0.0, "most": 1e9, "until_today": False}.items()
    },
    "programmes.yaml laws.*.valid_from": None,
    "programmes.yaml laws.*.valid_to": None,
    "programmes.yaml papers.*.by_hand": False,
    "programmes.yaml person_fields": [],
    "programmes.yaml programmes.*.beneficiary": "person",
    "programmes.yaml programmes.*.disclosure": "none",
    "programmes.yaml programmes.*.offered": True,
    "programmes.yaml programmes.*.basis": [],
    "programmes.yaml programmes.*.basis.*.articles": "",
    "programmes.yaml programmes.*.eligibility": [],
    "programmes.yaml programmes.*.eligibility.*.times": 1.0,
    "programmes.yaml programmes.*.eligibility.*.any_of.*.times": 1.0,
    "programmes.yaml programmes.*.papers": [],
    "programmes.yaml programmes.*.papers_if_any": [],
    "programmes.yaml programmes.*.clocks": {},
    "programmes.yaml programmes.*.clocks.*": GONE,
    "programmes.yaml programmes.*.clocks.*.starts_on": "issued",
    "programmes.yaml programmes.*.clocks.*.extended_total": None,
    "programmes.yaml programmes.*.steps": [],
    "programmes.yaml programmes.*.step_limits": {},
    "programmes.yaml programmes.*.step_limits.*": GONE,
    "programmes.yaml programmes.*.publicity": None,
    "programmes.yaml programmes.*.outcomes.*": GONE,
    "programmes.yaml programmes.*.person_fields": [],
    "programmes.yaml programmes.*.fields": [],
    "programmes.yaml programmes.*.requires": [],
    "programmes.yaml programmes.*.excludes": [],
    "programmes.yaml programmes.*.alternatives": [],
    "programmes.yaml programmes.*.held_when": None,
    "programmes.yaml programmes.*.eased_by": None,
    "programmes.yaml programmes.*.capacity": None,
    "programmes.yaml programmes.*.capacity.taken_by": ["approved"],
    "programmes.yaml programmes.*.aid_first": None,
    "programmes.yaml programmes.*.routed_by": "residence",
    "programmes.yaml programmes.*.note": None,
    "programmes.yaml programmes.*.consent_note": None,
    "programmes.yaml programmes.*.verified.*": GONE,
    "posts.yaml demo_password": None,
    "texts/notices.yaml texts.*": GONE,
}
"""What may be left out, and what stands for it then; GONE: one name less in a map that the district fills."""

Spoil = Callable[[Any, Any], None]


def named(bench: Bench, file: str, path: Path_, told: Told) -> bool:
    """Tell whether a flaw names the key or what stood there, or points at the map it belongs to; in good words."""
    for _, flaw in told:
        for words in MESSAGES[flaw.code]:
            filled = words.format(key=flaw.key, value=flaw.value)
            assert filled.zh
            assert filled.en
    source, key = bench.sources[file], str(path[-1])
    around = bench.value(file, path[:-1])
    lines = {source.line(path[:-1]), *(source.line((*path[:-1], name)) for name in around)}
    there = repr(around.get(key, around))
    return any(
        flaw.key == key
        or key in flaw.value
        or (flaw.code.startswith("unknown-") and repr(flaw.value) in there)
        or (where == file and min(lines) <= flaw.line <= max(lines) + 9)  # a value may take several lines
        for where, flaw in told
    )


def after_taking_away(bench: Bench, file: str, path: Path_) -> str | None:
    """Take a key away; gives what is wrong with what is said of it, if anything is."""
    told, loaded = bench.change(file, path, remove)
    if told:
        return None if named(bench, file, path, told) else f"{file} {path}: not named in {told}"
    default = DEFAULTS.get(f"{file} {kind_of(path)}", ABSENT)
    if default is GONE:
        return None
    # What a programme lists as fields is loaded under another name.
    for step in (*path[:-1], "disclosed" if path[0::2] == ("programmes", "fields") else path[-1]):
        loaded = loaded[step]
    return None if loaded == default else f"{file} {path}: {loaded!r} stands for it, which nobody said"


def after_spoiling(bench: Bench, file: str, path: Path_, spoil: Spoil, what: str) -> str | None:
    """Spoil a key; gives what is wrong with what is said of it, if anything is."""
    told, _ = bench.change(file, path, spoil)
    return None if told and named(bench, file, path, told) else f"{file} {path} {what}: {told}"


def may_be_null(file: str, path: Path_) -> bool:
    return DEFAULTS.get(f"{file} {kind_of(path)}", ABSENT) is None


def wrongs(
    bench: Bench, places: list[tuple[str, Path_]], chance: random.Random | None
) -> Iterator[str | None]:
    """Spoil each place: its name, its value taken away, and values of another kind (one of them, with a chance)."""
    for file, path in places:
        if kind_of(path) != "programmes.*.verified.*":  # any word may say which part was checked
            yield after_spoiling(bench, file, path, misspell, "misspelt")
        if not may_be_null(file, path):
            yield after_spoiling(bench, file, path, put(None), "null")
        values = wrong_values(bench.value(file, path))
        for value in (
            values
            if chance is None
            else {repr(one): one for one in (values[-2], chance.choice(values))}.values()
        ):
            yield after_spoiling(bench, file, path, put(value), f"= {value!r}")


@pytest.mark.parametrize("code", ["530103", "141002"])
def test_a_key_that_is_taken_away_is_named_or_a_default_stands_for_it(
    benches: dict[str, Bench], code: str
) -> None:
    bench = benches[code]
    found = [after_taking_away(bench, file, path) for file, path in one_of_each(bench, seed=20261122)]
    assert [each for each in found if each] == []


def test_a_key_that_is_spoilt_is_named(benches: dict[str, Bench]) -> None:
    bench = benches["530103"]
    chance = random.Random(20261122)
    places = chance.sample(one_of_each(bench, seed=7), 100)
    assert [each for each in wrongs(bench, places, chance) if each] == []


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("code", ["530103", "141002"])
def test_every_single_key_is_named_when_it_is_taken_away_or_spoilt(
    benches: dict[str, Bench], code: str
) -> None:
    bench = benches[code]
    places = list(bench.places())
    found = [after_taking_away(bench, file, path) for file, path in places]
    assert [each for each in found if each] == []
    assert [each for each in wrongs(bench, places, None) if each] == []
