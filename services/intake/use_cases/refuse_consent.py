"""A person says no to passing data on: what waited for that consent is not made, and nobody asks again soon."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.intake.domain.errors import InvalidFiling
from services.intake.domain.filing import Refused
from services.intake.domain.refusals import standing
from services.intake.domain.request import WITHDRAW_CONSENT
from services.intake.persistence import cases
from services.intake.use_cases.check_filing import refusal_faults
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, changing
from services.intake.use_cases.refusals import cooldown, note_refusal
from services.intake.use_cases.reissue import decline
from shared.db import Once
from shared.identity import Principal


@dataclass(frozen=True, slots=True, kw_only=True)
class RefuseConsent:
    """The person says no to one agency: for some of its programmes, or for all where none is named."""

    request: str
    refused: Refused
    version: int | None = None


def refuse_consent(
    context: Context, principal: Principal, command: RefuseConsent, *, once: Once | None = None
) -> dict[str, Any]:
    """Write down that the person does not consent, or does not renew what ends.

    A no touches no other help; a consent that stands runs on to its end or until it is taken back; the person may
    consent on any day. Gives ``{id, number, status, version, agency, programmes, ask_again_from}``.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``.
        InvalidFiling: there is no such agency, or a programme is not one of its own.
    """
    change = Change(
        request=command.request, action="consents.refuse", step=WITHDRAW_CONSENT, version=command.version
    )
    agency, programmes = command.refused.agency, command.refused.programmes
    with changing(context, principal, change, once=once) as deed:
        if faults := list(refusal_faults(command.refused, "", deed.district)):
            raise InvalidFiling(faults)
        refusals = note_refusal(deed, agency, programmes)
        for leg in deed.case.legs:
            asked = cases.open_reissue(deed.uow.connection, leg.id)
            if asked is not None and standing(refusals, asked["to_agency"], asked["to_programme"]):
                decline(deed, leg, asked["id"])
        head = deed.answer()
        del head["legs"]
        deed.uow.result = head | {
            "agency": agency,
            "programmes": list(programmes),
            "ask_again_from": deed.at + cooldown(deed.district),
        }
    answer: dict[str, Any] = deed.uow.result
    return answer
