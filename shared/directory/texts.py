"""The consent text: the template a district words itself, what it must name, and how it is filled for printing."""

from __future__ import annotations

import string
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from shared.directory.files import Flaw, read_text
from shared.directory.model import District
from shared.directory.neutral import forbidden_word
from shared.text import Text

CONSENT_FILES = {"zh": "texts/consent.zh.md", "en": "texts/consent.en.md"}

CONSENT_PLACES = (
    "handler",
    "receiver",
    "programmes",
    "purpose",
    "method",
    "kinds",
    "expires_on",
    "retention",
    "how_to_withdraw",
    "necessity",
    "effect",
    "special_notice",
)
"""What the law asks to be told (个人信息保护法 Art. 14, 17, 23, 30), each with a place of its own in the template."""

CONSENT_TEXTS = (
    "method",
    "retention",
    "how_to_withdraw",
    "necessity",
    "effect",
    "purpose",
    "no_special_notice",
)
"""The parts that are the same for everybody, from ``texts/notices.yaml`` under ``consent.<part>``."""


def read_consent(path: Path) -> tuple[str, list[Flaw]]:
    """Read one template and check that it names everything and nothing else."""
    text, flaws = read_text(path)
    if flaws:
        return "", flaws
    seen: set[str] = set()
    for number, line in enumerate(text.splitlines(), 1):
        word = forbidden_word(line)
        if word is not None:
            flaws.append(Flaw(number, "forbidden-word", value=word))
        places = _places(line)
        if places is None:
            flaws.append(Flaw(number, "placeholder-unknown", value="{…}"))
            continue
        seen.update(places)
        unknown = [place for place in places if place not in CONSENT_PLACES]
        flaws.extend(Flaw(number, "placeholder-unknown", value=f"{{{place}}}") for place in unknown)
    lacking = [place for place in CONSENT_PLACES if place not in seen]
    flaws.extend(Flaw(1, "placeholder-missing", value=f"{{{place}}}") for place in lacking)
    return text, flaws


def _places(line: str) -> list[str] | None:
    try:
        return [name for _, name, _, _ in string.Formatter().parse(line) if name is not None]
    except ValueError:
        return None


def consent_text(
    district: District, agency: str, programmes: Iterable[str], data_kinds: Iterable[str], expires_on: date
) -> Text:
    """Fill the district's consent text for one receiving agency, ready to print and sign.

    ``programmes`` are real ids: this is read by the person at the hut. A programme with a special notice (filing
    of treatment data, for one) has it told here. Raises ``KeyError`` for an unknown agency or data kind and
    ``UnknownProgramme``; needs a pack that still has its consent text (the whole one, or intake's).
    """
    chosen = [district.programme(programme) for programme in programmes]
    receiver = district.agencies[agency]
    kinds = [district.data_kinds[kind] for kind in data_kinds]
    notes = [programme.consent_note for programme in chosen if programme.consent_note is not None]
    special = notes or [district.texts["consent.no_special_notice"]]

    def fill(locale: str) -> str:
        comma = "、" if locale == "zh" else ", "
        stop = "" if locale == "zh" else " "
        common = {part: district.texts[f"consent.{part}"].of(locale) for part in CONSENT_TEXTS[:-1]}
        return (
            district.texts["consent"]
            .of(locale)
            .format(
                **common,
                handler=district.handler.of(locale),
                receiver=f"{receiver.name.of(locale)}（{receiver.contact.of(locale)}）"
                if locale == "zh"
                else f"{receiver.name.of(locale)} ({receiver.contact.of(locale)})",
                programmes=comma.join(programme.name.of(locale) for programme in chosen),
                kinds=comma.join(kind.of(locale) for kind in kinds),
                expires_on=expires_on.isoformat(),
                special_notice=stop.join(note.of(locale) for note in special),
            )
        )

    return Text(fill("zh"), fill("en"))
