"""Tells the life of one referral, in the order of time, from all files of a history."""

from __future__ import annotations

from collections.abc import Iterator

import orjson

from tests.faults.history.book import Book, Line

WIDTH = 400


def tell(book: Book, subject: str, rule: str, what: str) -> str:
    """Tell everything that any file knows about ``subject``, under the rule that is broken."""
    lines = [f"Broken: {rule}", f"  {what}", ""]
    names = _names(book, subject)
    for at, where, line in sorted(_mentions(book, names), key=lambda found: found[:2]):
        lines.append(f"{at}  {where:<28}  {orjson.dumps(line).decode()[:WIDTH]}")
    return "\n".join(lines)


def _names(book: Book, subject: str) -> set[str]:
    leg = book.legs.get(subject)
    return {subject} | ({leg["request_id"]} if leg else set())


def _mentions(book: Book, names: set[str]) -> Iterator[tuple[str, str, Line]]:
    for name, lines in book.files.items():
        for line in lines:
            text = orjson.dumps(line).decode()
            if any(wanted and wanted in text for wanted in names):
                yield str(line.get("at") or line.get("recorded_at") or ""), name, line
