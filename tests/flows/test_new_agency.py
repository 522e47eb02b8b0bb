"""An agency and a programme are added as the README says, to a server that runs; and what runs is not disturbed."""

from __future__ import annotations

import itertools
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.builders import a_filing
from tests.conftest import absent
from tests.flows.test_readme import ADDRESS, BLOCK, FIRST_REQUEST, README, ROOT, same_every_time, shell
from tests.running import Running, running
from tests.waiting import until

WALK = README.partition("## An agency and a programme in five minutes")[2].partition("\n## ")[0]
BLOCKS = BLOCK.findall(WALK)
FOLDER = "my-district"
VERSION = re.compile(r"\b[0-9a-f]{16}\b")
AT = re.compile(r"<day> \d\d:\d\d")
SECONDS = 60  # a guard: services switch within three


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The demo district, running."""
    with running(tmp_path_factory.mktemp("five minutes") / "home") as started:
        yield started


def settled(output: str) -> str:
    return AT.sub("<at>", VERSION.sub("<version>", same_every_time(output)))


class Api(AbstractContextManager["Api"]):
    """Somebody at the API."""

    def __init__(self, run: Running, staff: str) -> None:
        token = {"Authorization": f"Bearer {run.carehut('token', staff)}"}
        self._client = httpx.Client(base_url=run.url, headers=token, trust_env=False)

    def __exit__(self, *_: object) -> None:
        """Hang up."""
        self._client.close()

    def file(self, key: str, *programmes: str) -> dict[str, Any]:
        """File a request."""
        headers = {"Idempotency-Key": key}
        answer = self._client.post("/intake/api/v1/requests", json=a_filing(*programmes), headers=headers)
        assert answer.is_success, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def due_on(self, leg: str) -> str | None:
        """Give the day by which something is due of a referral, once it is there."""
        answer = self._client.get(f"/referrals/api/v1/referrals/{leg}")
        return None if answer.is_error else str(answer.json()["due_on"])


def test_an_agency_and_a_programme_are_added_as_the_readme_says(run: Running, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        absent("curl is not installed")
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    with shell(tmp_path, run.environment) as bash:
        preamble = [commands for commands, _ in BLOCK.findall(FIRST_REQUEST)[:2]]
        bash.run(preamble[0].replace(ADDRESS, run.url))
        bash.run(next(line for line in preamble[1].splitlines() if line.startswith("until=")))
        printed = [""]

        def prints(block: str, promised: str) -> bool:
            printed.append(settled(bash.run(block)))
            return printed[-1] == promised

        for commands, promised in BLOCKS:
            once = partial(prints, commands, settled(promised))
            try:
                # What is done at the terminal is done once; what travels by messages takes a moment.
                until(once, seconds=SECONDS if "curl" in commands else 0)
            except AssertionError:
                errors = (tmp_path / "errors").read_text()
                pytest.fail(f"{commands}\nprinted\n{printed[-1]}\nnot\n{promised}\n{errors}", pytrace=False)
    assert len(BLOCKS) == 3
    assert "disabled-persons" in (tmp_path / FOLDER / "agencies.yaml").read_text(encoding="utf-8")


def changed(folder: Path, old: str, new: str) -> Path:
    pack = Path(shutil.copytree(ROOT / "deploy/districts/530103", folder))
    programmes = (pack / "programmes.yaml").read_text(encoding="utf-8")
    begin = programmes.index("  - id: pension\n")
    assert old in programmes[begin:]
    (pack / "programmes.yaml").write_text(
        programmes[:begin] + programmes[begin:].replace(old, new, 1), encoding="utf-8"
    )
    return pack


def test_what_is_under_way_keeps_its_rules_and_a_wrong_pack_changes_nothing(
    run: Running, tmp_path: Path
) -> None:
    with Api(run, "hut") as hut, Api(run, "desk-social-security") as desk:
        rules_are_kept(run, tmp_path, hut, desk)


def rules_are_kept(run: Running, tmp_path: Path, hut: Api, desk: Api) -> None:
    before = hut.file("before", "pension")["legs"][0]["id"]
    until(lambda: desk.due_on(before), seconds=SECONDS, what="the referral filed before")
    due = desk.due_on(before)

    broken = changed(tmp_path / "broken", "unit: working_day, total: ", "total: ")
    in_force = run.carehut("district", "log").splitlines()[0]
    with pytest.raises(subprocess.CalledProcessError) as refused:
        run.carehut("district", "apply", str(broken))
    assert "“unit” is missing" in refused.value.stderr
    assert run.carehut("district", "log").splitlines()[0] == in_force

    quicker = changed(tmp_path / "quicker", "{unit: working_day, total: 5}", "{unit: hour, total: 1}")
    run.carehut("district", "apply", str(quicker))
    keys = itertools.count()

    def new_rules_hold() -> bool:
        leg = hut.file(f"after-{next(keys)}", "pension")["legs"][0]["id"]
        until(lambda: desk.due_on(leg), seconds=SECONDS, what="a referral filed after")
        return desk.due_on(leg) != due

    until(new_rules_hold, seconds=SECONDS, what="a referral under the new rules")
    assert desk.due_on(before) == due
