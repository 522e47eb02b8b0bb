"""``check_pack``: every error at once, each with file, line and remedy; and never an exception of its own."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from shared.directory import PackErrors, check_pack, load_pack
from shared.directory.messages import MESSAGES
from shared.directory.yaml_source import read_yaml
from tests.unit.directory.packs import change, copy_of

PUBLIC = "hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo"
"""The public key of RFC 8037, Appendix A.6."""

BREAKS = [
    ("district.yaml", "letters: PL", "letters: pl", "capitals"),
    ("district.yaml", "demo: true", "demo: maybe", "true or false"),
    ("district.yaml", "timezone: Asia/Shanghai", "timezone: Asia/Panlong", "no time zone"),
    ("district.yaml", "{unit: working_day, total: 2, starts_on", "{total: 2, starts_on", "“unit” is missing"),
    ("district.yaml", "  agency: health", "  agency: hospital", "no agency “hospital”"),
    ("district.yaml", "办公室, en: Panlong", "禁毒办, en: Panlong", "“禁毒” may not appear"),
    ("district.yaml", "do: [red-notice, circular]", "do: [circular]", "has no notice beside it"),
    ("agencies.yaml", "letters: SB", "letters: MZ", "“MZ” is used twice"),
    ("agencies.yaml", "    keys: platform", "    keys: own", "public_jwk"),
    ("fields.yaml", "{id: phone, kind: contact", "{id: phone, kind: secret", "no data kind “secret”"),
    (
        "fields.yaml",
        "{id: job_wish, kind: employment, type: text",
        "{id: job_wish, kind: employment, type: option",
        "options",
    ),
    ("fields.yaml", "type: number, bounds: {whole", "type: text, bounds: {whole", "not for this type"),
    ("fields.yaml", "{whole: true, least: 1, most: 50}", "{whole: true, least: 60, most: 50}", "at least 60"),
    ("programmes.yaml", "agency: civil-affairs", "agency: civil-affair", "no agency “civil-affair”"),
    ("programmes.yaml", "- id: dibao-single", "- id: dibao", "“dibao” is used twice"),
    ("programmes.yaml", "total: 30, extended_total: 45", "total: 30, extended_total: 5", "less than total"),
    (
        "programmes.yaml",
        "total: 15}}\n    steps: [paper-check",
        "total: 15, units: d}}\n    steps: [paper-check",
        "“units”",
    ),
    ("programmes.yaml", "standard: minimum-living}", "standard: minimum}", "no “minimum” under standards"),
    ("programmes.yaml", "field: able_to_work,", "field: strength,", "no field “strength”"),
    ("programmes.yaml", "value: [jobless, none]", "value: [jobless, nothing]", "no option “nothing”"),
    (
        "programmes.yaml",
        "field: insured_months, op: at_least, value: 12",
        "field: insured_months, op: at_least, value: long",
        "does not fit",
    ),
    (
        "programmes.yaml",
        "papers: [recognition-record, id-card",
        "papers: [record, id-card",
        "no “record” under papers",
    ),
    (
        "programmes.yaml",
        "id: diagnosis, kind: health",
        "id: diagnosis, kind: illness",
        "There is no data kind “illness”",
    ),
    ("programmes.yaml", "steps: [job-matching", "steps: [matching", "no “matching” under steps"),
    (
        "programmes.yaml",
        'law: dibao-review, articles: "7',
        'law: dibao-law, articles: "7',
        "no “dibao-law” under laws",
    ),
    ("programmes.yaml", "    instead: {zh", "    note: {zh", "needs instead"),
    (
        "programmes.yaml",
        "outcomes: {enrolled: [], refused",
        "outcomes: {enroled: [], refused",
        "must be one of",
    ),
    ("programmes.yaml", "excludes: [tekun]", "excludes: [dibao]", "cannot exclude itself"),
    (
        "programmes.yaml",
        "{zh: 支出票据, en: Receipts}",
        "{zh: 戒毒票据, en: Receipts}",
        "“戒毒” may not appear",
    ),
    (
        "posts.yaml",
        'unit: "530103004007"}]}\n  - {id: grid',
        'unit: "530103004099"}]}\n  - {id: grid',
        "no unit “530103004099”",
    ),
    ("posts.yaml", "{role: desk, agency: health}", "{role: desk}", "needs: agency"),
    ("posts.yaml", "demo_password: lantern-bridge-seven-plums", "demo_password: short", "14 characters"),
    (
        "units.csv",
        "530103004007,金星社区居委会,530103004",
        "530103004007,金星社区居委会,530103099",
        "not a parent",
    ),
    (
        "posts.yaml",
        "{role: coordinator}",
        "{role: operator}",
        "lacks a post of the role “coordinator”",
    ),
    ("agencies.yaml", "- id: health", "- id: clinics", "Nobody is at the desk of “clinics”"),
    ("programmes.yaml", "valid_from: 2014-05-01", "valid_from: 2014-13-01", "“valid_from” must be a date"),
    ("calendar.csv", "2026-02-14,work", "2026-02-30,work", "must be a date"),
    ("texts/notices.yaml", "新的转介 {number}", "新的转介 {secret}", "no place called {secret}"),
    ("texts/consent.zh.md", "{how_to_withdraw}", "随时", "lacks {how_to_withdraw}"),
    ("texts/consent.en.md", "# Separate", "# Rehabilitation: separate", "“Rehab” may not appear"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BREAKS, ids=[said for *_, said in BREAKS])
def test_each_mistake_is_named_with_its_line_and_remedy(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / file, old, new)
    found = [error for error in check_pack(pack) if error.file == file and said in error.message.en]
    assert found, [str(error) for error in check_pack(pack)]
    assert any(abs(error.line - line) <= 5 or "lacks" in said for error in found), found
    assert all(error.message.zh and error.remedy.zh and error.remedy.en for error in found)


def test_every_mistake_is_told_at_once_and_none_is_loaded(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    chosen = {
        (file, said): change(pack / file, old, new)
        for file, old, new, said in BREAKS
        # one mistake of each kind per file, so that none hides the text another looks for
        if said not in {"“dibao” is used twice", "no agency “civil-affair”", "cannot exclude itself"}
    }
    with pytest.raises(PackErrors) as refused:
        load_pack(pack)
    told = refused.value.errors
    for file, said in chosen:
        assert any(error.file == file and said in error.message.en for error in told), said
    assert len(told) >= len(chosen)
    assert told == sorted(told, key=lambda error: (error.file, error.line, error.message.en))


def test_a_file_that_cannot_be_parsed_does_not_hide_the_mistakes_of_others(tmp_path: Path) -> None:
    pack = copy_of("141002", tmp_path)
    line = change(pack / "agencies.yaml", "agencies:", "agencies: [")
    change(pack / "district.yaml", "letters: YD", "letters: 7")
    (pack / "fields.yaml").unlink()
    (pack / "posts.yaml").write_bytes("staff: 测试".encode("gbk"))
    files = {error.file: error for error in check_pack(pack)}
    assert files["agencies.yaml"].line >= line
    assert "missing" in files["fields.yaml"].message.en
    assert "UTF-8" in files["posts.yaml"].message.en
    assert "text" in files["district.yaml"].message.en


def test_a_key_written_twice_is_told_together_with_what_else_is_wrong(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "district.yaml", "letters: PL\n", "letters: PL\nletters: pl\n")
    told = [error for error in check_pack(pack) if error.file == "district.yaml"]
    assert [error.line for error in told if "twice" in error.message.en] == [line + 1]
    change(pack / "district.yaml", "demo: true", "demo: 1")
    told = [error for error in check_pack(pack) if error.file == "district.yaml"]
    assert {"twice" in error.message.en for error in told} == {True, False}


def test_what_is_required_cannot_be_excluded_whichever_says_so(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "programmes.yaml", "excludes: [tekun]", "excludes: [tekun]\n    requires: [tekun]")
    (error,) = check_pack(pack)
    assert (error.line, "“tekun” is required here, and excluded" in error.message.en) == (line + 1, True)


def test_a_file_that_is_never_read_is_named(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    (pack / "calender.csv").write_text("date\n", encoding="utf-8")
    (pack / "texts" / "notices.yml").write_text("texts: {}\n", encoding="utf-8")
    (pack / "README.md").write_text("Ours.\n", encoding="utf-8")
    assert [(error.file, "no file called" in error.message.en) for error in check_pack(pack)] == [
        ("calender.csv", True),
        ("texts/notices.yml", True),
    ]


def test_programmes_that_need_one_another_in_a_circle_are_named_where_the_first_of_them_says_so(
    tmp_path: Path,
) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(
        pack / "programmes.yaml",
        "    verified: {all: full-text, decide: design, before-retirement: unverified}\n  - id: hard-emp",
        "    requires: [pub-job]\n    verified: {all: design}\n  - id: hard-emp",
    )
    (error,) = check_pack(pack)
    assert (error.file, error.line) == ("programmes.yaml", line)
    assert "unemp-reg → pub-job → hard-emp → unemp-reg" in error.message.en


def test_an_agency_that_shows_its_private_key_is_stopped(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    own = "    keys: own\n    public_jwk: {kty: OKP, crv: X25519, x: abc, d: secret}"
    change(pack / "agencies.yaml", "    keys: platform", own)
    (error,) = check_pack(pack)
    assert "private key" in error.message.en


def test_an_agency_with_its_own_key_is_accepted(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    own = "    keys: own\n    system: true\n    public_jwk: {kty: OKP, crv: X25519, x: " + PUBLIC + "}"
    change(pack / "agencies.yaml", "    keys: platform", own)
    agency = load_pack(pack).agencies["civil-affairs"]
    assert agency.public_jwk == {"kty": "OKP", "crv": "X25519", "x": PUBLIC}
    assert agency.system


def test_real_packs_hold_no_passwords(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    change(pack / "district.yaml", "demo: true", "demo: false")
    (error,) = check_pack(pack)
    assert error.file == "posts.yaml"
    assert "demo_password" in error.message.en


def test_a_comment_does_not_make_a_new_version_but_a_clock_does(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    before = load_pack(pack).version
    change(pack / "programmes.yaml", "programmes:\n", "programmes: # the list\n")
    assert load_pack(pack).version == before
    change(pack / "programmes.yaml", "total: 60", "total: 61")
    assert load_pack(pack).version != before


@pytest.mark.parametrize("seed", range(25))
def test_however_a_pack_is_mangled_it_is_checked_and_never_breaks_the_checker(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    pack = copy_of("530103", tmp_path)
    for file in chance.sample(sorted(pack.rglob("*.yaml")) + sorted(pack.rglob("*.csv")), 3):
        lines = file.read_text(encoding="utf-8").splitlines()
        for _ in range(3):
            place = chance.randrange(len(lines))
            lines[place] = chance.choice(
                ["", "- 7", "x: [1, {a: null}]", lines[place][: len(lines[place]) // 2], "  " + lines[place]]
            )
        file.write_text("\n".join(lines), encoding="utf-8")
    for error in check_pack(pack):
        assert error.line >= 1
        assert error.message.zh


@pytest.mark.parametrize("seed", range(25))
def test_values_of_the_wrong_shape_anywhere_are_checked_and_never_break_the_checker(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    pack = copy_of("530103", tmp_path)
    file = chance.choice(sorted(pack.rglob("*.yaml")))
    text = file.read_text(encoding="utf-8")
    places = [place for place, sign in enumerate(text) if text[place : place + 2] == ": "]
    for place in sorted(chance.sample(places, 4), reverse=True):
        text = (
            text[: place + 2]
            + chance.choice(["7 #", "null #", "[7, null] #", "{a: 7} #", "true #"])
            + text[place + 2 :]
        )
    file.write_text(text, encoding="utf-8")
    assert all(error.line >= 1 and error.remedy.en for error in check_pack(pack))


def test_every_message_names_its_remedy_in_both_languages() -> None:
    for message, remedy in MESSAGES.values():
        for words in (message, remedy):
            assert words.zh
            assert words.en
            words.format(key="k", value="v")


def test_lines_are_those_an_editor_shows(tmp_path: Path) -> None:
    file = tmp_path / "some.yaml"
    file.write_text("a:\n  - {b: 1}\n  -\n    c: 2\n", encoding="utf-8")
    source, flaws = read_yaml(file)
    assert source is not None
    assert not flaws
    paths = ((), ("a",), ("a", 0, "b"), ("a", 1, "c"), ("a", 1, "missing"))
    assert [source.line(path) for path in paths] == [1, 1, 2, 4, 4]
