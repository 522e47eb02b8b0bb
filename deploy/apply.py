"""Putting a district pack in force: in all three databases, with its keys and its made-up staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from deploy import keys
from services.intake.use_cases.staff import sync_staff
from shared import directory
from shared.audit import AuditEntry
from shared.db import Database
from shared.directory import Directory, District, NoDistrict
from shared.directory.holiday_notice import carried_over
from shared.sealing import MasterKey


def apply_pack(
    databases: Mapping[str, Database], master: MasterKey, district: District, now: datetime
) -> list[str]:
    """Give every service its cut of the pack and the keys it needs; done again it changes nothing.

    The keys come first, so that no service ever knows an agency it cannot seal to. Holiday notices that were imported
    stay in force. Gives the services for which something changed.
    """
    district = carried_over(district, _in_force(databases["intake"]))
    given = keys.provision(databases, master, district, now)
    changed = [service for service, count in given.items() if count]
    for service, database in databases.items():
        with database.unit_of_work() as uow:
            applied = directory.apply(uow, district.for_service(service), now)
            if service == "intake":
                # Also when the pack is the same: a run that was cut short may have left this to do.
                sync_staff(uow, district, now)
            if applied:
                changed.append(service)
                uow.audit(
                    AuditEntry(
                        at=now,
                        actor="system",
                        post="system",
                        action="district.applied",
                        object_type="district",
                        object_id=district.code,
                        detail={"version": district.version},
                    )
                )
    return sorted(set(changed))


def _in_force(intake: Database) -> District | None:
    try:
        return Directory(intake).current()
    except NoDistrict:
        return None
