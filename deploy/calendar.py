"""Putting a holiday notice in force: laid over the pack in all three databases, and what moves by it told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared import directory
from shared.audit import AuditEntry
from shared.db import Database
from shared.directory import District
from shared.directory.holiday_notice import HolidayNotice, imported_notices, with_notice
from shared.text import Text

SYSTEM = "system"


class YearIsFinal(Exception):
    """The year's days are those of a notice already, and nobody said that it is to be replaced."""

    def __init__(self, year: int) -> None:
        super().__init__(f"the days of {year} are final")
        self.problem = Text(
            f"{year} 年的节假日已按正式通知确定，未作任何改动。",
            f"The days of {year} are those of its notice already; nothing was changed.",
        )
        self.remedy = Text(
            "核对 carehut calendar show；确要更正时加 --replace。",
            "See carehut calendar show; to correct them, import with --replace.",
        )


@dataclass(frozen=True, slots=True)
class InForce:
    """What an import has come to: the pack now in force, and the services for which it is new."""

    district: District
    services: tuple[str, ...]


def put_in_force(
    databases: Mapping[str, Database],
    current: District,
    notice: HolidayNotice,
    now: datetime,
    *,
    by: str = SYSTEM,
    replace: bool = False,
) -> InForce:
    """Lay a notice over the pack in force (whole, as intake holds it) in every service's database; ``by`` is who does.

    The same notice again changes nothing, or finishes what was cut short. Raises ``YearIsFinal``.
    """
    known = notice in imported_notices(current)
    if not known and not replace and current.calendar.is_final(notice.year):
        raise YearIsFinal(notice.year)
    district = current if known else with_notice(current, notice)
    new: list[str] = []
    for service, database in databases.items():
        with database.unit_of_work() as uow:
            if not directory.apply(uow, district.for_service(service), now, by=by):
                continue
            new.append(service)
            uow.audit(
                AuditEntry(
                    at=now,
                    actor=by,
                    post=SYSTEM if by == SYSTEM else "",
                    action="calendar.imported",
                    object_type="district",
                    object_id=district.code,
                    detail={
                        "year": notice.year,
                        "days": len(notice.days),
                        "version": district.version,
                        "replaced": replace,
                    },
                )
            )
    return InForce(district, tuple(new))
