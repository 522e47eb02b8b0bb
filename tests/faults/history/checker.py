"""Reads a recorded history and says which promise it breaks, about what, with the story of it."""

from __future__ import annotations

from collections.abc import Iterator
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
    return [
        Finding(rule, subject, what, tell(book, subject, rule, what) if number < stories else "")
        for number, (rule, subject, what) in enumerate(breaches(book))
    ]


def breaches(book: Book) -> Iterator[tuple[str, str, str]]:
    """Give the rule, the subject and the sentence of every breach, in the order of the rules."""
    for name, rule in RULES.items():
        for subject, what in rule(book):
            yield name, subject, what
