"""What a person has said no to: written down, shown, and not asked again for as long as the district says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from services.intake.domain.refusals import COOLDOWN, FACT, Refusal, standing
from services.intake.persistence import refusals as store
from services.intake.use_cases.deed import Deed
from services.intake.use_cases.moment import Moment
from services.intake.use_cases.tasks import settle_tasks
from shared.directory import District

ASKING = ("renewal", "consent-needed")
"""Tasks by which the desk is told to ask for a consent."""


def cooldown(district: District) -> timedelta:
    """Give for how long nobody asks again."""
    return timedelta(int(district.options["consent"][COOLDOWN]))


def note_refusal(deed: Deed, agency: str, programmes: Sequence[str]) -> tuple[Refusal, ...]:
    """Write a refusal down, and end the tasks that ask for that consent of the agency's own legs."""
    refusals = tuple(Refusal(agency, programme, deed.at) for programme in programmes or (None,))
    deed.note(FACT, detail={"agency": agency, "programmes": list(programmes)})
    deed.audit("consent.refused", agency=agency, programmes=list(programmes))
    for leg in deed.case.legs:
        if standing(refusals, leg.agency, leg.need.programme):
            settle_tasks(deed.uow, deed.case.id, *ASKING, at=deed.at, by=deed.by.staff, leg=leg.id)
    return refusals


def is_refused(deed: Deed, agency: str, programme: str) -> bool:
    """Tell whether the person is not to be asked for this consent now."""
    known = store.refusals_of(
        deed.uow.connection, deed.case.id, deed.case.id_index, deed.at - cooldown(deed.district)
    )
    given = (
        row["recorded_at"]
        for row in deed.case.held.consents
        if (row["agency"], row["programme"]) == (agency, programme)
    )
    return standing(known, agency, programme, since=max(given, default=None)) is not None


def not_before(moment: Moment, consent: RowMapping) -> datetime | None:
    """Give when a consent that ends may be asked for anew; None where that is now."""
    rest = cooldown(moment.district)
    connection, request = moment.uow.connection, consent["request_id"]
    known = store.refusals_of(connection, request, store.person_of(connection, request), moment.now - rest)
    last = standing(known, consent["agency"], consent["programme"], since=consent["recorded_at"])
    return None if last is None else last.at + rest


def refusals_shown(
    connection: Connection, request: str, person: bytes | None, district: District, now: datetime
) -> list[dict[str, Any]]:
    """Show what is not to be asked for, and from when it may be again; ``person`` is an ID number's keyed hash."""
    rest = cooldown(district)
    return [
        {
            "agency": one.agency,
            "programme": one.programme,
            "refused_at": one.at,
            "ask_again_from": one.at + rest,
        }
        for one in store.refusals_of(connection, request, person, now - rest)
    ]
