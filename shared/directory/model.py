"""A district as the services see it: agencies, programmes, fields, grid, staff, calendar and texts, all read-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from shared.clock import Calendar, ClockRule
from shared.directory.programmes import CLINICAL_OUTWARD, Programme, UnknownProgramme
from shared.text import Text

Keys = Literal["platform", "own"]
Level = Literal["district", "street", "community"]
FieldSource = Literal["person", "answer", "derived"]


@dataclass(frozen=True, slots=True)
class StreetDesk:
    """An agency's own counter in one street (a unit code)."""

    street: str
    name: Text


@dataclass(frozen=True, slots=True)
class Agency:
    """One office that receives referrals.

    ``keys``: ``platform`` when it uses our pages, ``own`` when it holds its private key itself and ``public_jwk``
    is all we have. ``system``: it reads its events from a queue of its own. ``desks`` are its street-level
    counters; where a street has none, the agency's own desk serves it.
    """

    id: str
    letters: str
    name: Text
    contact: Text
    keys: Keys
    public_jwk: Mapping[str, Any] | None
    system: bool
    desks: tuple[StreetDesk, ...] = ()

    def desk_for(self, street: str | None) -> StreetDesk | None:
        """Give its counter in a street, if it has one there."""
        return next((desk for desk in self.desks if desk.street == street), None)


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of the grid; ``code`` is official, ``source`` and ``year`` say which list it was taken from."""

    code: str
    name: str
    parent: str | None
    level: Level
    source: str
    year: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """What an answer can be: a number from ``least`` to ``most``, ``whole`` or not; a date, if so, ``until_today``."""

    whole: bool = False
    least: float = 0
    most: float = 1_000_000_000
    until_today: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that may be known of a person: of the person's own record, an answer, or derived from both.

    ``kind`` is the data kind a consent names; ``type`` is one of string, text, number, boolean, date, option,
    options; ``options`` maps option id to label, ``bounds`` tell what a number or a date can be.
    """

    id: str
    kind: str
    type: str
    label: Text
    options: Mapping[str, Text]
    source: FieldSource
    bounds: Bounds = Bounds()


@dataclass(frozen=True, slots=True)
class Post:
    """One post: a role, at an agency or at a unit of the grid; ``duty`` is what it answers for beside its role."""

    role: str
    agency: str | None = None
    unit: str | None = None
    duty: str | None = None


@dataclass(frozen=True, slots=True)
class StaffMember:
    """One member of staff and the posts they hold; credentials live in intake, but for made-up staff."""

    id: str
    name: str
    posts: tuple[Post, ...]
    demo_password: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Former:
    """What earlier versions in force had and the present one has no more, by id: what is under way still bears it."""

    agencies: Mapping[str, Agency] = field(default_factory=dict)
    programmes: Mapping[str, Programme] = field(default_factory=dict)


@dataclass(frozen=True)
class District:
    """One version of a district pack.

    ``service`` names the service it was cut for (``None``: the whole pack). ``version`` is 16 hexadecimal digits
    of the whole pack's content, whatever it was cut for, so that all services speak of the same version.
    ``categories`` are the needs that programmes are grouped by; ``screening`` the fields asked about to suggest some.
    ``content`` is the plain JSON form from which this object was made; ``former`` is known of the pack in force alone.
    """

    code: str
    letters: str
    version: str
    service: str | None
    name: Text
    product_name: Text
    hut_title: Text
    handler: Text
    demo: bool
    timezone: str
    specialist_check: bool
    agencies: Mapping[str, Agency]
    programmes: Mapping[str, Programme]
    fields: Mapping[str, Field]
    person_fields: Mapping[str, Field]
    derived_fields: Mapping[str, Field]
    data_kinds: Mapping[str, Text]
    units: Mapping[str, Unit]
    staff: tuple[StaffMember, ...]
    calendar: Calendar
    texts: Mapping[str, Text]
    clocks: Mapping[str, ClockRule]
    limits: Mapping[str, ClockRule]
    escalation: tuple[Mapping[str, Any], ...]
    options: Mapping[str, Any]
    standards: Mapping[str, float]
    categories: Mapping[str, Text]
    screening: tuple[str, ...]
    content: Mapping[str, Any] = field(repr=False, compare=False)
    former: Former = field(default=Former(), repr=False, compare=False)

    def programme(self, programme: str) -> Programme:
        """Give a programme by its id; raises ``UnknownProgramme``."""
        found = self.programmes.get(programme)
        if found is None:
            raise UnknownProgramme(programme)
        return found

    def outward_programme(self, programme: str) -> str:
        """Give the id under which a programme is spoken of outside intake; raises ``UnknownProgramme``."""
        return self.programme(programme).outward_id

    def programme_name(self, outward_id: str) -> Text:
        """Give the label of an outward (or real) programme id, also a former one's; raises ``UnknownProgramme``."""
        if outward_id == CLINICAL_OUTWARD:
            return self.clinical_name
        found = self.programme_ever(outward_id)
        if found is None:
            raise UnknownProgramme(outward_id)
        return found.name

    def programme_ever(self, programme: str) -> Programme | None:
        """Give a programme to be named or shown, also one that the pack has no more."""
        return self.programmes.get(programme) or self.former.programmes.get(programme)

    def agency_ever(self, agency: str) -> Agency | None:
        """Give an agency to be named or shown, also one that the pack has no more."""
        return self.agencies.get(agency) or self.former.agencies.get(agency)

    def leg_rules(self, programme: str) -> dict[str, Any]:
        """Give the rules that travel with a leg (JSON, neutral ids for clinical ones; do not change it).

        ``{"clocks": {"acknowledge": C, "accept": C, "decide": C}, "steps": [id],
        "step_limits": {id: L}, "papers": [id], "outcomes": [id], "asks": {outcome id: [field]},
        "publicity": {…} or None, "aid_first": {"pay_within": L, "papers_after": L} or None,
        "takes_place": [outcome id]}``, where a clock C is ``{unit, total, extended_total, starts_on}``
        and a limit L ``{unit, total}``. Raises ``UnknownProgramme``.
        """
        rules = self._leg_rules.get(programme)
        if rules is None:
            raise UnknownProgramme(programme)
        return rules

    def street_of(self, unit_code: str) -> str | None:
        """Give the street a unit lies in (itself if it is one); ``None`` for the district or an unknown code."""
        return self._streets.get(unit_code)

    @cached_property
    def homes(self) -> Mapping[str, Unit]:
        """The units people can live in, by code: communities, and streets of which the grid lists none."""
        above = {unit.parent for unit in self.units.values()}
        return {
            code: unit
            for code, unit in self.units.items()
            if unit.level != "district" and unit.code not in above
        }

    def for_service(self, service: str) -> District:
        """Cut the pack for one service: only intake keeps clinical programmes, staff passwords and hut words."""
        from shared.directory.content import cut  # noqa: PLC0415 - content builds this class

        return cut(self, service)

    @cached_property
    def clinical_name(self) -> Text:
        """The label of any clinical leg outside intake."""
        name = self.content["health_service"]["name"]
        return Text(name["zh"], name["en"])

    @cached_property
    def _leg_rules(self) -> dict[str, dict[str, Any]]:
        from shared.directory.rules import all_leg_rules  # noqa: PLC0415 - rules reads this class

        return all_leg_rules(self)

    @cached_property
    def _streets(self) -> dict[str, str]:
        streets: dict[str, str] = {}
        for code in self.units:
            unit: Unit | None = self.units[code]
            while unit is not None and unit.level != "street":
                unit = self.units.get(unit.parent) if unit.parent else None
            if unit is not None:
                streets[code] = unit.code
        return streets
