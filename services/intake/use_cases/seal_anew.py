"""Seals legs again that an agency works on, nothing being put right: its index has another key."""

from __future__ import annotations

from services.intake.persistence import cases
from services.intake.use_cases.context import Context
from services.intake.use_cases.correct import reseal
from services.intake.use_cases.deed import SYSTEM, Deed, Doer, held_case
from services.intake.use_cases.seal_legs import whose

NEW_KEY = "new-key"
"""Why a packet came again although nothing has changed in it: nobody has to be told."""


def seal_anew(context: Context, request: str, agency: str) -> list[str]:
    """Send the packets of a request's open legs at an agency once more, with fresh tokens to find them by.

    Gives the legs. Left out is what may not be sent (ended, frozen, about to be cancelled, consent ended) or was asked
    for before and not answered yet. Raises ``NotThere``.
    """
    at = context.clock.now()
    with context.database.unit_of_work() as uow:
        case = held_case(context, uow, request)
        deed = Deed(context, uow, case, at, Doer(SYSTEM, SYSTEM))
        asked = {leg for leg, verb in cases.pending(uow.connection, case.id) if verb == "reseal"}
        legs = [
            (leg, kinds)
            for leg in case.legs
            if leg.agency == agency
            and not (leg.ended or leg.frozen or leg.cancelling)
            and leg.id not in asked
            if (kinds := case.kinds(agency, leg.need.programme, deed.today))
            and leg.need.programme in deed.district.programmes
        ]
        if case.held.request["forgotten_at"] is not None or not legs:
            return []
        subject = whose(case.person, case.answers)
        for leg, kinds in legs:
            reseal(deed, subject, leg, kinds, (), reason=NEW_KEY)
        deed.close()
    return [leg.id for leg, _ in legs]
