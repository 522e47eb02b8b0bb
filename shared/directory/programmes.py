"""The help a district has to give, as the services see it: each programme with its clause, conditions and rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from shared.clock import ClockRule
from shared.text import Text

CLINICAL_OUTWARD = "health-service"
"""What a leg of any clinical programme is called everywhere outside intake (design §4)."""

RoutedBy = Literal["residence", "registration"]
"""By what a leg finds its agency's counter: where somebody lives, or where their household is registered."""
Disclosure = Literal["none", "category", "clinical"]


class UnknownProgramme(LookupError):
    """The pack has no programme of that id."""

    def __init__(self, programme: str) -> None:
        super().__init__(f"no programme {programme} in this district")
        self.programme = programme


@dataclass(frozen=True, slots=True)
class Law:
    """A statute or notice with the period in which it is in force (ISO dates) and how well that was checked."""

    id: str
    name: Text
    valid_from: str | None
    valid_to: str | None
    verified: str


@dataclass(frozen=True, slots=True)
class Basis:
    """The clause a programme stands on."""

    law: Law
    articles: str


@dataclass(frozen=True, slots=True)
class Check:
    """One comparison of a field: ``op`` is one of equals, at_least, at_most, below, above, one_of, not_one_of.

    With ``standard`` the value is ``times`` × that amount of the district instead of ``value``.
    """

    field: str
    op: str
    value: Any
    standard: str | None
    times: float


@dataclass(frozen=True, slots=True)
class Criterion:
    """One condition of eligibility, met when any of its checks is; it suggests and never rejects."""

    id: str
    name: Text
    any_of: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of a programme's checklist.

    ``by_hand``: the person (or the guardian) hands it to the agency directly; it never passes through the platform.
    ``kind`` is the data kind that a consent has to name before the agency may see it; of an older pack, none is known
    and none will do.
    """

    id: str
    name: Text
    required: bool
    by_hand: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One named step between acceptance and decision, perhaps with a time of its own."""

    id: str
    name: Text
    limit: ClockRule | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many can be helped at once: ``places`` as of a day; decisions of the outcomes ``taken_by`` take one each."""

    places: int
    as_of: date
    taken_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AidFirst:
    """Help that is paid first: ``pay_within`` counts from delivery, ``papers_after`` from the day of payment."""

    pay_within: ClockRule
    papers_after: ClockRule


@dataclass(frozen=True, slots=True)
class Easing:
    """Who holds one of ``programmes`` already goes an easier way, told in ``effect``."""

    programmes: tuple[str, ...]
    effect: Text


@dataclass(frozen=True, slots=True)
class Programme:
    """One kind of help, and the rules its legs follow.

    ``fields`` and ``person_fields`` are what its packet may hold (answers, and the person's own record);
    ``outcomes`` maps outcome id to the details asked for it; ``verified`` says per part how well the facts behind
    it were checked (full-text, copy, design or unverified; ``all`` is the rest). Within its need ``category`` the
    programme of the lowest ``rank`` tells least about the person and is suggested first. ``held_when`` is the
    answer by which somebody is known to hold it already. Unmet ``requires`` are told and never refuse;
    ``excludes`` are the programmes that cannot be open beside it; ``alternatives`` may be chosen instead.
    """

    id: str
    agency: str
    name: Text
    disclosure: Disclosure
    outward_id: str
    offered: bool
    instead: Text | None
    beneficiary: str
    fields: tuple[str, ...]
    person_fields: tuple[str, ...]
    papers: tuple[Paper, ...]
    steps: tuple[Step, ...]
    clocks: Mapping[str, ClockRule]
    outcomes: Mapping[str, tuple[str, ...]]
    publicity: Mapping[str, Any] | None
    eligibility: tuple[Criterion, ...]
    basis: tuple[Basis, ...]
    requires: tuple[str, ...]
    excludes: tuple[str, ...]
    note: Text | None
    consent_note: Text | None
    verified: Mapping[str, str]
    category: str = ""
    rank: int = 0
    held_when: Check | None = None
    eased_by: Easing | None = None
    alternatives: tuple[str, ...] = ()
    capacity: Capacity | None = None
    aid_first: AidFirst | None = None
    routed_by: RoutedBy = "residence"

    @property
    def clinical(self) -> bool:
        """Whether the leg's very programme must stay between the hut and the health agency."""
        return self.disclosure == "clinical"
