"""An installation with real keys: three small databases, four agencies, one of which keeps its own keys."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from joserfc.jwk import OKPKey

from deploy.keys import provision
from shared import audit
from shared.audit import table as audit_table
from shared.db import Database
from shared.directory import Agency, District
from shared.identity.compact import encode
from shared.sealing import Keyring, MasterKey, Use, keys_table
from shared.text import Text

NOW = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LEG = "0192f3a4-0000-7000-8000-000000000001"
SERVICES = ("intake", "referrals", "notifications")


def an_agency(name: str, public_jwk: Mapping[str, Any] | None = None) -> Agency:
    """Make an agency; with a public key it keeps its private one itself."""
    words = Text(name, name)
    return Agency(
        id=name,
        letters=name[:2].upper(),
        name=words,
        contact=words,
        keys="own" if public_jwk else "platform",
        public_jwk=public_jwk,
        system=bool(public_jwk),
    )


def a_district(*agencies: Agency) -> District:
    """Make as much of a district as keys depend on."""
    return cast(
        "District", SimpleNamespace(code="530103", agencies={agency.id: agency for agency in agencies})
    )


def as_joserfc(keyring: Keyring, use: Use, owner: str) -> tuple[str, OKPKey]:
    """Give key id and current key as a library needs them that shares no code with ours, private where it is."""
    key = keyring._now().current(use, owner)
    private = {} if key.secret is None else {"d": encode(key.secret).decode()}
    return key.kid, OKPKey.import_key({**(key.public or {}), **private})


@dataclass(frozen=True)
class Installation:
    """Databases, keyrings and the private key that the agency ``housing`` keeps outside."""

    databases: Mapping[str, Database]
    master: MasterKey
    district: District
    outside_key: OKPKey

    def keyring(self, service: str) -> Keyring:
        """Open a service's keyring as a process does that has just started."""
        return Keyring(self.databases[service], self.master)

    def provision(self, *agencies: Agency, now: datetime = NOW) -> Mapping[str, int]:
        """Provision once more, with other agencies if any are given."""
        district = a_district(*agencies) if agencies else self.district
        return provision(self.databases, self.master, district, now)


@pytest.fixture
def empty_databases(tmp_path: Path) -> Iterator[Mapping[str, Database]]:
    """Databases that hold no key yet."""
    databases = {
        service: Database(f"sqlite:///{tmp_path / service}.sqlite", flushes=(audit.flush,))
        for service in SERVICES
    }
    for database in databases.values():
        keys_table.metadata.create_all(database.engine, tables=[keys_table, audit_table])
    yield databases
    for database in databases.values():
        database.dispose()


@pytest.fixture
def installation(empty_databases: Mapping[str, Database]) -> Installation:
    """Keys for civil-affairs, health, employment (platform) and housing (its own)."""
    outside = OKPKey.generate_key("X25519")
    district = a_district(
        an_agency("civil-affairs"),
        an_agency("health"),
        an_agency("employment"),
        an_agency("housing", outside.as_dict(private=False)),
    )
    made = Installation(empty_databases, MasterKey.generate(), district, outside)
    made.provision()
    return made


@pytest.fixture
def intake(installation: Installation) -> Keyring:
    """The keyring of intake."""
    return installation.keyring("intake")


@pytest.fixture
def referrals(installation: Installation) -> Keyring:
    """The keyring of referrals."""
    return installation.keyring("referrals")


@pytest.fixture
def sealed(intake: Keyring) -> Callable[..., str]:
    """Call to get a packet from intake to civil-affairs; name what should differ."""

    def seal(**changes: Any) -> str:
        facts: dict[str, Any] = {
            "receiver": "civil-affairs",
            "sender": "intake",
            "subject": LEG,
            "kind": "packet",
            "body": {"programme": "dibao", "person": {"name": "张小明"}},
            "now": NOW,
        }
        return intake.seal(**(facts | changes))

    return seal
