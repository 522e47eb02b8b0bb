"""The life of a key after it was made: another takes its place, what it opens moves over, and it is destroyed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from deploy.key_needs import needs
from deploy.keys import REFERRALS, wants
from services.intake.use_cases.sign_in import IDLE
from shared.audit import AuditEntry
from shared.db import Database
from shared.db.types import Instant
from shared.directory import District
from shared.sealing import Key, MasterKey, Use
from shared.sealing import keys as sealing_keys
from shared.sealing.keyring import REFRESH_SECONDS
from shared.sealing.packets import INTAKE
from shared.sealing.ring import LEAD
from shared.sealing.tables import keys as table
from shared.text import Text

Databases = Mapping[str, Database]

SETTLED = LEAD + timedelta(seconds=REFRESH_SECONDS)
"""So long after a new key was made, nobody makes anything with the one before any more."""
LASTING: Mapping[Use, timedelta] = {Use.TOKEN_SIGNING: IDLE}
"""How much longer what a key has signed is shown again: a session left alone still goes on with its old token."""

FOR_GOOD = frozenset({(Use.RECEIPT_CODE, INTAKE), (Use.INDEX, INTAKE)})
"""Keys that are never replaced: by what they make, people are recognised on paper and over the years."""

ANNOUNCED, CURRENT, SUPERSEDED, RETIRED = "announced", "current", "superseded", "retired"


class KeyRefused(Exception):
    """A key cannot be made, replaced or destroyed as asked; ``problem`` and ``remedy`` are for people."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class By:
    """Who does it, and who of those that hold the duty data-protection has agreed."""

    staff: str
    approver: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One key as the list shows it; ``held`` maps each service that has it to whether its secret part is there."""

    key: Key
    state: str
    held: Mapping[str, bool]


def listed(databases: Databases, master: MasterKey, now: datetime) -> list[Listed]:
    """List every key of the installation, by use and owner, oldest first. Raises ``MasterKeyError``."""
    found: dict[str, Key] = {}
    held: dict[str, dict[str, bool]] = {}
    for service, database in databases.items():
        with database.read() as connection:
            for key in sealing_keys.read(connection, master):
                held.setdefault(key.kid, {})[service] = key.secret is not None
                if key.secret is not None or key.kid not in found:
                    found[key.kid] = key
    ordered = sorted(found.values(), key=lambda key: (key.use, key.owner, key.created_at, key.kid))
    states = _states(ordered, now)
    return [Listed(key, states[key.kid], held[key.kid]) for key in ordered]


def _states(keys: list[Key], now: datetime) -> dict[str, str]:
    current: dict[tuple[str, str], str] = {}
    found = {}
    for key in keys:
        place = (key.use, key.owner)
        if key.retired_at is not None:
            found[key.kid] = RETIRED
            continue
        found[key.kid] = ANNOUNCED
        if place not in current or key.created_at + LEAD <= now:
            if place in current:
                found[current[place]] = SUPERSEDED
            current[place] = key.kid
            found[key.kid] = CURRENT
    return found


def rotate(
    databases: Databases,
    master: MasterKey,
    district: District,
    place: tuple[Use, str],
    now: datetime,
    by: By,
) -> Key:
    """Make the key that takes the place of the one in use, and give it to everybody concerned; gives it.

    It is in use ``LEAD`` later. While the one before is not destroyed, none is made, and that rotation goes on.
    Raises ``KeyRefused``.
    """
    use, owner = place
    holders = _holders(district, use, owner)
    found = [one.key for one in listed(databases, master, now) if (one.key.use, one.key.owner) == place]
    inside = [key for key in found if key.retired_at is None and key.secret is not None]
    if not inside:
        raise KeyRefused(
            Text(f"没有密钥 {use} {owner}。", f"There is no key {use} of {owner}."),
            Text(
                "carehut keys list 列出密钥；carehut keys new 生成缺少的密钥。",
                "carehut keys list shows the keys; carehut keys new makes what is missing.",
            ),
        )
    newest = inside[-1]
    key = newest if len(inside) > 1 else sealing_keys.make(use, owner, now)
    for service, secret in holders:
        _give(databases[service], master, key if secret else key.public_only(), now, by)
    return key


def _refuse_lasting(use: Use, owner: str) -> None:
    if (use, owner) in FOR_GOOD:
        raise KeyRefused(
            Text(
                "查询码、查重与统计都由此密钥得出，已印出、已计入的须一直有效。",
                "Receipt codes, duplicates and figures come from this key, and what was printed or counted has to go "
                "on being good.",
            ),
            Text(
                "此密钥不能更换，只能换主密钥（carehut keys rewrap）。",
                "It cannot be replaced; the master key that wraps it can (carehut keys rewrap).",
            ),
        )


def _holders(district: District, use: Use, owner: str) -> list[tuple[str, bool]]:
    """Give who holds a key, and whether with its secret part: first who reads what it makes, last who makes it."""
    _refuse_lasting(use, owner)
    agency = district.agencies.get(owner)
    if agency is not None and agency.keys != "platform" and use is not Use.INDEX:
        raise KeyRefused(
            Text(f"{owner} 自持密钥。", f"{owner} holds its own keys."),
            Text(
                "由该单位生成新密钥（carehut keys new --own），公钥写入 agencies.yaml 后应用并批准。",
                "It makes another pair (carehut keys new --own); its public part goes into agencies.yaml, which is "
                "applied and approved.",
            ),
        )
    wanted = {
        service: [want.secret for want in wants(service, district) if (want.use, want.owner) == (use, owner)]
        for service in (REFERRALS, "notifications", INTAKE)
    }
    holders = [(service, any(secret)) for service, secret in wanted.items() if secret]
    if not holders:
        raise KeyRefused(
            Text(f"没有密钥 {use} {owner}。", f"There is no key {use} of {owner}."),
            Text("carehut keys list 列出用途与所有者。", "carehut keys list shows uses and owners."),
        )
    # Who opens holds the secret of a receiving key; of a signing key, who checks holds the public part.
    opens = use is Use.PACKET_RECEIVING
    return sorted(
        holders, key=lambda holder: holder[1] is not opens if use is not Use.INDEX else holder[0] == INTAKE
    )


def _give(database: Database, master: MasterKey, key: Key, now: datetime, by: By) -> None:
    with database.unit_of_work() as uow:
        known = uow.connection.execute(
            sa.select(table.c.private_wrapped).where(table.c.kid == key.kid).with_for_update()
        ).one_or_none()
        if known is not None and (key.secret is None or known.private_wrapped is not None):
            return
        if known is not None:
            uow.connection.execute(table.delete().where(table.c.kid == key.kid))
        sealing_keys.store(uow.connection, master, [key])
        uow.audit(_entry("keys.rotated", key, now, by))


def retire(databases: Databases, master: MasterKey, kid: str, now: datetime, by: By) -> Key:
    """Destroy a key's secret part everywhere, when nothing needs it any more; gives what it was.

    Its public part stays, so that what it has signed can be checked. Cut short, it is done again.
    Raises ``KeyRefused``, naming what still needs it.
    """
    every = listed(databases, master, now)
    one = next((one for one in every if one.key.kid == kid), None)
    if one is None or (not any(one.held.values()) and one.state == RETIRED):
        raise KeyRefused(
            Text(f"没有可销毁的密钥 {kid}。", f"There is no key {kid} to destroy."),
            Text("carehut keys list 列出密钥。", "carehut keys list shows the keys."),
        )
    if one.state in {CURRENT, ANNOUNCED}:
        raise KeyRefused(
            Text(f"密钥 {kid} 正在使用。", f"The key {kid} is in use."),
            Text(
                f"先更换：carehut keys rotate {one.key.use} {one.key.owner}",
                f"Replace it first: carehut keys rotate {one.key.use} {one.key.owner}",
            ),
        )
    if one.state == SUPERSEDED:
        _refuse_too_early(one.key, every, now)
    left = needs(databases, one.key)
    if left:
        told = ", ".join(f"{place} ({count})" for place, count in sorted(left.items()))
        raise KeyRefused(
            Text(f"仍有数据需要密钥 {kid}：{told}。", f"The key {kid} is still needed by {told}."),
            Text(
                f"继续更换：carehut keys rotate {one.key.use} {one.key.owner}；仍在途的事件与死信处理完后再试。",
                f"Go on with carehut keys rotate {one.key.use} {one.key.owner}; what is under way or waits as a dead "
                "letter has to arrive first.",
            ),
        )
    for service in one.held:
        with databases[service].unit_of_work() as uow:
            uow.connection.execute(
                sa.update(table)
                .where(table.c.kid == kid)
                .values(
                    private_wrapped=None,
                    retired_at=sa.func.coalesce(table.c.retired_at, sa.literal(now, Instant)),
                )
            )
            uow.audit(_entry("keys.destroyed", one.key, now, by))
    return one.key


def _refuse_too_early(key: Key, every: list[Listed], now: datetime) -> None:
    later = [
        one.key.created_at
        for one in every
        if (one.key.use, one.key.owner) == (key.use, key.owner)
        and one.state in {CURRENT, SUPERSEDED}
        and (one.key.created_at, one.key.kid) > (key.created_at, key.kid)
    ]
    until = min(later) + SETTLED + LASTING.get(Use(key.use), timedelta())
    if now < until:
        moment = until.astimezone().isoformat(timespec="seconds")
        raise KeyRefused(
            Text(
                f"密钥 {key.kid} 所签、所封的内容在 {moment} 之前仍会出现。",
                f"What the key {key.kid} has signed or sealed is still shown until {moment}.",
            ),
            Text("请在此后再试。", "Try again after that."),
        )


def _entry(action: str, key: Key, now: datetime, by: By) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor=by.staff,
        post="system" if by.staff == "system" else "",
        action=action,
        object_type="key",
        object_id=key.kid,
        reason=by.reason,
        detail={"use": str(key.use), "owner": key.owner, "approved_by": by.approver},
    )


def superseded(
    databases: Databases, master: MasterKey, place: tuple[Use, str], now: datetime
) -> Iterator[Key]:
    """Give the keys of a use and owner whose place another one has taken, and which are still here."""
    for one in listed(databases, master, now):
        if (one.key.use, one.key.owner) == place and one.state == SUPERSEDED and any(one.held.values()):
            yield one.key
