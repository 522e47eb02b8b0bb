"""Every dependency is declared, pinned with its hashes, and has a line that says why it and not another."""

from __future__ import annotations

import ast
import re
import sys
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.architecture.tree import PACKAGES, ROOT, name_of, project, with_suffix

LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-s3.lock")
REASON_LETTERS = 30
DECISIONS = ROOT / "deploy/decisions/dependencies.md"
INDIRECT = {
    "jinja2": "flask",
    "markupsafe": "flask",
    "werkzeug": "flask",
    "webargs": "flask-smorest",
    "apispec": "flask-smorest",
    "amqp": "kombu",
    "psycopg": "psycopg",
}
"""Imported by name, but chosen with the package that stands on them: declaring both would only let them drift."""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", name, maxsplit=1)[0]).lower()


def _declared(*, dev: bool) -> set[str]:
    table = project()["project"]
    names = [*table["dependencies"], *(table["optional-dependencies"]["dev"] if dev else [])]
    return {_plain(name) for name in names}


@cache
def _locked(lock: str) -> dict[str, list[str]]:
    """Give package → hashes."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / lock).read_text().splitlines():
        if pinned := re.match(r"([A-Za-z0-9._-]+)==\S+", line):
            name = _plain(pinned[1])
            found[name] = []
        elif hashed := re.match(r"\s+--hash=(sha256:[0-9a-f]{64})", line):
            found[name].append(hashed[1])
        else:
            assert re.match(r"\s*(#|$)", line), f"{lock}: neither a pin nor a hash: {line}"
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_with_hashes(lock: str) -> None:
    assert _locked(lock)
    assert not [name for name, hashes in _locked(lock).items() if not hashes]


def test_the_lock_files_hold_every_dependency() -> None:
    assert _declared(dev=False) <= set(_locked("requirements.lock"))
    assert _declared(dev=True) <= set(_locked("requirements-dev.lock"))


def test_the_lock_files_pin_the_same_versions() -> None:
    run, dev, s3 = (
        set(re.findall(r"^[a-z0-9-]+==\S+", (ROOT / lock).read_text(), re.MULTILINE)) for lock in LOCKS
    )
    assert run < s3 < dev


def test_every_dependency_has_its_reason() -> None:
    lines = DECISIONS.read_text().lower().splitlines()
    without = []
    for name in sorted(_declared(dev=True)):
        reasons = [line for line in lines if f"`{name}`" in line]
        if not reasons or len(reasons[0]) < len(name) + REASON_LETTERS:
            without.append(name)
    assert not without, f"no line in {name_of(DECISIONS)} says why these and not others: {', '.join(without)}"


def test_only_declared_packages_are_imported() -> None:
    undeclared = sorted(_imported(*PACKAGES) - _declared(dev=False))
    assert not undeclared, f"imported, but not in pyproject.toml: {undeclared}"


def test_tests_import_only_declared_packages() -> None:
    undeclared = sorted(_imported("tests") - _declared(dev=True))
    assert not undeclared, f"imported, but not in pyproject.toml: {undeclared}"


def test_no_dependency_is_declared_and_never_used() -> None:
    # Programs and files, not imports: the compiler of catalogues, the pages' style, the build, time zones.
    programs = {"babel", "bootstrap-flask", "gunicorn-h1c", "setuptools", "tzdata"}
    assert _declared(dev=False) - programs <= _imported(*PACKAGES)


def _imported(*places: str) -> set[str]:
    """Give the distributions whose modules the code of these folders names in an import."""
    known = packages_distributions()
    found = set()
    for file in with_suffix(".py"):
        if name_of(file).split("/", 1)[0] in places:
            for module in _modules(file):
                if module not in sys.stdlib_module_names and module not in {*PACKAGES, "tests", "_typeshed"}:
                    names = known.get(module, [module])
                    found |= {INDIRECT.get(_plain(name), _plain(name)) for name in names}
    return found


def _modules(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found
