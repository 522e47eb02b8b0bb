"""Putting a district pack in force in all three databases, with keys and staff, after a second look where needed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from deploy import keys
from services.intake.use_cases.staff import first_passwords, sync_staff
from shared import directory
from shared.audit import AuditEntry
from shared.db import Database, UnitOfWork
from shared.directory import District, NoDistrict, Widening, changes, widened
from shared.directory.changes import Change
from shared.directory.content import district_from
from shared.directory.holiday_notice import carried_over
from shared.sealing import MasterKey
from shared.text import Text

SYSTEM = "system"
INTAKE = "intake"


class NotApproved(Exception):
    """A version cannot be put in force or declined as asked; ``problem`` and ``remedy`` are for people."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.remedy = remedy


class OthersWait(NotApproved):
    """Other versions wait for approval; what was compared with the present one would be overtaken."""

    def __init__(self, waiting: Sequence[Change]) -> None:
        names = ", ".join(f"{change.version} ({change.applied_by})" for change in waiting)
        super().__init__(
            Text(
                f"还有版本等待批准：{names}，未作任何改动。",
                f"Waiting for approval: {names}; nothing was changed.",
            ),
            Text(
                "请先批准（carehut district approve）或不批准（decline）；要使其作废，加 --overtake。",
                "Approve (carehut district approve) or decline it first; to end it unapproved, add --overtake.",
            ),
        )


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a pack: the services in which it is in force anew, or what it widens and so waits for.

    ``overtaken`` are the proposals that have ended because it came into force.
    """

    version: str
    services: tuple[str, ...] = ()
    widens: tuple[Widening, ...] = ()
    overtaken: tuple[Change, ...] = ()


def in_force(databases: Mapping[str, Database]) -> District | None:
    """Give the whole pack in force, as intake holds it; ``None`` before the first."""
    try:
        return directory.Directory(databases[INTAKE]).current()
    except NoDistrict:
        return None


def applied_from(database: Database) -> str:
    """Tell where the pack in force was read from, as a service knows it."""
    with database.read() as connection:
        return directory.source_in_force(connection)


def waiting_for_approval(databases: Mapping[str, Database], *, besides: str) -> tuple[Change, ...]:
    """Give what else than the version ``besides`` waits for approval."""
    with databases[INTAKE].read() as connection:
        return tuple(changes.waiting(connection, besides=besides))


def put_forward(
    databases: Mapping[str, Database],
    master: MasterKey,
    district: District,
    now: datetime,
    *,
    by: str,
    overtake: bool = False,
    source: str | None = None,
) -> Applied:
    """Put a pack in force, or keep it as proposed when it widens disclosure.

    The first version of an installation has nothing to be compared with. Nothing is made for a proposed version:
    no keys, no accounts. ``source`` is the folder it was read from (see ``shared.directory.apply``). Raises
    ``OthersWait`` where proposals would be overtaken, unless that is meant, and what ``apply_pack`` raises.
    """
    old = in_force(databases)
    district = carried_over(district, old)
    widens = () if old is None else tuple(widened(old, district))
    if old is None or not widens:
        ended = _overtaken(databases, old, district.version, meant=overtake)
        services = apply_pack(databases, master, district, now, by=by, source=source)
        return Applied(district.version, tuple(services), overtaken=ended)
    with databases[INTAKE].unit_of_work() as uow:
        if changes.propose(uow, old, district, by=by, at=now, source=source):
            _audit(uow, "proposed", district.code, by, now, version=district.version, widens=len(widens))
    return Applied(district.version, widens=widens)


def approve(
    databases: Mapping[str, Database],
    master: MasterKey,
    version: str,
    now: datetime,
    *,
    by: str,
    overtake: bool = False,
) -> Applied:
    """Put a proposed version in force; cut short, it may be done again.

    ``by`` must hold the duty ``data-protection`` under the version in force, and must not be who applied it. Raises
    ``NotApproved`` otherwise, ``OthersWait`` as ``put_forward``, and what ``apply_pack`` raises.
    """
    waiting, old = _waiting(databases, version, by)
    change = waiting.change
    if change.applied_by == by:
        raise NotApproved(
            Text(f"{by} 应用了这一版本，不能自己批准。", f"{by} applied this version and cannot approve it."),
            Text("请由另一名数据保护岗人员批准。", "Somebody else who holds the duty data-protection must."),
        )
    if change.previous != old.version:
        raise NotApproved(
            Text(
                f"提出 {version} 之后，{old.version} 已生效。",
                f"{old.version} came into force after {version} was proposed.",
            ),
            Text("请重新检查并应用。", "Check the pack against it and apply it again."),
        )
    district = district_from(waiting.content, version=version, service=None)
    ended = _overtaken(databases, old, version, meant=overtake)
    services = apply_pack(
        databases, master, district, now, by=change.applied_by, approved_by=by, source=waiting.source
    )
    return Applied(version, tuple(services), overtaken=ended)


def decline(databases: Mapping[str, Database], version: str, now: datetime, *, by: str, reason: str) -> None:
    """End a proposal; whoever may approve may, and who applied it, too. Raises ``NotApproved``."""
    _, old = _waiting(databases, version, by, also_own=True)
    with databases[INTAKE].unit_of_work() as uow:
        if changes.decline(uow, version, by=by, at=now, reason=reason):
            _audit(uow, "declined", old.code, by, now, reason=reason, version=version)


def apply_pack(
    databases: Mapping[str, Database],
    master: MasterKey,
    district: District,
    now: datetime,
    *,
    by: str = SYSTEM,
    approved_by: str | None = None,
    source: str | None = None,
) -> list[str]:
    """Give every service its cut of the pack and the keys it needs; done again it changes nothing.

    The keys come first, so that no service ever knows an agency it cannot seal to; intake comes last, so that no
    event names a version which its readers have not got. Holiday notices that were imported stay in force. Gives the
    services for which something changed.
    """
    district = carried_over(district, in_force(databases))
    given = keys.provision(databases, master, district, now)
    changed = [service for service, count in given.items() if count]
    passwords = first_passwords(databases[INTAKE], district)
    for service in sorted(databases, key=INTAKE.__eq__):
        with databases[service].unit_of_work() as uow:
            cut = district.for_service(service)
            applied = directory.apply(uow, cut, now, by=by, approved_by=approved_by, source=source)
            if service == INTAKE:
                # Also when the pack is the same: a run that was cut short may have left this to do.
                sync_staff(uow, district, now, passwords)
            if applied:
                changed.append(service)
                _audit(uow, "applied", district.code, by, now, version=district.version)
                if approved_by is not None:
                    _audit(uow, "approved", district.code, approved_by, now, version=district.version)
    return sorted(set(changed))


def _overtaken(
    databases: Mapping[str, Database], old: District | None, version: str, *, meant: bool
) -> tuple[Change, ...]:
    """Give what a version that comes into force will overtake; raises ``OthersWait`` where that is not meant."""
    if old is None or old.version == version:
        return ()
    ended = waiting_for_approval(databases, besides=version)
    if ended and not meant:
        raise OthersWait(ended)
    return ended


def _waiting(
    databases: Mapping[str, Database], version: str, by: str, *, also_own: bool = False
) -> tuple[changes.Proposal, District]:
    old = in_force(databases)
    with databases[INTAKE].read() as connection:
        waiting = changes.proposal(connection, version)
    if waiting is None or old is None:
        raise NotApproved(
            Text(f"没有等待批准的版本 {version}。", f"No version {version} waits for approval."),
            Text("carehut district log 列出各版本。", "carehut district log lists the versions."),
        )
    if by not in directory.approvers(old) and not (also_own and waiting.change.applied_by == by):
        names = ", ".join(directory.approvers(old)) or "–"
        raise NotApproved(
            Text(f"{by} 不是数据保护岗。", f"{by} does not hold the duty data-protection."),
            Text(f"现行配置中的数据保护岗：{names}。", f"Under the pack in force these do: {names}."),
        )
    return waiting, old


def _audit(
    uow: UnitOfWork,
    what: str,
    code: str,
    by: str,
    now: datetime,
    *,
    reason: str | None = None,
    **detail: str | int,
) -> None:
    uow.audit(
        AuditEntry(
            at=now,
            actor=by,
            post=SYSTEM if by == SYSTEM else "",
            action=f"district.{what}",
            object_type="district",
            object_id=code,
            reason=reason,
            detail=detail,
        )
    )
