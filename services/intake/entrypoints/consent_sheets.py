"""The district's consent text as sheets of paper: one for each agency and what is agreed to there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.intake.domain.contact import ADDRESSES, SHEET, SHEET_PARTS, TEXT
from shared.directory import District, UnknownProgramme
from shared.directory.texts import consent_text
from shared.text import listed

CONSENT = "consent"
HEADING, FACT, WORDS = "heading", "fact", "words"
_LABELLED = re.compile(r"^\*\*(?P<label>.+?)\*\*\s*(?P<words>.*)$")


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a sheet: a heading, a labelled fact, or words."""

    kind: str
    words: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: the agency it is for, the district's text filled in, and the consents (as shown) it stands for.

    Without an agency nobody is given anything: it is a person's consent to be told themselves. ``basis`` is another
    than consent where the law or an emergency let it be passed on: then it only informs.
    """

    agency: str
    basis: str
    parts: Sequence[Part]
    consents: Sequence[Mapping[str, Any]] = field(default_factory=tuple)


def sheets_of(consents: Iterable[Mapping[str, Any]], district: District, locale: str) -> Iterator[Sheet]:
    """Make the sheets for consents as they are shown or filled in, in the pack's order of agencies.

    Programmes with the same data, last day and basis share one. What today's pack does not know any more (an agency,
    a programme) has no text, and its sheet no parts.
    """
    groups: dict[tuple[str, tuple[str, ...], str, str], list[Mapping[str, Any]]] = {}
    for consent in consents:
        basis = consent.get("basis", CONSENT)
        key = (consent["agency"], tuple(consent["data_kinds"]), str(consent["expires_on"]), basis)
        groups.setdefault(key, []).append(consent)
    order = {agency: place for place, agency in enumerate(district.agencies)}
    for (agency, kinds, until, basis), given in sorted(
        groups.items(), key=lambda group: order.get(group[0][0], len(order))
    ):
        programmes = [programme for consent in given for programme in consent["programmes"]]
        try:
            text = consent_text(district, agency, programmes, kinds, date.fromisoformat(until)).of(locale)
        except (UnknownProgramme, KeyError):
            yield Sheet(agency, basis, (), given)
        else:
            yield Sheet(agency, basis, tuple(_parts(text)), given)


def contact_sheet(consent: Mapping[str, Any], district: District, locale: str) -> Sheet:
    """Make the sheet for a consent to be told of news, as it is shown: by which ways, until when, and the words."""
    channels, until = consent["channels"], str(consent["expires_on"])
    words = SHEET.format(
        handler=district.handler,
        addresses=listed(ADDRESSES[channel] for channel in channels),
        expires_on=until,
    )
    heading, ways, last, signed = (part.of(locale) for part in SHEET_PARTS)
    parts = (
        Part(HEADING, heading),
        Part(FACT, listed(TEXT[channel] for channel in channels).of(locale), ways),
        Part(FACT, until, last),
        Part(WORDS, words.of(locale)),
        Part(WORDS, signed),
    )
    return Sheet("", CONSENT, parts, (consent,))


def _parts(text: str) -> Iterator[Part]:
    for line in (line.strip() for line in text.splitlines()):
        labelled = _LABELLED.match(line)
        if line.startswith("#"):
            yield Part(HEADING, line.lstrip("# "))
        elif labelled is not None:
            yield Part(FACT, labelled["words"], labelled["label"].rstrip("：: "))
        elif line:
            yield Part(WORDS, line)
