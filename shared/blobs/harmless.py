"""A PDF that only shows pages: few enough to count, no script, nothing done by itself, nothing behind its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from shared.blobs.files import FileRefused

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 1_000
BEHIND_THE_END = 64
"""Bytes that may follow the end: programs leave line ends and zeros there. More is a second file in the first."""

_END = b"%%EOF"
_DOING = frozenset({"/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/Rendition"})
"""Actions (ISO 32000-1, 12.6.4) that run, send or open something; following a link or going to a page does not."""
_PLAYED = frozenset({"/RichMedia", "/Movie", "/Screen", "/3D", "/Sound"})
"""Annotations that are played, not shown."""


def harmless(reader: PdfReader, content: bytes) -> None:
    """Insist that a PDF does no more than show its pages.

    Raises:
        FileRefused: it has too many pages (a tree of two hundred nodes can stand for billions), or does something.
    """
    end = content.rfind(_END)
    if end >= 0 and len(content[end + len(_END) :].strip(b"\0\t\n\f\r ")) > BEHIND_THE_END:
        raise FileRefused("paper-active")
    root = _object(reader.trailer["/Root"])
    names = _object(root.get("/Names"))
    if _acts(root) or (isinstance(names, Mapping) and "/JavaScript" in names):
        raise FileRefused("paper-active")
    for node in _nodes(root["/Pages"]):
        notes = _object(node.get("/Annots")) or ()
        if _acts(node) or any(_acts(note) or note.get("/Subtype") in _PLAYED for note in map(_object, notes)):
            raise FileRefused("paper-active")


def _nodes(root: Any) -> Iterator[Any]:  # noqa: ANN401 - pypdf's objects are dictionaries of anything
    """Walk the tree of pages without following it further than a paper can go."""
    waiting, seen = [root], 0
    while waiting:
        seen += 1
        node = _object(waiting.pop())
        yield node
        kids = _object(node.get("/Kids")) or ()
        if seen + len(waiting) + len(kids) > 2 * MOST_PAGES:
            raise FileRefused("paper-too-many-pages", most=MOST_PAGES)
        waiting.extend(kids)


def _acts(part: Any) -> bool:  # noqa: ANN401 - as above
    """Tell whether opening, showing or clicking a part runs something."""
    if "/AA" in part:
        return True
    actions = (_object(part.get(name)) for name in ("/OpenAction", "/A"))
    return any(isinstance(action, Mapping) and action.get("/S") in _DOING for action in actions)


def _object(value: Any) -> Any:  # noqa: ANN401 - as above
    return value.get_object() if hasattr(value, "get_object") else value
