"""Keeping the catalogues of translations: what the templates say is collected into each folder's ``.po`` file.

Run ``python -m shared.web.words`` after changing a template, then write the missing Chinese.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from shared.web.catalogue import DOMAIN

ROOT = Path(__file__).parents[2]
LOCALE = "zh_Hans_CN"
FOLDERS = (
    Path("shared/web"),
    *(Path("services") / name for name in ("intake", "referrals", "notifications")),
)
"""Folders that hold ``templates/`` and ``translations/``; the first one's words serve all others."""

_METHODS = [("**/templates/**.html", "jinja2")]
_OPTIONS: dict[str, dict[str, object]] = {"**/templates/**.html": {"trimmed": "true"}}
_KEYWORDS: Mapping[str, tuple[int, ...] | None] = {"_": None, "gettext": None, "ngettext": (1, 2)}
_HEADER = "# Words of the pages in Chinese; the English stands in the templates.\n#"


def said_in(folder: Path) -> Catalog:
    """Collect what the templates of a folder say, each with the places where it stands."""
    catalogue = Catalog()
    found = extract_from_dir(
        str(ROOT / folder),
        method_map=_METHODS,
        options_map=_OPTIONS,
        keywords=_KEYWORDS,
        strip_comment_tags=True,
    )
    for file, line, words, _, context in sorted(found, key=lambda entry: (entry[0], entry[1])):
        catalogue.add(words, None, [(file, line)], context=context)
    return catalogue


def file_of(folder: Path) -> Path:
    """Give the place of a folder's catalogue."""
    return ROOT / folder / "translations" / LOCALE / "LC_MESSAGES" / f"{DOMAIN}.po"


def kept_in(folder: Path) -> Catalog:
    """Read the catalogue of a folder; an empty one if there is none yet."""
    path = file_of(folder)
    if not path.exists():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE, domain=DOMAIN, abort_invalid=True)


def missing() -> Iterator[str]:
    """Name everything a template says that has no Chinese, or only a doubtful one."""
    shared_words = kept_in(FOLDERS[0])
    for folder in FOLDERS:
        own = kept_in(folder)
        for message in said_in(folder):
            if message.id and not (
                _is_done(own.get(_key(message))) or _is_done(shared_words.get(_key(message)))
            ):
                yield f"{folder}: {_key(message)}"


def update(folder: Path) -> None:
    """Write a folder's catalogue anew: new words empty, words nobody says any more left out."""
    said, kept, shared_words = said_in(folder), kept_in(folder), kept_in(FOLDERS[0])
    fresh = Catalog(locale=LOCALE, domain=DOMAIN, header_comment=_HEADER, charset="utf-8", fuzzy=False)
    fresh.project, fresh.version, fresh.msgid_bugs_address, fresh.last_translator = "pages", "1", "-", "-"
    fresh.revision_date = fresh.creation_date = datetime(2026, 1, 1, tzinfo=UTC)
    for message in said:
        old = kept.get(_key(message))
        if not message.id or (folder != FOLDERS[0] and _is_done(shared_words.get(_key(message))) and not old):
            continue
        places = sorted({file for file, _ in message.locations})
        fresh.add(
            message.id, old.string if old else None, [(place, 0) for place in places], flags=message.flags
        )
    path = file_of(folder)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, fresh, width=110, omit_header=False, include_lineno=False, sort_output=True)


def _key(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _is_done(message: Message | None) -> bool:
    if message is None or message.fuzzy or message.string is None:
        return False
    strings = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return all(strings)


def main() -> None:
    """Update every catalogue and name what still lacks its Chinese."""
    for folder in FOLDERS:
        update(folder)
    sys.stdout.writelines(f"{words}\n" for words in missing())


if __name__ == "__main__":
    main()
