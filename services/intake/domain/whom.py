"""Whom a leg is for, as far as two legs can be compared: by ID number, by family, by name within one family."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from services.intake.domain.filing import Beneficiary


class Place(NamedTuple):
    """A request and where it was filed."""

    request: str
    unit: str
    street: str | None


class Filer(NamedTuple):
    """The person of a request: the keyed hash of the ID number, and the household the request was linked with.

    ``name_index`` and ``born_on`` are by what somebody who has no ID number is perhaps known again.
    """

    id_index: bytes | None
    household: str | None = None
    name_index: bytes | None = None
    born_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """Whom one leg is for.

    ``filer`` stands for the person of its request: the keyed hash of the ID number, or the request's id where none was
    given. ``ids`` are the keyed hashes of everybody it is for whose ID number is known; ``own``: it is (also) for the
    person of the request. ``household`` is the linked household, of a programme that helps a household as a whole.
    """

    filer: bytes | str
    ids: frozenset[bytes]
    own: bool
    beneficiary: Beneficiary | None = None
    household: str | None = None


def is_same(one: Whom, other: Whom) -> bool:
    """Tell whether two legs are known to be for the same person or the same household.

    Who has no ID number is known by name alone, and only beside others for whom the same person has asked: two people
    of one name in two families are two people.
    """
    if one.ids & other.ids or (one.household is not None and one.household == other.household):
        return True
    if one.filer != other.filer:
        return False
    return (one.own and other.own) or _is_named_alike(one.beneficiary, other.beneficiary)


def is_named_again(one: Beneficiary | None, other: Beneficiary | None) -> bool:
    """Tell whether two legs of one request are for the same person: by ID number, or by name; None is whoever asks."""
    if one is None or other is None:
        return one is other
    return (one.id_number is not None and one.id_number == other.id_number) or _is_named_alike(one, other)


def _is_named_alike(one: Beneficiary | None, other: Beneficiary | None) -> bool:
    if one is None or other is None or one.name != other.name:
        return False
    return not any(
        known is not None and said is not None and known != said
        for known, said in ((one.id_number, other.id_number), (one.birth_date, other.birth_date))
    )
