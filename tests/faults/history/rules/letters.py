"""Dead letters are exactly the poison that was sent on purpose; everything else was published and taken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from shared.messaging.topology import INTERESTS, queues_of
from tests.faults.history.book import SERVICES, Book, Line

Breaches = Iterator[tuple[str, str]]


def dead_letters_are_poison(book: Book) -> Breaches:
    """Check that each poison was kept once, that nothing else is dead, and that nothing waits but behind poison."""
    injected = Counter((line["consumer"], line["body_sha256"]) for line in book.files.get("poison", []))
    kept: Counter[tuple[str, str]] = Counter()
    for service in SERVICES:
        letters = book.table(service, "dead_letters")
        kept.update((letter["consumer"], letter["body_sha256"]) for letter in letters)
        taken = {row["event_id"] for row in book.table(service, "inbox_receipts")}
        for letter in letters:
            sentence = _wrong(letter, letters, injected, taken)
            if sentence:
                yield (
                    str(letter["subject"] or ""),
                    f"{service} keeps a letter ({letter['reason']}): {sentence}",
                )
    for poison, times in injected.items():
        if kept[poison] != min(times, 1):
            yield "", f"poison {poison[1][:12]} was sent to {poison[0]}, which keeps it {kept[poison]} times"


def _wrong(
    letter: Line, letters: Sequence[Line], injected: Counter[tuple[str, str]], taken: set[str]
) -> str | None:
    if letter["state"] in {"dead", "dismissed"}:
        poison = injected[letter["consumer"], letter["body_sha256"]]
        return None if poison else f"{letter['state']}, and nobody sent poison"
    if letter["state"] == "replayed":
        return None if letter["event_id"] in taken else "replayed, and never taken"
    blocked = any(
        other["state"] == "dead"
        and (other["source"], other["subject"]) == (letter["source"], letter["subject"])
        and (other["sequence"] or 0) < (letter["sequence"] or 0)
        for other in letters
    )
    return None if letter["state"] == "waiting" and blocked else f"still {letter['state']}"


def at_rest(book: Book) -> Breaches:
    """Check that each event was published on each of its lanes and that no queue of ours holds anything."""
    for event in book.events.values():
        if event["published_at"] is None:
            yield event["subject"], f"{event['type']} was never published"
        if event["agencies_body"] is not None and event["agencies_published_at"] is None:
            yield event["subject"], f"{event['type']} was never published to the agency's own system"
    for service in INTERESTS:
        for queue in queues_of(service):
            for message in book.queues.get(queue, []):
                body = message.get("body")
                subject = body.get("subject", "") if isinstance(body, dict) else ""
                yield str(subject), f"a message is left in {queue}"
