"""What widens disclosure: everything that would pass more to more hands, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.directory import District, load_pack
from shared.directory.content import district_from
from shared.directory.differences import Difference, differences
from shared.directory.widening import RULES, matches, widened
from tests.builders import the_district
from tests.examples import examples

Content = dict[str, Any]
Edit = Callable[[Content], object]


def edited(*edits: Edit) -> District:
    """Change a copy of a pack's content; what comes of it need not be a pack that the checker would let through."""
    content = orjson.loads(orjson.dumps(the_district().content))
    for edit in edits:
        edit(content)
    return district_from(content, version="0" * 16, service=None)


def by_id(items: list[Content], name: str) -> Content:
    return next(item for item in items if item["id"] == name)


def programme(content: Content, name: str = "pension") -> Content:
    return by_id(content["programmes"], name)


def agency(content: Content, name: str = "civil-affairs") -> Content:
    return by_id(content["agencies"], name)


def a_copy(items: list[Content], name: str) -> None:
    items.append({**deepcopy(items[0]), "id": name})


A_WORD = {"zh": "另一句话", "en": "another sentence"}

WIDENS: list[tuple[str, str, Edit]] = [
    ("agencies.yaml", "agencies.archive", lambda c: a_copy(c["agencies"], "archive")),
    ("agencies.yaml", "agencies.civil-affairs.keys", lambda c: agency(c).update(keys="own", public_jwk={})),
    (
        "agencies.yaml",
        "agencies.civil-affairs.public_jwk",
        lambda c: agency(c).update(public_jwk={"kty": "OKP"}),
    ),
    ("agencies.yaml", "agencies.civil-affairs.system", lambda c: agency(c).update(system=True)),
    ("agencies.yaml", "agencies.civil-affairs.name.zh", lambda c: agency(c)["name"].update(zh="别的单位")),
    ("programmes.yaml", "programmes.another", lambda c: a_copy(c["programmes"], "another")),
    ("programmes.yaml", "programmes.pension.agency", lambda c: programme(c).update(agency="employment")),
    (
        "programmes.yaml",
        "programmes.pension.disclosure",
        lambda c: programme(c).update(disclosure="category"),
    ),
    ("programmes.yaml", "programmes.psy.disclosure", lambda c: programme(c, "psy").update(disclosure="none")),
    ("programmes.yaml", "programmes.hiv.offered", lambda c: programme(c, "hiv").update(offered=True)),
    ("programmes.yaml", "programmes.pension.fields", lambda c: programme(c)["fields"].append("diagnosed")),
    (
        "programmes.yaml",
        "programmes.pension.person_fields",
        lambda c: programme(c)["person_fields"].append("beneficiary"),
    ),
    (
        "programmes.yaml",
        "programmes.pension.papers.diagnosis",
        lambda c: programme(c)["papers"].append({"id": "diagnosis", "name": A_WORD, "required": False}),
    ),
    (
        "programmes.yaml",
        "programmes.pension.publicity",
        lambda c: programme(c).update(publicity=programme(c, "dibao")["publicity"]),
    ),
    (
        "programmes.yaml",
        "programmes.dibao.publicity.fields",
        lambda c: programme(c, "dibao")["publicity"]["fields"].append("category"),
    ),
    ("programmes.yaml", "programmes.pension.name.en", lambda c: programme(c)["name"].update(en="Allowance")),
    (
        "programmes.yaml",
        "programmes.psy.consent_note",
        lambda c: programme(c, "psy").update(consent_note=A_WORD),
    ),
    (
        "fields.yaml",
        "data_kinds.income.label.zh",
        lambda c: by_id(c["data_kinds"], "income")["label"].update(zh="一切"),
    ),
    (
        "fields.yaml",
        "answers.diagnosed.kind",
        lambda c: by_id(c["answer_fields"], "diagnosed").update(kind="identity"),
    ),
    (
        "fields.yaml",
        "person.phone.kind",
        lambda c: by_id(c["person_fields"], "phone").update(kind="identity"),
    ),
    ("district.yaml", "demo", lambda c: c.update(demo=False)),
    ("district.yaml", "health_service.agency", lambda c: c["health_service"].update(agency="employment")),
    ("district.yaml", "options.consent.months", lambda c: c["options"]["consent"].update(months=24)),
    (
        "district.yaml",
        "options.consent.reask_cooldown_days",
        lambda c: c["options"]["consent"].update(reask_cooldown_days=7),
    ),
    (
        "district.yaml",
        "options.consent.guardian_under",
        lambda c: c["options"]["consent"].update(guardian_under=10),
    ),
    (
        "district.yaml",
        "options.retention.closed_case_years",
        lambda c: c["options"]["retention"].update(closed_case_years=30),
    ),
    ("texts/consent.zh.md", "", lambda c: c["texts"]["consent"].update(zh="同意一切")),
    ("texts/notices.yaml", "texts.consent.effect.zh", lambda c: c["texts"]["consent.effect"].update(zh="无")),
    (
        "posts.yaml",
        "staff.operator.posts",
        lambda c: by_id(c["staff"], "operator").update(
            posts=[{"role": "auditor", "agency": None, "unit": None, "duty": "data-protection"}]
        ),
    ),
    (
        "posts.yaml",
        "staff.another",
        lambda c: c["staff"].append({**deepcopy(by_id(c["staff"], "auditor")), "id": "another"}),
    ),
]


@pytest.mark.parametrize(("file", "key", "edit"), WIDENS, ids=[f"{file} {key}" for file, key, _ in WIDENS])
def test_what_passes_more_to_more_hands_is_named_with_its_place(file: str, key: str, edit: Edit) -> None:
    found = widened(the_district(), edited(edit))
    assert (file, key) in [(each.file, each.key) for each in found]
    assert all(each.what.zh and each.what.en and "{" not in each.what.en for each in found)


NARROWS: list[tuple[str, Edit]] = [
    ("a programme less", lambda c: c["programmes"].remove(programme(c))),
    ("a field less", lambda c: programme(c)["fields"].pop()),
    ("a paper less", lambda c: programme(c, "dibao")["papers"].pop()),
    ("no longer published", lambda c: programme(c, "dibao").update(publicity=None)),
    ("no longer offered", lambda c: programme(c).update(offered=False, instead=A_WORD)),
    ("a consent shorter", lambda c: c["options"]["consent"].update(months=6)),
    ("grown up later", lambda c: c["options"]["consent"].update(guardian_under=16)),
    ("kept shorter", lambda c: c["options"]["retention"].update(closed_case_years=1)),
    ("a clock", lambda c: c["clocks"]["decide"].update(total=5)),
    ("the calendar", lambda c: c["calendar"].pop()),
    ("an address", lambda c: agency(c)["contact"].update(A_WORD)),
    ("the office's own name", lambda c: c["handler"].update(A_WORD)),
    ("the grid", lambda c: c["units"].pop()),
    ("an everyday post", lambda c: a_copy(c["staff"], "second-desk")),
    ("a new field that no programme passes on", lambda c: a_copy(c["answer_fields"], "shoe_size")),
    ("another order", lambda c: c["programmes"].reverse()),
    ("nobody approves any more", lambda c: by_id(c["staff"], "auditor").update(posts=[])),
]


@pytest.mark.parametrize(("what", "edit"), NARROWS, ids=[what for what, _ in NARROWS])
def test_what_passes_no_more_to_anybody_widens_nothing(what: str, edit: Edit) -> None:
    assert widened(the_district(), edited(edit)) == []
    assert differences(the_district().content, edited(edit).content) != []


def test_a_pack_differs_in_nothing_from_itself() -> None:
    assert differences(the_district().content, edited().content) == []
    assert widened(the_district(), edited()) == []


@settings(max_examples=examples(25))
@given(st.data())
def test_a_pack_from_which_things_were_taken_widens_nothing_and_the_way_back_does(
    data: st.DataObject,
) -> None:
    lists = [
        (item["id"], name)
        for item in the_district().content["programmes"]
        for name in ("fields", "person_fields", "papers")
        if item[name]
    ]
    chosen = data.draw(st.lists(st.sampled_from(lists), min_size=1, max_size=5, unique=True))
    content = dict(edited().content)
    for item, name in chosen:
        values = programme(content, item)[name]
        values.pop(data.draw(st.integers(0, len(values) - 1)))
    less = edited(lambda whole: whole.update(content))
    assert widened(the_district(), less) == []
    assert len(widened(less, the_district())) == len(chosen)


def test_another_district_altogether_widens_whatever_it_has_more() -> None:
    found = widened(the_district("530103"), the_district("141002"))
    assert {each.file for each in found} == {"agencies.yaml"}
    assert widened(load_pack("141002"), the_district("141002")) == []


def test_what_differs_is_told_by_key_with_both_values_and_no_secret() -> None:
    new = edited(
        lambda c: programme(c)["clocks"].update(decide={**programme(c)["clocks"]["decide"], "total": 3}),
        lambda c: by_id(c["staff"], "hut").update(demo_password="another-long-secret"),
        lambda c: c["agencies"].reverse(),
        lambda c: c["staff"].pop(),
    )
    found = differences(the_district().content, new.content)
    clock = next(each for each in found if each.file == "programmes.yaml")
    assert (clock.place, clock.kind, clock.new) == ("programmes.pension.clocks.decide.total", "changed", 3)
    assert Difference("agencies.yaml", ("agencies",), "reordered") in found
    assert {each.kind for each in found} == {"changed", "reordered", "removed"}
    assert "secret" not in repr(found)
    assert "lantern" not in repr(found)


HARMLESS = """
agencies.yaml agencies.*.letters, agencies.*.contact.**, agencies.*.desks.**
calendar.csv **
district.yaml code, letters, name.**, product_name.**, hut_title.**, handler.**, timezone
district.yaml specialist_check, clocks.**, limits.**
district.yaml health_service.name.**, escalation.**, standards.**, options.outcomes_for_all, options.on_silence
district.yaml options.extension_needs, options.supplement.**, options.retention.provision_log_years
district.yaml options.retention.audit_log_years, options.contact.**
fields.yaml data_kinds.*.id, screening.**
fields.yaml person.*.type, person.*.label.**, person.*.options.**, person.*.id
fields.yaml derived.*.type, derived.*.label.**, derived.*.options.**, derived.*.id
fields.yaml answers.*.type, answers.*.label.**, answers.*.options.**, answers.*.id
fields.yaml person.*.bounds.**, derived.*.bounds.**, answers.*.bounds.**
posts.yaml staff.*.name, staff.*.demo_password, staff.*.id
programmes.yaml categories.**, laws.**
programmes.yaml programmes.*.id, programmes.*.basis.**, programmes.*.eligibility.**, programmes.*.clocks.**
programmes.yaml programmes.*.steps.**, programmes.*.outcomes.**, programmes.*.instead.**, programmes.*.beneficiary
programmes.yaml programmes.*.requires, programmes.*.excludes, programmes.*.note.**, programmes.*.verified.**
programmes.yaml programmes.*.papers.*.id, programmes.*.papers.*.name.**, programmes.*.papers.*.required
programmes.yaml programmes.*.publicity.unit, programmes.*.publicity.total, programmes.*.publicity.counts
programmes.yaml programmes.*.publicity.minors
programmes.yaml programmes.*.category, programmes.*.rank, programmes.*.alternatives, programmes.*.held_when.**
programmes.yaml programmes.*.eased_by.**, programmes.*.capacity.**, programmes.*.aid_first.**, programmes.*.routed_by
texts/notices.yaml texts.referral.*.**, texts.person.*.**
units.csv **
"""
"""What a pack may say anew without a second person: rules of procedure, words nobody signs, and who works where."""


def harmless() -> Iterator[tuple[str, tuple[str, ...]]]:
    for line in HARMLESS.strip().splitlines():
        file, _, patterns = line.partition(" ")
        yield from ((file, tuple(each.strip().split("."))) for each in patterns.split(","))


def test_of_every_key_of_a_pack_it_is_settled_whether_it_widens() -> None:
    patterns = [(file, pattern) for file, pattern, _ in RULES] + list(harmless())
    unsettled = set()
    for code in ("530103", "141002"):
        content = the_district(code).content
        empty = {name: _emptied(value) for name, value in content.items()}
        for found in differences(empty, content):
            key = (
                tuple(part for step in found.key for part in step.split("."))
                if found.file == "texts/notices.yaml"
                else found.key
            )
            if not any(file == found.file and _fits(pattern, found.key, key) for file, pattern in patterns):
                unsettled.add(f"{found.file} {found.place}")
    assert unsettled == set()


def _fits(pattern: tuple[str, ...], key: tuple[str, ...], split: tuple[str, ...]) -> bool:
    return matches(pattern, key) or matches(pattern, split)


def _emptied(value: Any) -> Any:
    """Put something else in the place of every leaf, so that every key differs."""
    if isinstance(value, dict):
        return {
            name: item if name in {"id", "code", "layer", "date"} else _emptied(item)
            for name, item in value.items()
        }
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [_emptied(item) for item in value]
    return value if value == [] else "something else"
