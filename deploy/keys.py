"""Making the installation's keys and giving each service's database just those it needs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from shared.audit import AuditEntry
from shared.db import Database
from shared.directory import Agency, District
from shared.sealing import Key, MasterKey, SealingError, Use
from shared.sealing.keys import CURVES, from_public, make, read, store
from shared.sealing.packets import INTAKE, NOTIFICATIONS, RESERVED
from shared.sealing.tables import keys as table

REFERRALS = "referrals"


_CURRENT = sa.select(table.c.use, table.c.owner, table.c.private_wrapped).where(table.c.retired_at.is_(None))


class BadAgencyKey(SealingError):
    """The pack names an agency or gives a public key that cannot be used."""


@dataclass(frozen=True, slots=True)
class Want:
    """One key a service needs: for what, whose, and whether with its secret part."""

    use: Use
    owner: str
    _: KW_ONLY
    secret: bool


def wants(service: str, district: District) -> Iterator[Want]:
    """List what a service's database must hold; everything it does not need it does not get.

    Intake signs and seals, and can open only what was sealed to intake. Referrals acts for the agencies that use
    our pages. An agency that holds its own keys has no private key anywhere here.
    """
    agencies = tuple(district.agencies.values())
    yield Want(Use.TOKEN_SIGNING, district.code, secret=service == INTAKE)
    yield Want(Use.FIELD, service, secret=True)
    yield Want(Use.PACKET_SIGNING, INTAKE, secret=service == INTAKE)
    if service in {INTAKE, REFERRALS}:
        yield Want(Use.PACKET_RECEIVING, INTAKE, secret=service == INTAKE)
        yield from (Want(Use.INDEX, agency.id, secret=True) for agency in agencies)
    if service in {INTAKE, NOTIFICATIONS}:
        yield Want(Use.PACKET_RECEIVING, NOTIFICATIONS, secret=service == NOTIFICATIONS)
    if service == INTAKE:
        yield Want(Use.INDEX, INTAKE, secret=True)
        yield Want(Use.RECEIPT_CODE, INTAKE, secret=True)
        for agency in agencies:
            yield from (Want(use, agency.id, secret=False) for use in _uses(agency))
    if service == REFERRALS:
        for agency in agencies:
            if agency.keys == "platform":
                yield from (Want(use, agency.id, secret=True) for use in _uses(agency))


def missing(connection: Connection, service: str, district: District) -> list[Want]:
    """List what a service's database should hold and does not; no secret part is unwrapped for it."""
    held = {
        (row.use, row.owner, secret)
        for row in connection.execute(_CURRENT)
        for secret in {False, row.private_wrapped is not None}
    }
    return [want for want in wants(service, district) if (want.use, want.owner, want.secret) not in held]


def provision(
    databases: Mapping[str, Database], master: MasterKey, district: District, now: datetime
) -> Mapping[str, int]:
    """Create what is missing and put each key where it is needed; done again it changes nothing.

    ``databases`` has all three services. A key that the pack replaces (an agency that takes its keys into its
    own hands, or changes them) is retired, and still opens what was sealed to it. Returns how many keys each
    service was given.

    Raises:
        BadAgencyKey: when an agency bears a service's name or its public key does not fit.
        MasterKeyError: when the databases' keys were wrapped by another master key.
    """
    known = {service: _held(database, master) for service, database in databases.items()}
    current = _Current(known, _outside_keys(district, now), now)
    wanted = {service: tuple(wants(service, district)) for service in databases}
    given = dict.fromkeys(databases, 0)
    # Secret parts first: nobody must ever seal to a key whose private part was not yet stored.
    for secret in (True, False):
        for service, database in databases.items():
            chosen = [current.of(want) for want in wanted[service] if want.secret is secret]
            given[service] += _give(database, master, known[service], chosen, now)
    for service, database in databases.items():
        _retire(database, [key.kid for key in known[service].values() if current.replaces(key)], now)
    return given


def _uses(agency: Agency) -> tuple[Use, ...]:
    if agency.keys == "platform":
        return (Use.PACKET_RECEIVING, Use.PACKET_SIGNING)
    return tuple(use for use, _ in _parts(agency))


def _parts(agency: Agency) -> list[tuple[Use, Mapping[str, Any]]]:
    # The pack gives one JWK, or a JWK Set with one key to seal to and one to check signatures by.
    given = agency.public_jwk or {}
    listed = given.get("keys", [given])
    uses = {CURVES[use]: use for use in (Use.PACKET_RECEIVING, Use.PACKET_SIGNING)}
    found = [(uses[jwk["crv"]], jwk) for jwk in listed if jwk.get("crv") in uses]
    if len(found) != len(listed) or Use.PACKET_RECEIVING not in dict(found):
        raise BadAgencyKey(
            f"{agency.id}: public_jwk needs an OKP key of curve X25519, and may add one of Ed25519 (RFC 8037)"
        )
    return found


def _outside_keys(district: District, now: datetime) -> dict[tuple[str, str], Key]:
    found: dict[tuple[str, str], Key] = {}
    for agency in district.agencies.values():
        if agency.id in RESERVED:
            raise BadAgencyKey(f"no agency may be called {agency.id}: it is a party of its own")
        if agency.keys == "own":
            for use, jwk in _parts(agency):
                try:
                    found[use, agency.id] = from_public(use, agency.id, jwk, now)
                except (ValueError, KeyError) as error:
                    raise BadAgencyKey(f"{agency.id}: {error}") from error
    return found


def _held(database: Database, master: MasterKey) -> dict[str, Key]:
    with database.read() as connection:
        return {key.kid: key for key in read(connection, master)}


class _Current:
    """Decides which key stands for a use and owner, across all databases, making it when there is none."""

    def __init__(
        self,
        known: Mapping[str, Mapping[str, Key]],
        outside: Mapping[tuple[str, str], Key],
        now: datetime,
    ) -> None:
        self._now = now
        self._outside = outside
        self._chosen: dict[tuple[str, str], Key] = dict(outside)
        every = [key for held in known.values() for key in held.values() if key.retired_at is None]
        # Without its secret part anywhere a key that is ours was only half stored, and is replaced.
        self._ours = {key.kid for key in every if key.secret is not None}
        # Where one takes another's place, both are in use for a while; the newest is to be everywhere.
        for key in sorted(every, key=lambda key: (key.created_at, key.kid)):
            if key.secret is not None and (key.use, key.owner) not in outside:
                self._chosen[key.use, key.owner] = key

    def of(self, want: Want) -> Key:
        key = self._chosen.get((want.use, want.owner))
        if key is None:
            key = self._chosen[want.use, want.owner] = make(want.use, want.owner, self._now)
        return key if want.secret else key.public_only()

    def replaces(self, key: Key) -> bool:
        """Tell whether another key stands where this one, not yet retired, stood, and none of ours before that."""
        place = (key.use, key.owner)
        chosen = self._chosen.get(place)
        other = key.retired_at is None and chosen is not None and chosen.kid != key.kid
        return other and (place in self._outside or key.kid not in self._ours)


def _give(
    database: Database, master: MasterKey, held: dict[str, Key], chosen: list[Key], now: datetime
) -> int:
    missing = [key for key in chosen if key.kid not in held or (key.secret and not held[key.kid].secret)]
    if not missing:
        return 0
    with database.unit_of_work() as uow:
        uow.connection.execute(
            table.delete().where(table.c.kid.in_([key.kid for key in missing if key.kid in held]))
        )
        store(uow.connection, master, missing)
        uow.audit(_entry("keys.provisioned", [key.kid for key in missing], now))
    held |= {key.kid: key for key in missing}
    return len(missing)


def _retire(database: Database, kids: list[str], now: datetime) -> None:
    if kids:
        with database.unit_of_work() as uow:
            uow.connection.execute(sa.update(table).where(table.c.kid.in_(kids)).values(retired_at=now))
            uow.audit(_entry("keys.retired", kids, now))


def _entry(action: str, kids: list[str], now: datetime) -> AuditEntry:
    return AuditEntry(
        at=now,
        actor="system",
        post="system",
        action=action,
        object_type="key",
        object_id=kids[0],
        detail={"keys": kids},
    )
