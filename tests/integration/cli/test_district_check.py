"""``carehut district check``: every error of a pack in one run, each with its file, its line and its remedy."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from shared.directory import find_pack
from tests.integration.cli.conftest import Carehut
from tests.unit.directory.packs import change

WRONG = [
    ("agencies.yaml", "letters: SB", "letters: MZ"),
    ("district.yaml", "timezone: Asia/Shanghai", "timezone: Asia/Panlong"),
    ("fields.yaml", "{id: phone, kind: contact", "{id: phone, kind: secret"),
    ("programmes.yaml", "agency: employment", "agency: nowhere"),
    (
        "programmes.yaml",
        "    verified: {all: full-text, decide: design, before-retirement: unverified}\n  - id: hard-emp",
        "    requires: [pub-job]\n    verified: {all: design}\n  - id: hard-emp",
    ),
]
"""The last closes a circle of programmes that need one another."""
SAID = {
    "zh_CN.UTF-8": (
        "这些项目互相依赖：unemp-reg → pub-job → hard-emp → unemp-reg。 请去掉其中一个 requires。",
        "5 处错误",
    ),
    "en_GB.UTF-8": (
        "in a circle: unemp-reg → pub-job → hard-emp → unemp-reg. Remove one of the requires.",
        "5 errors",
    ),
}


@pytest.mark.parametrize("lang", sorted(SAID))
def test_every_error_is_printed_at_once_with_file_line_and_remedy(
    carehut: Carehut, tmp_path: Path, lang: str
) -> None:
    pack = shutil.copytree(find_pack("530103"), tmp_path / "pack")
    places = [f"{file}:{change(pack / file, old, new)}" for file, old, new in WRONG]
    checked = carehut("district", "check", str(pack), LANG=lang)
    printed = [line.split(": ", 1) for line in checked.stdout.splitlines()]
    assert (checked.returncode, [place for place, _ in printed]) == (1, places)
    # What is wrong, and after it what to do.
    assert all(said.count("。" if lang.startswith("zh") else ".") >= 2 for _, said in printed), checked.stdout
    circle, counted = SAID[lang]
    assert printed[-1][1].endswith(circle)
    assert counted in checked.stderr
