"""The disk, the pack that lies there, and web processes that do not answer."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from deploy.doctor import machine
from deploy.local.ports import free_port
from shared.directory import find_pack, load_pack

CODE = "530103"


def test_a_disk_with_room_is_not_mentioned(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FULL_PERCENT", 101)
    assert machine.disk(tmp_path / "not" / "made", "here") == []


def test_a_full_disk_is_told_with_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "FULL_PERCENT", 0)
    monkeypatch.setattr(machine, "MUCH_LEFT", 2**60)
    usage = shutil.disk_usage(tmp_path)
    (trouble,) = machine.disk(tmp_path, "here")
    percent = 100 * usage.used // (usage.used + usage.free)
    assert f"is {percent} % full" in trouble.what.en
    assert str(tmp_path) not in trouble.what.en, "where data lies is nobody's business outside"


@pytest.mark.parametrize(("free", "told"), [(2**30, True), (100 * 2**30, False)])
def test_five_per_cent_of_a_large_disk_are_plenty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, told: bool
) -> None:
    usage = SimpleNamespace(used=19 * free, free=free)
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _folder: usage)  # type: ignore[attr-defined]
    found = machine.disk(tmp_path, "here")
    assert bool(found) is told
    if told:
        assert found[0].what.en == "The disk of the data folder of here is 95 % full, 1024 MB are left."


@pytest.fixture
def pack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack on this machine that a test may change."""
    copy = shutil.copytree(find_pack(CODE), tmp_path / CODE)
    monkeypatch.setattr("shared.directory.pack.PACKS", tmp_path)
    return copy


def test_a_pack_that_is_in_force_is_not_mentioned(pack: Path) -> None:
    assert machine.PackOnDisk(CODE).compared(load_pack(pack)) == []


def test_a_pack_that_was_changed_and_not_applied_is_told_with_both_versions(pack: Path) -> None:
    applied, looking = load_pack(pack), machine.PackOnDisk(CODE)
    assert looking.compared(applied) == []
    calendar = pack / "units.csv"
    calendar.write_text(calendar.read_text().replace("盘龙", "龙盘", 1))
    os.utime(calendar, ns=(1, 1))
    (trouble,) = looking.compared(applied)
    assert trouble.code == "pack-not-applied"
    assert applied.version in trouble.what.en


def test_a_pack_with_errors_is_told_with_their_number(pack: Path) -> None:
    applied = load_pack(pack)
    programmes = pack / "programmes.yaml"
    programmes.write_text(programmes.read_text().replace("agency: employment", "agency: nowhere", 1))
    (trouble,) = machine.PackOnDisk(CODE).compared(applied)
    assert trouble.what.en.startswith("Errors in the district pack on this machine: ")


def test_a_pack_that_lies_elsewhere_is_not_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.directory.pack.PACKS", tmp_path)
    assert machine.PackOnDisk("999999").compared(None) == []


def test_a_web_process_that_does_not_answer_is_named_by_its_address() -> None:
    address = f"127.0.0.1:{free_port()}"
    (trouble,) = machine.web("referrals", [address])
    assert trouble.what.en == f"The web process of referrals at {address} does not answer."
    assert "serve referrals" in trouble.remedy.en
