"""No page holds a script, a style or an event of its own: the content policy would keep browsers from running it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.http.security_headers import CONTENT_POLICY
from tests.architecture.tree import name_of, with_suffix

INLINE = re.compile(
    r"<script\b|<style\b|<[^>{]*\sstyle=|<[^>{]*\son[a-z]+=|=.javascript:|<iframe|<object|<embed|<base\b",
    re.IGNORECASE,
)
TEMPLATES = [file for file in with_suffix(".html") if "templates" in file.parts]


def test_the_content_policy_lets_nothing_inline_and_nothing_from_elsewhere_in() -> None:
    policy = dict(part.strip().split(" ", 1) for part in CONTENT_POLICY.split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "script-src" not in policy
    assert {word for words in policy.values() for word in words.split()} <= {"'none'", "'self'", "data:"}


@pytest.mark.parametrize("file", TEMPLATES, ids=name_of)
def test_a_template_has_nothing_inline(file: Path) -> None:
    assert not INLINE.findall(file.read_text())
