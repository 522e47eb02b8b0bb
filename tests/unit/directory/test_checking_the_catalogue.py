"""``check_pack`` on what a catalogue promises: categories and ranks, places, street desks, questions, kinship."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.directory import check_pack
from tests.unit.directory.packs import change, copy_of

BREAKS = [
    ("programmes.yaml", "category: insurance", "category: assurance", "no “assurance” under categories"),
    (
        "programmes.yaml",
        "category: medical\n    rank: 20",
        "category: medical\n    rank: 10",
        "has this rank already",
    ),
    (
        "programmes.yaml",
        "category: education\n    rank: 10",
        "category: health\n    rank: 15",
        "a clinical programme comes before",
    ),
    (
        "programmes.yaml",
        "outcomes: {service-delivered: [sessions], withdrawn: []}",
        "outcomes: {approved: [sessions], withdrawn: []}\n    capacity: {places: 3, as_of: 2026-11-01}",
        "clinical programme cannot have a capacity",
    ),
    ("programmes.yaml", "{places: 40, as_of: 2026-11-01}", "{places: 40, as_of: soon}", "must be a date"),
    (
        "programmes.yaml",
        "taken_by: [service-delivered]",
        "taken_by: [enrolled]",
        "no outcome of this programme",
    ),
    (
        "programmes.yaml",
        "pay_within: {unit: hour, total: 24}",
        "pay_within: {total: 24}",
        "“unit” is missing",
    ),
    ("programmes.yaml", "alternatives: [child-fact]", "alternatives: [child]", "no programme “child”"),
    ("programmes.yaml", "eased_by: {programmes: [dibao", "eased_by: {programmes: [psy", "no programme “psy”"),
    (
        "programmes.yaml",
        "held_when: {field: hard_to_employ, op: equals, value: true}",
        "held_when: {field: hard_to_employ, op: equals, value: often}",
        "“often” does not fit",
    ),
    ("agencies.yaml", 'street: "530103004"', 'street: "530103099"', "no unit “530103099”"),
    ("fields.yaml", "screening: [age, registered_here,", "screening: [age, height,", "no field “height”"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BREAKS, ids=[said for *_, said in BREAKS])
def test_each_mistake_in_the_catalogue_is_named_with_its_line_and_remedy(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / file, old, new)
    found = [error for error in check_pack(pack) if error.file == file and said in error.message.en]
    assert found, [str(error) for error in check_pack(pack)]
    assert any(abs(error.line - line) <= 5 for error in found), found
    assert all(error.message.zh and error.remedy.zh and error.remedy.en for error in found)


def test_a_desk_stands_in_a_street_and_only_once(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    desk = '{street: "530103004", name: {zh: 窗口, en: counter}}'
    other = desk.replace("530103004", "530103004007")
    line = change(
        pack / "agencies.yaml",
        "    desks:\n",
        f"    desks:\n      - {desk}\n      - {other}\n",
    )
    told = {(error.line, error.message.en) for error in check_pack(pack)}
    assert told == {
        (line + 2, "A desk stands in a street: 530103004007 is none."),
        (line + 3, "The id “530103004” is used twice."),
    }


@pytest.mark.parametrize(("street", "wrong"), [("530103004", False), ("530103005", True)])
def test_an_officer_may_sit_at_a_counter_that_the_agency_has(
    tmp_path: Path, street: str, *, wrong: bool
) -> None:
    pack = copy_of("530103", tmp_path)
    posts = f'[{{role: desk, agency: civil-affairs, unit: "{street}"}}]'
    line = change(
        pack / "posts.yaml",
        "  - {id: leader-civil-affairs,",
        f"  - {{id: counter, name: 石可为, posts: {posts}}}\n  - {{id: leader-civil-affairs,",
    )
    told = [(error.line, error.message.en) for error in check_pack(pack)]
    assert told == ([(line, f"civil-affairs has no counter at {street}.")] if wrong else [])


@pytest.mark.parametrize("count", [7, 11])
def test_eligibility_is_looked_at_with_eight_to_ten_questions(tmp_path: Path, count: int) -> None:
    pack = copy_of("530103", tmp_path)
    asked = ["age", "registered_here", "lives_here", "home", "student", "skills", "schooling", "job_wish"]
    asked += ["work_status", "aid_status", "able_to_work", "wants_work"]
    text = (pack / "fields.yaml").read_text(encoding="utf-8")
    start = text.index("screening: [")
    change(
        pack / "fields.yaml",
        text[start : text.index("]", start) + 1],
        f"screening: [{', '.join(asked[:count])}]",
    )
    (error,) = check_pack(pack)
    assert f"There are {count} screening questions" in error.message.en
