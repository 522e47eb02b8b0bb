"""Rules every file keeps: it says what it is for, is short, and names no machine."""

from __future__ import annotations

import ast
import os
import re
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files, name_of, with_suffix

LINES = 300
SENTENCE = re.compile(r"\S.*[.:…?。：](\n|$)", re.DOTALL)

PYTHON = with_suffix(".py")
MIGRATIONS = {file for file in PYTHON if "migrations" in file.parts}
PAGES = with_suffix(".html", ".js", ".css")

# Where a machine of ours, or a place packages come from, would give itself away. Written so as not to match themselves.
HOME_FOLDERS = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/[\w.-]+")
REGISTRY_HOSTS = re.compile(
    r"(?:pypi\.(?:org)|pythonhosted\.(?:org)|registry\.npmjs|deb\.debian|index-url|find-links|\.(?:internal)\b/)"
)


@pytest.mark.parametrize("file", PYTHON, ids=name_of)
def test_a_file_opens_with_a_sentence_that_says_what_it_is_for(file: Path) -> None:
    text = ast.get_docstring(ast.parse(file.read_bytes()))
    assert text, "no docstring"
    assert SENTENCE.match(text), f"no sentence: {text.splitlines()[0]}"


@pytest.mark.parametrize("file", [file for file in (*PYTHON, *PAGES) if file not in MIGRATIONS], ids=name_of)
def test_a_file_is_short_enough_to_be_read(file: Path) -> None:
    assert len(file.read_text().splitlines()) <= LINES


@pytest.mark.parametrize(
    "rule", [HOME_FOLDERS, REGISTRY_HOSTS], ids=["folders of one machine", "hosts of registries"]
)
def test_no_file_names(rule: re.Pattern[str]) -> None:
    own = Path(__file__)
    found = [
        f"{name_of(file)}:{number}: {line.strip()[:120]}"
        for file in files()
        if file != own and _is_text(file)
        for number, line in enumerate(file.read_text().splitlines(), 1)
        if rule.search(line) and "--no-emit-index-url" not in line
    ]
    assert not found, "\n".join(found)


def test_no_file_names_the_folder_it_lies_in() -> None:
    here = str(ROOT)
    assert not [name_of(file) for file in files() if _is_text(file) and here in file.read_text()]


@pytest.mark.parametrize("name", [".ci/run", "deploy/local/install"])
def test_scripts_can_be_run(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    assert (ROOT / name).read_text().startswith("#!/usr/bin/env bash\n")


def test_no_front_end_file_of_others_is_kept_here() -> None:
    assert not [
        name_of(file) for file in files() if re.search(r"bootstrap.*\.(css|js)|\.min\.|\.woff2?$", file.name)
    ]


def _is_text(file: Path) -> bool:
    return b"\0" not in file.read_bytes()[:4096]
