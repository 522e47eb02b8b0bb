"""Reads a recorded history and says which promise it breaks, about what, with the story of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.history.book import Book
from tests.faults.history.rules import RULES
from tests.faults.history.story import tell


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken promise: the rule, what it is about (an id, where there is one), and how it is broken, in a sentence."""

    rule: str
    subject: str
    what: str
    book: Book = field(repr=False, compare=False)

    @property
    def story(self) -> str:
        """Tell the life of what it is about, from all files; takes a moment."""
        return tell(self.book, self.subject, self.rule, self.what)


HEADS = "audit-"
"""With what the subject of every event about an audit log begins."""


def check(folder: Path) -> list[Finding]:
    """Go through a recorded history, rule by rule; an empty list is what is wanted."""
    book = Book.read(folder)
    return [Finding(rule, subject, what, book) for rule, subject, what in breaches(book)]


def breaches(book: Book) -> Iterator[tuple[str, str, str]]:
    """Give the rule, the subject and the sentence of every breach, in the order of the rules.

    Not of the audit logs' heads: timers tell of them before anybody watches and until after all is taken down, and
    ``carehut audit verify`` has rules of its own for them.
    """
    for name, rule in RULES.items():
        for subject, what in rule(book):
            if not subject.startswith(HEADS):
                yield name, subject, what
