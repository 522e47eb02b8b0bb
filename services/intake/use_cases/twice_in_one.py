"""One kind of help is open once in one request for the same person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.filing import Need
from services.intake.domain.whom import is_named_again
from services.intake.use_cases.case import CaseLeg
from shared.directory import District
from shared.text import Text

OPEN_HERE = Rule(
    "本件申请中已有为同一人办理的“{programme}”（{number}），尚未办结。请先撤回，或待其办结后再申请。",
    "{programme} is open in this request for the same person already ({number}). Withdraw that one first, or wait "
    "until it has ended.",
    "open-in-this-request",
)


def refuse_twice(
    needs: Sequence[Need], legs: Iterable[CaseLeg], district: District, fields: Sequence[str]
) -> None:
    """Object to needs that open legs of their own request meet; ``fields`` names each need's place in what was sent.

    A leg whose withdrawal is under way no longer counts.

    Raises:
        InvalidFiling: naming each.
    """
    faults = met_again(needs, legs, district, fields)
    if faults:
        raise InvalidFiling(faults)


def met_again(
    needs: Sequence[Need], legs: Iterable[CaseLeg], district: District, fields: Sequence[str]
) -> list[Fault]:
    """Give a fault for each need that an open leg meets already; as ``refuse_twice``, which raises them."""
    held = [leg for leg in legs if not leg.ended and not leg.cancelling]
    faults = []
    for need, field in zip(needs, fields, strict=True):
        same = (leg for leg in held if leg.need.programme == need.programme)
        found = next((leg for leg in same if is_named_again(leg.need.beneficiary, need.beneficiary)), None)
        if found is not None:
            known = district.programmes.get(need.programme)
            name = known.name if known else Text(need.programme, need.programme)
            faults.append(Fault(field, OPEN_HERE.format(programme=name, number=found.number)))
    return faults
