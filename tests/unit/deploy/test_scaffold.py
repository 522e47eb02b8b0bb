"""A pack begun from the division list: complete, right at once, and with nothing of the district it was copied from."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.scaffold import CannotScaffold, Unit, grid, scaffold
from shared.directory import check_pack, find_pack, load_pack
from shared.directory.validation import residence_problem

HEADER = "code,name\n"


@pytest.mark.parametrize(
    ("code", "name", "letters", "streets"),
    [("530111", "官渡区", "GD", 12), ("141028", "吉县", "JX", 7), ("152921", "阿拉善左旗", "ALS", 15)],
)
def test_any_district_of_the_official_list_gets_a_pack_that_is_right(
    tmp_path: Path, code: str, name: str, letters: str, streets: int
) -> None:
    units = grid(code, [])
    scaffold(tmp_path / code, units)
    assert check_pack(tmp_path / code) == []
    pack = load_pack(tmp_path / code)
    assert (pack.code, pack.letters, pack.units[code].name) == (code, letters, name)
    assert sum(unit.level == "street" for unit in pack.units.values()) == streets
    assert {(unit.source, unit.year) for unit in pack.units.values()} == {("MCA", 2025)}
    assert list(pack.homes) == [unit.code for unit in units[1:]]
    assert not pack.demo
    assert all(member.demo_password is None for member in pack.staff)
    assert set(pack.programmes) == set(load_pack("530103").programmes)
    written = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / code).rglob("*.*"))
    for foreign in ("盘龙", "Panlong", "530103", "联盟", "Kunming", "林秋禾"):
        assert foreign not in written


def test_where_a_list_knows_communities_of_some_streets_alone_people_live_there_or_in_the_others(
    tmp_path: Path,
) -> None:
    units = grid("530111", [])
    street, community = units[1].code, f"{units[1].code}001"
    units.append(Unit(community, "某社区", "MCA", "2025"))
    scaffold(tmp_path / "pack", units)
    pack = load_pack(tmp_path / "pack")
    assert residence_problem(community, pack) is None
    assert residence_problem(units[2].code, pack) is None
    for wrong in (street, "530111"):
        assert "Choose down to the community" in str(residence_problem(wrong, pack))


def test_a_district_of_no_street_is_told_what_to_give() -> None:
    with pytest.raises(CannotScaffold, match="No list has a street of 460202") as refused:
        grid("460202", [])
    assert "--units" in refused.value.remedy.en
    assert "deploy/districts/README.md" in refused.value.remedy.zh


def test_communities_come_from_a_list_of_the_districts_own(tmp_path: Path) -> None:
    units = grid("530103", [find_pack("530103") / "units.csv"])
    scaffold(tmp_path / "pack", units)
    assert check_pack(tmp_path / "pack") == []
    pack = load_pack(tmp_path / "pack")
    assert pack.units == load_pack("530103").units
    hut = next(member for member in pack.staff if member.id == "hut").posts[0].unit
    assert pack.units[str(hut)].level == "community"


def test_a_list_may_fill_up_its_codes_and_hold_all_of_china(tmp_path: Path) -> None:
    rows = (
        "530111000000,官渡区\n530111001000,吴井街道\n530111001001,吴井社区居委会\n110101001001,多福巷社区\n"
    )
    (tmp_path / "NBS.csv").write_bytes((HEADER + rows).encode("utf-8-sig"))
    units = grid("530111", [tmp_path / "NBS.csv"], year="2023")
    assert [(unit.code, unit.parent, unit.level, unit.source, unit.year) for unit in units] == [
        ("530111", "", "district", "NBS", "2023"),
        ("530111001", "530111", "street", "NBS", "2023"),
        ("530111001001", "530111001", "community", "NBS", "2023"),
    ]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (f"{HEADER}5.30111E+11,吴井社区\n", "NBS.csv:2: “5.30111E+11” is not a division code"),
        (f"{HEADER}530111001001,\n", "NBS.csv:2: “name” is empty"),
        ("id,label\n1,2\n", "NBS.csv:1: The header must be"),
        (f"{HEADER}530111099001,某社区\n", "530111099 above it is in no list"),
        (f"{HEADER}110101001001,多福巷社区\n", "lists nothing of 530111"),
    ],
)
def test_a_list_that_is_wrong_is_told_by_its_line(tmp_path: Path, rows: str, said: str) -> None:
    (tmp_path / "NBS.csv").write_text(rows, encoding="utf-8")
    with pytest.raises(CannotScaffold) as refused:
        grid("530111", [tmp_path / "NBS.csv"])
    assert said in refused.value.problem.en


@pytest.mark.parametrize("code", ["999999", "53", "abcdef", ""])
def test_what_is_no_districts_code_is_refused(code: str) -> None:
    with pytest.raises(CannotScaffold, match="No list has"):
        grid(code, [])


def test_nothing_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack" / "notes.txt").touch()
    with pytest.raises(CannotScaffold, match="is there already"):
        scaffold(tmp_path / "pack", grid("530111", []))
    assert [file.name for file in (tmp_path / "pack").iterdir()] == ["notes.txt"]
