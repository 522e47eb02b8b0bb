"""Reads a recorded history and says which promise it breaks, about what, with the story of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.faults.history.book import Book
from tests.faults.history.rules import RULES
from tests.faults.history.story import tell


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise: the rule, what it is about (an id, where there is one), and its life as a story.

    ``what`` says in one sentence how the rule is broken.
    """

    rule: str
    subject: str
    what: str
    story: str


def check(folder: Path, *, stories: int = 1) -> list[Finding]:
    """Go through a recorded history, rule by rule; an empty list is what is wanted.

    Only the first ``stories`` findings are told at length: one counter-example is enough to look into.
    """
    book = Book.read(folder)
    found: list[Finding] = []
    for name, rule in RULES.items():
        for subject, what in rule(book):
            story = tell(book, subject, name, what) if len(found) < stories else ""
            found.append(Finding(name, subject, what, story))
    return found
