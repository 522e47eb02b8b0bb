"""``carehut staff``: somebody new, what stands where, and a way back in for who has lost something."""

from __future__ import annotations

import shutil
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from deploy.cli.credentials import check_password
from deploy.embedded.environment import Home
from deploy.installation import Installation
from services.intake.bootstrap import context
from services.intake.config import Config
from services.intake.domain.errors import OneTimeCodeNeeded
from services.intake.use_cases import second_factor, sign_in
from shared.directory import find_pack
from tests.integration.cli.test_district import Command, invoke
from tests.one_time import code_at

PASSWORD = "an umbrella for eleven swans"


@pytest.fixture
def carehut(home: Home) -> Command:
    """Call with the words of a command; it runs to its end in this process."""
    return partial(invoke, {"CAREHUT_HOME": str(home.path)})


def line_of(carehut: Command, staff: str) -> str:
    listed = carehut("staff", "list")
    assert listed.exit_code == 0, listed.output
    return next((line for line in listed.output.splitlines() if line.split()[0] == staff), "")


def test_somebody_new_is_written_into_the_pack_and_holds_several_posts(
    carehut: Command, tmp_path: Path
) -> None:
    folder = shutil.copytree(find_pack("530103"), tmp_path / "pack")
    before = (folder / "posts.yaml").read_text("utf-8")
    nowhere = carehut(
        "staff", "add", "desk-two", "--name", "云知秋", "--post", "desk@nowhere", "--pack", str(folder)
    )
    assert (nowhere.exit_code, "posts.yaml:" in nowhere.output) == (1, True)
    assert (folder / "posts.yaml").read_text("utf-8") == before
    posts = ("--post", "desk@civil-affairs", "--post", "leader@health")
    done = carehut("staff", "add", "desk-two", "--name", "云知秋", *posts, "--pack", str(folder))
    assert done.exit_code == 0, done.output
    assert (folder / "posts.yaml").read_text("utf-8").splitlines()[:-1] == before.splitlines()
    assert line_of(carehut, "desk-two") == "desk-two  云知秋  desk@civil-affairs, leader@health"
    # Once a folder of one's own is in force, it is known.
    assert carehut("staff", "add", "hut-two", "--name", "林小满", "--post", "hut@530103004007").exit_code == 0
    again = carehut("staff", "add", "hut-two", "--name", "林小满", "--post", "hut@530103004007")
    assert (again.exit_code, "stands in posts.yaml already" in again.output) == (1, True)
    assert "hut@530103004007" in line_of(carehut, "hut-two")


@pytest.mark.parametrize(
    "spoilt", [b"staff: [", b"people: []\n", b"staff: []\n", b"staff: [hut]\n", b"", b"staff: \xff"]
)
def test_nobody_is_written_into_a_file_that_cannot_be_read(
    carehut: Command, tmp_path: Path, spoilt: bytes
) -> None:
    folder = shutil.copytree(find_pack("530103"), tmp_path / "pack")
    (folder / "posts.yaml").write_bytes(spoilt)
    words = ("--name", "云知秋", "--post", "desk@health", "--pack", str(folder))
    refused = carehut("staff", "add", "desk-two", *words)
    assert (refused.exit_code, "carehut district check" in refused.output) == (1, True)
    assert (folder / "posts.yaml").read_bytes() == spoilt


def test_the_pack_that_comes_with_the_product_is_not_written_into(carehut: Command) -> None:
    refused = carehut("staff", "add", "hut-two", "--name", "林小满", "--post", "hut@530103004007")
    assert (refused.exit_code, "--pack" in refused.output) == (1, True)


def test_who_has_lost_the_telephone_and_the_password_is_let_in_again(carehut: Command, home: Home) -> None:
    installation = Installation({"CAREHUT_HOME": str(home.path)})
    parts = context(Config.from_environment(installation.environ))
    principal = sign_in.make_token(parts, "hut").principal
    begun = second_factor.begin(parts, principal)
    codes = second_factor.confirm(parts, principal, code_at(begun.secret, parts.clock.now()))
    assert "second factor" in line_of(carehut, "hut")
    weak = carehut("staff", "reset", "hut", "--reason", "lost", typed="password12345678\n" * 2)
    assert (weak.exit_code, "too common" in weak.output) == (1, True)
    assert carehut("staff", "password", "hut", typed=f"{PASSWORD}\n" * 2).exit_code == 0
    with pytest.raises(OneTimeCodeNeeded):
        sign_in.sign_in(parts, "hut", PASSWORD)

    @click.command()
    def asked() -> None:
        check_password(installation, "hut")

    # Who acts on the command line shows both factors, too.
    for typed, code in ((codes[0], 0), (codes[0], 1)):
        assert CliRunner().invoke(asked, input=f"{PASSWORD}\n{typed}\n").exit_code == code
    assert carehut("staff", "reset", "hut", "--reason", "telephone lost", "--second-factor").exit_code == 0
    assert sign_in.sign_in(parts, "hut", PASSWORD).token
    assert carehut("staff", "disable", "hut", "--reason", "left").exit_code == 0
    assert "disabled" in line_of(carehut, "hut")
    assert carehut("staff", "reset", "hut", "--reason", "back", typed=f"{PASSWORD}\n" * 2).exit_code == 1
    installation.close()
