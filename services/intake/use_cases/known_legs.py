"""What is open already for those whom a filing is for, under whichever person of the family it was filed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from services.intake.domain.filing import Beneficiary, Need
from services.intake.domain.whom import Filer, Place, Whom, is_same
from services.intake.persistence.open_legs import (
    OpenLeg,
    households_of,
    legs_of_namesakes,
    open_legs_in,
    open_legs_of,
)
from services.intake.use_cases.case import beneficiary_of
from services.intake.use_cases.context import Context
from services.intake.use_cases.written_rows import beneficiary_index
from shared.db.reach import beyond
from shared.directory import District

HOUSEHOLD = "household"
"""Of a programme: it helps everybody of a household at once."""


@dataclass(frozen=True, slots=True)
class Known:
    """The open legs that concern those a filing is for, the oldest first, wherever they were filed."""

    context: Context
    district: District
    filed: Place
    filer: Filer
    households: frozenset[str]
    legs: Sequence[OpenLeg]
    namesakes: Sequence[OpenLeg] = ()

    def perhaps(self, need: Need) -> Iterator[OpenLeg]:
        """Give those at this desk for the same programme of people of the same name and date of birth."""
        own = need.beneficiary is None
        return (leg for leg in self.namesakes if own and leg.programme == need.programme)

    def for_the_same(self, need: Need) -> Iterator[OpenLeg]:
        """Give those that are for the same person or household as a need of the filing."""
        wanted = self.whoms(need)
        for leg in self.legs:
            found = self._of(leg)
            if any(is_same(one, found) for one in wanted):
                yield leg

    def twice(self, need: Need) -> Iterator[OpenLeg]:
        """Give those that are for the same programme, too."""
        return (leg for leg in self.for_the_same(need) if leg.programme == need.programme)

    def own_here(self) -> list[str]:
        """Name the programmes that the person of the request has open at this very desk."""
        known = self.filer.id_index
        return [
            leg.programme
            for leg in self.legs
            if known is not None and (leg.filer, leg.unit) == (known, self.filed.unit)
        ]

    def whoms(self, need: Need) -> list[Whom]:
        """Tell whom a need is for, once for each household that is known (most often none)."""
        index = beneficiary_index(self.context, need.beneficiary)
        households = self.households if is_wide(self.district, need.programme) else frozenset[str]()
        return [
            self._whom(
                need.programme, self.filer.id_index or self.filed.request, index, need.beneficiary, one
            )
            for one in households or (None,)
        ]

    def _of(self, leg: OpenLeg) -> Whom:
        beneficiary = None
        if leg.beneficiary is not None:
            plain = self.context.keyring.fields.decrypt("legs", "beneficiary", leg.id, leg.beneficiary)
            beneficiary = beneficiary_of(orjson.loads(plain)) if plain else None
        index = leg.beneficiary_index or beneficiary_index(self.context, beneficiary)
        household = leg.household if is_wide(self.district, leg.programme) else None
        return self._whom(leg.programme, leg.filer or leg.request, index, beneficiary, household)

    def _whom(
        self,
        programme: str,
        filer: bytes | str,
        index: bytes | None,
        beneficiary: Beneficiary | None,
        household: str | None,
    ) -> Whom:
        # What a household gets, whoever asks for it gets: beside the one who is named.
        own = beneficiary is None or is_wide(self.district, programme)
        ids = {index} if index else set()
        if own and isinstance(filer, bytes):
            ids.add(filer)
        return Whom(filer=filer, ids=frozenset(ids), own=own, beneficiary=beneficiary, household=household)


def known_legs(
    context: Context,
    connection: Connection,
    district: District,
    filed: Place,
    filer: Filer,
    needs: Sequence[Need],
) -> Known:
    """Look up what is open for the person of a request, and for whomever its needs name with an ID number."""
    named = (beneficiary_index(context, need.beneficiary) for need in needs)
    ids = {one for one in (filer.id_index, *named) if one is not None}
    households: set[str] = set()
    wide = {programme.id for programme in district.programmes.values() if programme.beneficiary == HOUSEHOLD}
    # What is open already may have been filed at any desk of the district; this one is told of its own alone.
    with beyond(connection):
        found = {leg.id: leg for leg in open_legs_of(connection, ids)}
        if any(need.programme in wide for need in needs):
            households = households_of(connection, ids) | ({filer.household} if filer.household else set())
        if households:
            found |= {leg.id: leg for leg in open_legs_in(connection, households, wide)}
    legs = sorted(found.values(), key=lambda leg: (leg.created_at, leg.position))
    namesakes = _namesakes(context, connection, filed, filer, needs)
    return Known(context, district, filed, filer, frozenset(households), legs, namesakes)


def _namesakes(
    context: Context, connection: Connection, filed: Place, filer: Filer, needs: Sequence[Need]
) -> list[OpenLeg]:
    """Look for somebody without an ID number by name and date of birth; two may share both, so it proves nothing."""
    own = {need.programme for need in needs if need.beneficiary is None}
    if filer.id_index is not None or filer.name_index is None or filer.born_on is None or not own:
        return []
    found = legs_of_namesakes(connection, filer.name_index, filed.unit, own, beside=filed.request)
    decrypt, born = context.keyring.fields.decrypt, filer.born_on.isoformat()
    return [leg for leg, person, date in found if decrypt("people", "birth_date", person, date) == born]


def is_wide(district: District, programme: str) -> bool:
    """Tell whether a programme helps a household as a whole."""
    known = district.programmes.get(programme)
    return known is not None and known.beneficiary == HOUSEHOLD
