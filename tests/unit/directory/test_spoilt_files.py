"""Files as people really leave them: other encodings, spreadsheets' codes, keys written twice, tabs, open quotes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from shared.directory import check_pack
from shared.directory.trust_checks import RESERVED_PARTIES
from shared.sealing.packets import RESERVED
from tests.unit.directory.packs import change, copy_of

Spoil = Callable[[Path], object]


def again(encoding: str) -> Spoil:
    return lambda file: file.write_bytes(file.read_text(encoding="utf-8").encode(encoding))


def with_bytes(old: bytes, new: bytes) -> Spoil:
    return lambda file: file.write_bytes(file.read_bytes().replace(old, new))


def as_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def written(text: str) -> Spoil:
    return lambda file: file.write_text(text, encoding="utf-8")


REPEATED = "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcde", "bcdef", strict=True)
)

WHOLE: list[tuple[str, Spoil, str]] = [
    ("units.csv", again("gbk"), "UTF-8"),
    ("calendar.csv", again("utf-16"), "UTF-8"),
    ("agencies.yaml", again("gb18030"), "UTF-8"),
    ("texts/consent.zh.md", again("gbk"), "UTF-8"),
    ("units.csv", with_bytes(b",", b";"), "header must be"),
    ("units.csv", with_bytes(b",", b"\t"), "separated by commas"),
    ("units.csv", written(""), "header must be"),
    ("units.csv", written("code,name,parent,level,source,year\n"), "Exactly one row"),
    ("units.csv", as_folder, "cannot be opened"),
    ("agencies.yaml", as_folder, "cannot be opened"),
    ("agencies.yaml", written(""), "must hold keys and values"),
    ("agencies.yaml", written("- a list\n"), "must hold keys and values"),
    ("agencies.yaml", written("agencies: []\n---\nagencies: []\n"), "another document"),
    ("agencies.yaml", written("agencies: " + "[" * 3000), "nested too deeply"),
    ("agencies.yaml", written(f"a: &a [x, x]\n{REPEATED}"), "cannot be repeated"),
    ("agencies.yaml", written("agencies: &a [*a]\n"), "agencies"),
    ("texts/notices.yaml", Path.unlink, "missing"),
]


@pytest.mark.parametrize(
    ("file", "spoil", "said"), WHOLE, ids=[f"{n}-{file}-{said}" for n, (file, _, said) in enumerate(WHOLE)]
)
def test_a_file_that_is_spoilt_as_a_whole_is_told_once_and_hides_nothing(
    tmp_path: Path, file: str, spoil: Spoil, said: str
) -> None:
    pack = copy_of("530103", tmp_path)
    spoil(pack / file)
    line = change(pack / "district.yaml", "letters: PL", "letters: pl")
    errors = check_pack(pack)
    assert any(error.file == file and said in error.message.en + error.remedy.en for error in errors), errors
    assert any(error.file == "district.yaml" and error.line == line for error in errors)


def test_what_windows_programs_add_does_no_harm(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    for file in ("units.csv", "calendar.csv", "agencies.yaml", "texts/consent.zh.md"):
        text = (pack / file).read_text(encoding="utf-8")
        (pack / file).write_bytes(text.replace("\n", "\r\n").encode("utf-8-sig"))
    text = (pack / "units.csv").read_text(encoding="utf-8")
    (pack / "units.csv").write_text(text + ",,,,,\n\n", encoding="utf-8")
    assert check_pack(pack) == []


UNIT = "530103004007,金星社区居委会,530103004,community,NBS,2023"
ROWS = [
    ("5.30103E+11,a,530103004,community,NBS,2023", "a spreadsheet has made a number of it"),
    ("530103004097.0,b,530103004,community,NBS,2023", "a spreadsheet has made a number of it"),
    ("'530103004096,c,530103004,community,NBS,2023", "a spreadsheet has made a number of it"),
    ("５３０１０３００４０９５,d,530103004,community,NBS,2023", "a spreadsheet has made a number of it"),
    ("530103004094,e,5.30103E+08,community,NBS,2023", "a spreadsheet has made a number of it"),
    ("53010300409,f,530103004,community,NBS,2023", "is not a division code"),
    ("141002004093,g,530103004,community,NBS,2023", "is not of the district 530103"),
    ("530103092,h,530103004,community,NBS,2023", "has 12 digits"),
    ("530103004091,i,530103099,community,NBS,2023", "is not a parent"),
    ("530103004090,j,,community,NBS,2023", "“–” is not a parent"),
    ("530103004089,k,530103004,village,NBS,2023", "must be one of"),
    ("530103004088,l,530103004,community,NBS,last", "is no year"),
    ("530103004087,m,530103004,community,,2023", "“source” is empty"),
    ("530103004086,,530103004,community,NBS,2023", "“name” is empty"),
    ('530103004085,"n,530103004,community,NBS,2023', "never closed"),
    ("530103004084,o,530103004,community,NBS", "wrong number of columns"),
    (UNIT, "is used twice"),
]


def test_each_wrong_row_of_the_grid_is_told_by_its_line(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    units = pack / "units.csv"
    first = len(units.read_text(encoding="utf-8").splitlines()) + 1
    units.write_text(
        units.read_text(encoding="utf-8") + "\n".join(row for row, _ in ROWS) + "\n", encoding="utf-8"
    )
    told = [(error.line, error.message.en) for error in check_pack(pack) if error.file == "units.csv"]
    for line, (row, said) in enumerate(ROWS, first):
        assert any(said in message for at, message in told if at == line), row
    assert len(told) == len(ROWS)


def test_an_invisible_character_is_told_by_its_line(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "units.csv", "金星", "金\0星")
    (error,) = [error for error in check_pack(pack) if error.file == "units.csv"]
    assert (error.line, "invisible" in error.message.en) == (line, True)


SPOTS = [
    ("letters: PL\n", "letters: PL\nletters: PX\n", 1, "“letters” is written twice"),
    (
        "timezone: Asia/Shanghai\n",
        "timezone: Asia/Shanghai\ntimezone: Asia/Shanghai\n",
        1,
        "“timezone” is written twice",
    ),
    (
        "{unit: working_day, total: 2, ",
        "{unit: working_day, total: 2, total: 2, ",
        0,
        "“total” is written twice",
    ),
    ("specialist_check: false\n", "specialist_check: false\n7: false\n", 1, "“7” is not known here"),
    ("    amount: 800", "    amount: .inf", 0, "“amount” must be a number"),
    ("    amount: 3500", "    amount: .nan", 0, "“amount” must be a number"),
    (
        "first_contact: {unit: working_day, total: 5}",
        "first_contact: {unit: working_day, total: 99999}",
        0,
        "at most 3650",
    ),
    ("  - {at: 1, do", "  - {at: 0, do", 0, "comes after a later one, or twice"),
]


def test_each_wrong_spot_of_a_file_is_told_by_its_line(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    lines = [change(pack / "district.yaml", old, new) for old, new, _, _ in SPOTS]
    told = [(error.line, error.message.en) for error in check_pack(pack) if error.file == "district.yaml"]
    for line, (old, _, below, said) in zip(lines, SPOTS, strict=True):
        # What was written in above it has moved it down.
        moved = sum(
            other < line and added.count("\n") > 1
            for other, (_, added, _, _) in zip(lines, SPOTS, strict=True)
        )
        assert any(said in message and line <= at <= line + moved + below for at, message in told), old


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ("\tletters: MZ", "no tabs"),
        ("    letters: !!python/object/apply:os.system MZ", "The tag"),
        ("    letters: !!python/object/apply:os.system [MZ]", "“!!python/object/apply:os.system”"),
        ("    letters: !!int MZ", "The tag"),
        ("    letters: *other", "undefined alias"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(tmp_path: Path, new: str, said: str) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "agencies.yaml", "    letters: MZ", new)
    (error,) = check_pack(pack)
    assert (error.file, error.line) == ("agencies.yaml", line)
    assert said in error.message.en + error.remedy.en


@pytest.mark.parametrize(
    ("jwk", "said"),
    [
        ("{kty: RSA, n: abc}", "no public key"),
        ("{kty: OKP, crv: X25519, x: abc}", "no public key"),
        ("{kty: OKP, crv: X25519, x: [1]}", "no public key"),
        ("{keys: []}", "no public key"),
        (
            "{keys: [{kty: OKP, crv: Ed25519, x: hSDwCYkwp1R0i33ctD73Wg2_Og0mOBr066SpjqqbTmo}]}",
            "no public key",
        ),
    ],
)
def test_a_key_to_which_nothing_can_be_sealed_is_refused(tmp_path: Path, jwk: str, said: str) -> None:
    pack = copy_of("530103", tmp_path)
    change(pack / "agencies.yaml", "    keys: platform", f"    keys: own\n    public_jwk: {jwk}")
    (error,) = check_pack(pack)
    assert said in error.message.en


def test_no_agency_takes_a_name_of_the_platforms_own(tmp_path: Path) -> None:
    assert RESERVED_PARTIES == RESERVED
    pack = copy_of("530103", tmp_path)
    change(pack / "agencies.yaml", "- id: housing", "- id: intake")
    assert any("name of the platform" in error.message.en for error in check_pack(pack))


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("{role: auditor}", "Nobody has the duty"),
        ("{role: operator, duty: data-protection}", "Only the role auditor"),
    ],
)
def test_somebody_who_is_bound_to_approves_what_widens(tmp_path: Path, post: str, said: str) -> None:
    pack = copy_of("530103", tmp_path)
    change(pack / "posts.yaml", "{role: auditor, duty: data-protection}", post)
    (error,) = check_pack(pack)
    assert said in error.message.en


def test_a_wrong_disclosure_is_one_error_and_buries_nothing(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(pack / "programmes.yaml", "disclosure: clinical", "disclosure: clinicl")
    (error,) = check_pack(pack)
    assert (error.file, error.line) == ("programmes.yaml", line)


def test_a_condition_needs_its_comparison(tmp_path: Path) -> None:
    pack = copy_of("530103", tmp_path)
    line = change(
        pack / "programmes.yaml", "field: registered_here, op: equals, ", "field: registered_here, "
    )
    (error,) = check_pack(pack)
    assert (error.line, "field and op" in error.message.en) == (line, True)
