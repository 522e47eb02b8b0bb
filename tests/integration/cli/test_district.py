"""``carehut district`` on an installation: what waits, is approved, is logged; and starts with a wrong pack."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from deploy.cli import COMMANDS
from deploy.cli.lazy import LazyGroup
from deploy.embedded.environment import Home
from deploy.embedded.prepare import prepare
from deploy.installation import Installation
from shared.directory import PackErrors, find_pack, load_pack, pack
from shared.text import Text

Command = Callable[..., Result]
PASSWORD = "a lantern over the bridge"


def changed(folder: Path, file: str, old: str, new: str) -> Path:
    """Copy the demo pack (or take the copy) and change one place in it."""
    if not folder.exists():
        shutil.copytree(find_pack("530103"), folder)
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return folder


def invoke(settings: dict[str, str], *words: str, typed: str = "", language: str = "C") -> Result:
    group = LazyGroup("carehut", COMMANDS, package="deploy.cli", help_="help")
    return CliRunner().invoke(group, words, input=typed, env=settings | {"LC_ALL": language})


@pytest.fixture
def carehut(home: Home) -> Command:
    """Call with the words of a command; it runs to its end in this process."""
    return partial(invoke, {"CAREHUT_HOME": str(home.path)})


def version_of(home: Home) -> str:
    installation = Installation({"CAREHUT_HOME": str(home.path)})
    try:
        return installation.district.version
    finally:
        installation.close()


def test_what_widens_waits_for_approval_and_the_log_names_both(
    carehut: Command, home: Home, tmp_path: Path
) -> None:
    before = version_of(home)
    wide = changed(tmp_path / "pack", "district.yaml", "months: 12", "months: 24")
    applied = carehut("district", "apply", str(wide))
    assert applied.exit_code == 0, applied.output
    assert "options.consent.months: consents last 24 months instead of 12" in applied.output
    proposed = applied.output.split()[-1]
    assert version_of(home) == before
    assert "proposed" in carehut("district", "log").output.splitlines()[0]
    assert carehut("district", "approve", proposed, "--as", "operator").exit_code == 1
    approved = carehut("district", "approve", proposed)
    assert approved.exit_code == 0, approved.output
    assert version_of(home) == proposed
    log = carehut("district", "log").output
    assert (log.count("in force"), log.count("replaced")) == (1, 1)
    first, *more = log.splitlines()
    assert f"{proposed}  in force  applied by operator, approved by auditor" in first
    assert "  ! district.yaml: options.consent.months: consents last 24 months instead of 12" in more
    assert "  district.yaml: options.consent.months: changed: 12 → 24" in more
    chinese = carehut("district", "log", language="zh_CN.UTF-8").output
    assert "批准：auditor" in chinese
    assert "同意有效期由 12 个月延长到 24 个月" in chinese


def test_who_acts_is_an_account_in_use(carehut: Command, tmp_path: Path) -> None:
    quick = changed(
        tmp_path / "pack",
        "district.yaml",
        "bad_rating_fix: {unit: working_day, total: 5}",
        "bad_rating_fix: {unit: working_day, total: 6}",
    )
    assert carehut("staff", "disable", "operator", "--reason", "left").exit_code == 0
    refused = carehut("district", "apply", str(quick))
    assert refused.exit_code == 1
    assert "operator" in refused.output
    assert carehut("district", "apply", str(quick), "--as", "nobody").exit_code == 1
    for other in ("hut", "desk-civil-affairs", "leader-health", "auditor"):
        done = carehut("district", "apply", str(quick), "--as", other)
        assert (done.exit_code, "may not change" in done.output) == (1, True)
    done = carehut("district", "apply", str(quick), "--as", "coordinator")
    assert done.exit_code == 0, done.output
    assert "applied by coordinator" in carehut("district", "log").output


def test_what_waits_for_approval_is_not_overtaken_unless_that_is_said(
    carehut: Command, home: Home, tmp_path: Path
) -> None:
    wide = changed(tmp_path / "wide", "district.yaml", "months: 12", "months: 24")
    waiting = carehut("district", "apply", str(wide)).output.split()[-1]
    before = version_of(home)
    quick = changed(tmp_path / "quick", "district.yaml", "at: 5, do", "at: 6, do")
    refused = carehut("district", "apply", str(quick))
    assert (refused.exit_code, version_of(home)) == (1, before)
    assert waiting in refused.output
    done = carehut("district", "apply", str(quick), "--overtake")
    assert f"Version {waiting}, proposed by operator, is overtaken" in done.output
    assert version_of(home) != before


def test_an_embedded_run_is_given_no_agency_that_it_cannot_reach(
    carehut: Command, home: Home, tmp_path: Path
) -> None:
    before = version_of(home)
    own = changed(
        tmp_path / "pack", "agencies.yaml", "    keys: platform\n", "    keys: platform\n    system: true\n"
    )
    done = carehut("district", "apply", str(own))
    assert done.exit_code == 1
    assert "embedded run has no lane" in done.output
    assert version_of(home) == before


Start = Callable[[Path], list[Text]]


@pytest.fixture
def start(home: Home, monkeypatch: pytest.MonkeyPatch) -> Start:
    """Call with a folder of packs to prepare the installation by it; gives what the terminal is told."""

    def begin(packs: Path) -> list[Text]:
        monkeypatch.setattr(pack, "PACKS", packs)
        words: list[Text] = []
        installation = Installation({"CAREHUT_HOME": str(home.path)})
        try:
            prepare(installation, words.append)
        finally:
            installation.close()
        return words

    return begin


def test_a_start_with_a_wrong_pack_leaves_the_one_in_force_and_says_what_is_wrong(
    start: Start, home: Home, tmp_path: Path
) -> None:
    before = version_of(home)
    broken = changed(tmp_path / "packs/530103", "programmes.yaml", "agency: employment", "agency: nowhere")
    for _ in range(2):  # told at each start, for as long as it is wrong
        (words,) = start(tmp_path / "packs")
        assert "programmes.yaml:" in words.en
        assert "nowhere" in words.zh
        assert f"Version {before} stays in force" in words.en
        assert version_of(home) == before
    changed(broken, "programmes.yaml", "agency: nowhere", "agency: employment")
    assert start(tmp_path / "packs") == []


def test_a_first_start_with_a_wrong_pack_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(tmp_path / "packs/530103", "district.yaml", "letters: PL", "letters: pl")
    monkeypatch.setattr(pack, "PACKS", tmp_path / "packs")
    installation = Installation({"CAREHUT_HOME": str(tmp_path / "home")})
    installation.home.create()
    with pytest.raises(PackErrors, match="capitals"):
        prepare(installation)
    assert list((tmp_path / "home").iterdir()) == []


def test_a_start_with_a_pack_for_the_full_run_leaves_the_one_in_force(
    start: Start, home: Home, tmp_path: Path
) -> None:
    before = version_of(home)
    changed(
        tmp_path / "packs/530103",
        "agencies.yaml",
        "    keys: platform\n",
        "    keys: platform\n    system: true\n",
    )
    (words,) = start(tmp_path / "packs")
    assert "no lane" in words.en
    assert version_of(home) == before


def test_a_demo_starts_with_its_pack_as_it_lies_there(start: Start, home: Home, tmp_path: Path) -> None:
    before = version_of(home)
    changed(tmp_path / "packs/530103", "district.yaml", "months: 12", "months: 24")
    assert start(tmp_path / "packs") == []
    assert version_of(home) != before


def test_a_start_with_other_files_leaves_a_folder_that_somebody_applied(
    carehut: Command, start: Start, home: Home, tmp_path: Path
) -> None:
    own = changed(tmp_path / "own", "district.yaml", "at: 5, do", "at: 6, do")
    assert carehut("district", "apply", str(own)).exit_code == 0
    applied = version_of(home)
    changed(tmp_path / "packs/530103", "district.yaml", "months: 12", "months: 11")
    assert start(tmp_path / "packs") == []
    assert version_of(home) == applied


def test_a_pack_that_was_applied_from_elsewhere_needs_no_files_at_a_start(
    start: Start, home: Home, tmp_path: Path
) -> None:
    before = version_of(home)
    assert start(tmp_path / "no packs") == []
    assert version_of(home) == before


@pytest.fixture
def real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Call with the words of a command, and what is typed, on an installation that is no demo."""
    folder = changed(tmp_path / "packs/530103", "district.yaml", "demo: true", "demo: false")
    posts = load_pack("530103")
    changed(folder, "posts.yaml", f"demo_password: {posts.staff[0].demo_password}\n", "")
    key = tmp_path / "master"
    key.write_text(secrets.token_hex(32))
    monkeypatch.setattr(pack, "PACKS", tmp_path / "packs")
    settings = {"CAREHUT_HOME": str(tmp_path / "home"), "CAREHUT_MASTER_KEY_FILE": str(key)}
    installation = Installation(settings)
    installation.home.create()
    prepare(installation)
    installation.close()
    return partial(invoke, settings)


def test_outside_a_demo_both_give_their_passwords(real: Command, tmp_path: Path) -> None:
    wide = changed(tmp_path / "packs/530103", "district.yaml", "months: 12", "months: 24")
    for name in ("operator", "auditor"):
        assert real("staff", "password", name, typed="too short\ntoo short\n").exit_code == 1
        assert real("staff", "password", name, typed=f"{PASSWORD} {name}\n" * 2).exit_code == 0
    assert "wrong" in real("district", "apply", str(wide), typed="a guess\n").output
    applied = real("district", "apply", str(wide), typed=f"{PASSWORD} operator\n")
    assert applied.exit_code == 0, applied.output
    proposed = applied.output.split()[-1]
    refused = real("district", "approve", proposed, typed=f"{PASSWORD} operator\n")
    assert refused.exit_code == 1
    approved = real("district", "approve", proposed, typed=f"{PASSWORD} auditor\n")
    assert approved.exit_code == 0, approved.output
    assert f"version {proposed} is in force" in approved.output


def test_outside_a_demo_a_start_with_a_wider_pack_leaves_the_one_in_force(
    real: Command, tmp_path: Path
) -> None:
    changed(tmp_path / "packs/530103", "district.yaml", "months: 12", "months: 24")
    settings = {"CAREHUT_HOME": str(tmp_path / "home"), "CAREHUT_MASTER_KEY_FILE": str(tmp_path / "master")}
    installation = Installation(settings)
    before, words = installation.district.version, list[Text]()
    prepare(installation, words.append)
    assert "consents last 24 months" in words[0].en
    assert installation.district.version == before
    installation.close()
    assert real("district", "log").output.count("in force") == 1
