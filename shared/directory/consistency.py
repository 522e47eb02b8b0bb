"""Whether the files of a pack make sense together: every name leads somewhere, nothing goes round in circles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shared.directory.catalogue_checks import kinship, order, places, questions, street_desks
from shared.directory.eligibility import criteria
from shared.directory.pack_view import (
    AGENCIES,
    DISTRICT,
    FIELDS,
    POSTS,
    PROGRAMMES,
    Found,
    Pack,
    maps_of,
    texts_of,
)
from shared.directory.people_and_words import notices, posts, wording
from shared.directory.programmes import CLINICAL_OUTWARD
from shared.directory.staffing import staffed
from shared.directory.trust_checks import approval, parties
from shared.directory.yaml_source import Path_

LISTS = (
    (AGENCIES, ("agencies",)),
    (FIELDS, ("data_kinds",)),
    (FIELDS, ("person",)),
    (FIELDS, ("derived",)),
    (FIELDS, ("answers",)),
    (PROGRAMMES, ("categories",)),
    (PROGRAMMES, ("laws",)),
    (PROGRAMMES, ("papers",)),
    (PROGRAMMES, ("steps",)),
    (PROGRAMMES, ("programmes",)),
    (POSTS, ("staff",)),
    (DISTRICT, ("standards",)),
)


def doubled_ids(pack: Pack) -> Found:
    """No two things of one list share an id; no two agencies their letters; no programme takes the reserved id."""
    for file, path in LISTS:
        seen: set[Any] = set()
        for place, item in pack.items(file, *path):
            name = item.get("id")
            if isinstance(name, str) and name in seen:
                yield pack.flaw(file, (*place, "id"), "duplicate-id", value=name)
            seen.add(name if isinstance(name, str) else None)
    letters: set[str] = set()
    for place, item in pack.items(AGENCIES, "agencies"):
        own = str(item.get("letters"))
        if own in letters:
            yield pack.flaw(AGENCIES, (*place, "letters"), "duplicate-id", value=own)
        letters.add(own)
    for place, item in pack.items(PROGRAMMES, "programmes"):
        if item.get("id") == CLINICAL_OUTWARD:
            yield pack.flaw(PROGRAMMES, (*place, "id"), "outward-id", value=CLINICAL_OUTWARD)


def agencies(pack: Pack) -> Found:
    """An agency with its own key shows the public part of it and nothing more."""
    for place, item in pack.items(AGENCIES, "agencies"):
        jwk = item.get("public_jwk")
        if (item.get("keys") == "own") != isinstance(jwk, dict):
            yield pack.flaw(AGENCIES, (*place, "keys"), "own-key")
        if isinstance(jwk, dict) and "d" in jwk:
            yield pack.flaw(AGENCIES, (*place, "public_jwk", "d"), "private-key")


def fields(pack: Pack) -> Found:
    """Every field is of a known kind; choices have options and nothing else has."""
    kinds = pack.ids(FIELDS, "data_kinds")
    for section in ("person", "derived", "answers"):
        for place, item in pack.items(FIELDS, section):
            kind = item.get("kind")
            if isinstance(kind, str) and kind not in kinds:
                yield pack.flaw(FIELDS, (*place, "kind"), "unknown-kind", value=kind)
            if bool(item.get("options")) != (item.get("type") in ("option", "options")):
                yield pack.flaw(FIELDS, (*place, "type"), "options-form")
            bounds = item.get("bounds")
            if isinstance(bounds, dict):
                yield from _bounds(pack, (*place, "bounds"), bounds, item.get("type"))


_BOUNDED = {"number": {"whole", "least", "most"}, "date": {"until_today"}}


def _bounds(pack: Pack, place: Path_, bounds: dict[str, Any], type_: object) -> Found:
    for name in sorted(bounds.keys() - _BOUNDED.get(str(type_), set())):
        yield pack.flaw(FIELDS, (*place, name), "bounds-form")
    least, most = bounds.get("least", 0), bounds.get("most")
    if isinstance(least, int | float) and isinstance(most, int | float) and least > most:
        yield pack.flaw(FIELDS, (*place, "most"), "too-small", value=least)


def papers(pack: Pack) -> Found:
    """Every paper is of a known data kind."""
    kinds = pack.ids(FIELDS, "data_kinds")
    for place, item in pack.items(PROGRAMMES, "papers"):
        kind = item.get("kind")
        if isinstance(kind, str) and kind not in kinds:
            yield pack.flaw(PROGRAMMES, (*place, "kind"), "unknown-kind", value=kind)


_REFERENCES: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    ("papers", "unknown-paper", PROGRAMMES, ("papers",)),
    ("papers_if_any", "unknown-paper", PROGRAMMES, ("papers",)),
    ("steps", "unknown-step", PROGRAMMES, ("steps",)),
    ("fields", "unknown-field", FIELDS, ("answers",)),
    ("person_fields", "unknown-field", FIELDS, ("person",)),
    ("requires", "unknown-programme", PROGRAMMES, ("programmes",)),
    ("excludes", "unknown-programme", PROGRAMMES, ("programmes",)),
    ("alternatives", "unknown-programme", PROGRAMMES, ("programmes",)),
)


def references(pack: Pack) -> Found:
    """Whatever a programme names exists."""
    known = {key: (code, pack.ids(file, *path)) for key, code, file, path in _REFERENCES}
    agency_ids = pack.ids(AGENCIES, "agencies")
    for place, item in pack.items(PROGRAMMES, "programmes"):
        agency = item.get("agency")
        if isinstance(agency, str) and agency not in agency_ids:
            yield pack.flaw(PROGRAMMES, (*place, "agency"), "unknown-agency", value=agency)
        for key, (code, there) in known.items():
            yield from _unknown(pack, item, (*place, key), code, there)
        if item.get("id") in [name for _, name in texts_of(item, "excludes")]:
            yield pack.flaw(PROGRAMMES, (*place, "excludes"), "self-exclusion", value=item["id"])
    source = pack.sources.get(PROGRAMMES)
    if source is not None and isinstance(source.plain, dict):
        yield from _unknown(pack, source.plain, ("person_fields",), *known["person_fields"])


def contradictions(pack: Pack) -> Found:
    """No programme needs first what it cannot be open beside, whichever of the two says so."""
    programmes = list(pack.items(PROGRAMMES, "programmes"))
    excludes = {
        str(item.get("id")): {name for _, name in texts_of(item, "excludes")} for _, item in programmes
    }
    for place, item in programmes:
        name = str(item.get("id"))
        for index, first in texts_of(item, "requires"):
            if first in excludes[name] or name in excludes.get(first, ()):
                yield pack.flaw(PROGRAMMES, (*place, "requires", index), "requires-and-excludes", value=first)


def _unknown(pack: Pack, item: dict[str, Any], place: Path_, code: str, there: set[str]) -> Found:
    for index, name in texts_of(item, str(place[-1])):
        if name not in there:
            yield pack.flaw(PROGRAMMES, (*place, index), code, value=name)


def laws_and_limits(pack: Pack) -> Found:
    """The laws a programme stands on exist, and only steps it has can have a time of their own."""
    laws = pack.ids(PROGRAMMES, "laws")
    for place, item in pack.items(PROGRAMMES, "programmes"):
        for index, basis in maps_of(item, "basis"):
            law = basis.get("law")
            if isinstance(law, str) and law not in laws:
                yield pack.flaw(PROGRAMMES, (*place, "basis", index, "law"), "unknown-law", value=law)
        limits, chosen = item.get("step_limits"), [name for _, name in texts_of(item, "steps")]
        for name in limits if isinstance(limits, dict) else ():
            if name not in chosen:
                yield pack.flaw(PROGRAMMES, (*place, "step_limits", name), "unknown-step", value=name)


def circles(pack: Pack) -> Found:
    """No programme needs itself, by whatever way round; each circle is told once, at its first programme."""
    needs = {
        item["id"]: [name for _, name in texts_of(item, "requires")]
        for _, item in pack.items(PROGRAMMES, "programmes")
        if isinstance(item.get("id"), str)
    }
    places = {str(item.get("id")): place for place, item in pack.items(PROGRAMMES, "programmes")}
    told: set[frozenset[str]] = set()
    for start in needs:
        way = _way_back(start, needs)
        if way and frozenset(way) not in told:
            told.add(frozenset(way))
            yield pack.flaw(
                PROGRAMMES, (*places[start], "requires"), "cycle", value=" → ".join([*way, start])
            )


def _way_back(start: str, needs: dict[str, list[str]]) -> list[str]:
    ways, seen = [[start]], set()
    while ways:
        way = ways.pop()
        for name in needs.get(way[-1], ()):
            if name == start:
                return way
            if name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def programmes(pack: Pack) -> Found:
    """What holds of each programme alone: disclosure, offers, extensions."""
    health = _health_agency(pack)
    for place, item in pack.items(PROGRAMMES, "programmes"):
        if item.get("disclosure") == "clinical" and item.get("agency") != health:
            yield pack.flaw(PROGRAMMES, (*place, "disclosure"), "clinical-agency", value=health)
        if item.get("offered") is False and not item.get("instead"):
            yield pack.flaw(PROGRAMMES, (*place, "offered"), "not-offered")
        clocks = item.get("clocks")
        for name, clock in (clocks if isinstance(clocks, dict) else {}).items():
            yield from _extension(pack, PROGRAMMES, (*place, "clocks", name), clock)
    district = pack.sources.get(DISTRICT)
    plain = district.plain if district is not None and isinstance(district.plain, dict) else {}
    clocks = plain.get("clocks")
    for name, clock in (clocks if isinstance(clocks, dict) else {}).items():
        yield from _extension(pack, DISTRICT, ("clocks", name), clock)
    if health and health not in pack.ids(AGENCIES, "agencies"):
        yield pack.flaw(DISTRICT, ("health_service", "agency"), "unknown-agency", value=health)


def _health_agency(pack: Pack) -> str:
    source = pack.sources.get(DISTRICT)
    block = (
        source.plain.get("health_service") if source is not None and isinstance(source.plain, dict) else None
    )
    return str(block.get("agency", "")) if isinstance(block, dict) else ""


def _extension(pack: Pack, file: str, place: Path_, clock: Any) -> Found:  # noqa: ANN401 - unchecked YAML
    if not isinstance(clock, dict):
        return
    total, extended = clock.get("total"), clock.get("extended_total")
    if isinstance(total, int) and isinstance(extended, int) and extended < total:
        yield pack.flaw(file, (*place, "extended_total"), "extended")


def escalation(pack: Pack) -> Found:
    """What is done when time runs out comes in order, one line for each day; a circular has its notice and readers."""
    last: int | None = None
    for place, item in pack.items(DISTRICT, "escalation"):
        at = item.get("at")
        if isinstance(at, int) and not isinstance(at, bool):
            if last is not None and at <= last:
                yield pack.flaw(DISTRICT, (*place, "at"), "escalation-order", value=at)
            last = at
        deeds = item.get("do")
        if isinstance(deeds, list) and "circular" in deeds:
            notices_given = [deed for deed in deeds if str(deed).endswith("-notice")]
            if not notices_given or not item.get("copy_to"):
                yield pack.flaw(DISTRICT, (*place, "do"), "circular-alone", value=at)


CHECKS: tuple[Callable[[Pack], Found], ...] = (
    doubled_ids,
    agencies,
    fields,
    papers,
    references,
    contradictions,
    laws_and_limits,
    circles,
    programmes,
    criteria,
    order,
    places,
    street_desks,
    kinship,
    questions,
    posts,
    staffed,
    escalation,
    parties,
    approval,
    notices,
    wording,
)


def flaws_of(pack: Pack) -> Found:
    """Run every check over a pack."""
    for check in CHECKS:
        yield from check(pack)
