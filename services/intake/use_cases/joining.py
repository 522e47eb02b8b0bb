"""What may join a request beside what is open in it: a successor is held against all but what is being replaced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.filing import Need
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.deed import Deed
from services.intake.use_cases.exclusions import refuse_exclusions
from services.intake.use_cases.known_legs import Known
from services.intake.use_cases.twice_in_one import met_again


@dataclass(frozen=True, slots=True)
class Joining:
    """One need that is to join a request; ``replaces`` names the leg in whose place it is to stand."""

    need: Need
    replaces: str | None = None


def refuse_met_again(deed: Deed, joining: Sequence[Joining]) -> None:
    """Object to what an open leg of the same request meets already.

    Raises:
        InvalidFiling: naming each as ``legs.<place>.programme``.
    """
    faults = []
    for successors, beside in _against(deed, joining):
        places = [place for place, one in enumerate(joining) if (one.replaces is not None) == successors]
        fields = [f"legs.{place}.programme" for place in places]
        faults += met_again([joining[place].need for place in places], beside, deed.district, fields)
    if faults:
        raise InvalidFiling(faults)


def refuse_excluded(deed: Deed, joining: Sequence[Joining], known: Known, *, tell: bool = True) -> None:
    """Object to what cannot be open beside an open leg, of this request or filed at this desk.

    ``tell``: where the other leg was filed elsewhere, the specialists of the streets are told of it.

    Raises:
        Excluded: naming the two programmes.
    """
    found = False
    new = [one.need for one in joining if one.replaces is None]
    for successors, open_legs in _against(deed, joining):
        needs = [one.need for one in joining if one.replaces is not None] if successors else new
        beside = [leg.need for leg in open_legs if not leg.ended] + (new if successors else [])
        found |= refuse_exclusions(deed.uow, needs, known, deed.at, beside=beside, tell=tell)
    if found and tell:
        deed.audit("exclusion.looked-up", found="exclusion_by_other_unit")


def _against(deed: Deed, joining: Sequence[Joining]) -> list[tuple[bool, list[CaseLeg]]]:
    # A successor may well be for the same as the leg before it, or for what that one excludes: that one ends for it.
    replaced = {one.replaces for one in joining}
    return [
        (False, list(deed.case.legs)),
        (True, [leg for leg in deed.case.legs if leg.id not in replaced]),
    ]
