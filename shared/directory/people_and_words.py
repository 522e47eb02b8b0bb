"""Checks on posts, on notices, and on every word that leaves the hut."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from shared.directory.neutral import forbidden_word
from shared.directory.pack_view import (
    AGENCIES,
    DISTRICT,
    FIELDS,
    NOTICES,
    POSTS,
    PROGRAMMES,
    Found,
    Pack,
    maps_of,
    texts_of,
)
from shared.directory.texts import CONSENT_TEXTS
from shared.directory.yaml_source import Path_
from shared.events import CATALOGUE

_PLACES = {
    "hut": ("unit",),
    "grid": ("unit",),
    "specialist": ("unit",),
    "desk": ("agency",),
    "leader": ("agency",),
    "client": ("agency",),
    "coordinator": (),
    "operator": (),
    "auditor": (),
}
_LEAST_PASSWORD = 14

NOTICE_PLACES = frozenset(
    {"number", "programme", "outcome", "due_on", "street", "agency", "level", "notice", "about"}
)
_PLACES_OF: Mapping[str, frozenset[str]] = MappingProxyType(
    {"referral": NOTICE_PLACES, "person": frozenset({"service"})}
)
"""What the sentences of a kind may name. What is sent to a person names the service alone."""
_COPIES = ("referral.reminded.copy", "referral.supervised.copy", "referral.supervised.circular")
_TO_WHOM_IS_LATE = ("referral.reminded.specialist", "referral.reminded.coordinator")
_IN_PERSON = ("referral.assigned.yours", "referral.reassigned.yours", "referral.delegated.yours")
_SPECIAL = ("referral.noted.delay", "referral.supervised.third-return", "referral.recorded-on-behalf.agency")
_UNTOLD = frozenset({"planned", "opened", "erased"})
"""Facts that no inbox is told of: who looked is for the person, and of whom is forgotten nothing is told."""
NOTICE_TEXTS = (
    *(
        f"referral.{row.fact}"
        for row in CATALOGUE.values()
        if row.aggregate == "referral" and row.fact not in _UNTOLD and not row.fact.endswith("-done")
    ),
    *_COPIES,
    *_TO_WHOM_IS_LATE,
    *_IN_PERSON,
    *_SPECIAL,
)
"""The sentences of ``texts/notices.yaml``: of facts of a leg but those nobody is told of, of copies, of who is late.

And of what an officer is told in person, and of what a fact may mean besides.

What is told is notifications' to say; a test holds the two together.
"""


def posts(pack: Pack) -> Found:
    """Each post has the place its role needs, and the place exists; passwords belong to demo packs alone.

    A desk stands in its agency, or at a counter that the agency has in a street.
    """
    agency_ids = pack.ids(AGENCIES, "agencies")
    counters = {
        (str(agency.get("id")), str(counter.get("street")))
        for _, agency in pack.items(AGENCIES, "agencies")
        for _, counter in maps_of(agency, "desks")
    }
    for place, person in pack.items(POSTS, "staff"):
        for index, post in maps_of(person, "posts"):
            at = (*place, "posts", index)
            role, agency, unit = (post.get(key) for key in ("role", "agency", "unit"))
            needed = _PLACES.get(str(role))
            given = tuple(key for key in ("agency", "unit") if post.get(key) is not None)
            if role == "desk" and given == ("agency", "unit"):
                if (str(agency), str(unit)) not in counters:
                    yield pack.flaw(POSTS, (*at, "unit"), "no-counter", key=str(agency), value=str(unit))
            elif needed is not None and given != needed:
                yield pack.flaw(POSTS, at, "post-place", key=str(role), value=", ".join(needed) or "–")
            if isinstance(agency, str) and agency not in agency_ids:
                yield pack.flaw(POSTS, (*at, "agency"), "unknown-agency", value=agency)
            if isinstance(unit, str) and pack.units and unit not in pack.units:
                yield pack.flaw(POSTS, (*at, "unit"), "unknown-unit", value=unit)
    source, district = pack.sources.get(POSTS), pack.sources.get(DISTRICT)
    password = (
        source.plain.get("demo_password") if source is not None and isinstance(source.plain, dict) else None
    )
    demo = district.plain.get("demo") if district is not None and isinstance(district.plain, dict) else None
    if isinstance(password, str) and (demo is False or len(password) < _LEAST_PASSWORD):
        yield pack.flaw(POSTS, ("demo_password",), "demo-password")


def notices(pack: Pack) -> Found:
    """Every sentence that is needed is there and fills only places that exist."""
    source = pack.sources.get(NOTICES)
    texts = source.plain.get("texts") if source is not None and isinstance(source.plain, dict) else None
    if not isinstance(texts, dict):
        return
    for name in (*NOTICE_TEXTS, *(f"consent.{part}" for part in CONSENT_TEXTS)):
        if name not in texts:
            yield pack.flaw(NOTICES, ("texts",), "text-missing", value=name)
    for name, words in texts.items():
        allowed = _PLACES_OF.get(name.partition(".")[0], frozenset())
        for locale, text in (words if isinstance(words, dict) else {}).items():
            if isinstance(text, str):
                for place in _unknown_places(text, allowed):
                    yield pack.flaw(NOTICES, ("texts", name, locale), "placeholder-unknown", value=place)


def _unknown_places(text: str, allowed: frozenset[str]) -> Iterator[str]:
    try:
        names = [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]
    except ValueError:
        yield "{…}"
        return
    yield from (f"{{{name}}}" for name in names if name not in allowed)


def wording(pack: Pack) -> Found:
    """No word of the list stands where an agency or a stranger may read it.

    Exempt are clinical programmes with what only they use, the hut's own title, and the names of places.
    """
    hidden = _hut_only(pack)
    for file, source in pack.sources.items():
        for path, text in source.strings():
            word = forbidden_word(text)
            if word is not None and not any(path[: len(part)] == part for part in hidden.get(file, ())):
                yield pack.flaw(file, path, "forbidden-word", value=word)


OPEN_LEVELS = ("none", "category")
"""Disclosures of a programme that is named outside."""


def _hut_only(pack: Pack) -> dict[str, list[Path_]]:
    """Give the places that only the hut ever reads."""
    open_items: list[dict[str, Any]] = []
    hidden: dict[str, list[Path_]] = {DISTRICT: [("hut_title",)], PROGRAMMES: [], FIELDS: []}
    for place, item in pack.items(PROGRAMMES, "programmes"):
        # What is neither is an error already, and may well have been meant to be clinical.
        if item.get("disclosure", "none") not in OPEN_LEVELS:
            hidden[PROGRAMMES].append(place)
        else:
            open_items.append(item)
    used = {
        (file, section): {name for item in open_items for key in keys for _, name in texts_of(item, key)}
        for file, section, keys in (
            (PROGRAMMES, "papers", ("papers", "papers_if_any")),
            (PROGRAMMES, "steps", ("steps",)),
            (FIELDS, "answers", ("fields",)),
        )
    }
    used[PROGRAMMES, "laws"] = {
        str(basis.get("law")) for item in open_items for _, basis in maps_of(item, "basis")
    }
    for (file, section), names in used.items():
        hidden[file].extend(
            place for place, item in pack.items(file, section) if str(item.get("id")) not in names
        )
    return hidden
