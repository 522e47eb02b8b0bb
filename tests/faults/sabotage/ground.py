"""What trials stand on: prepared databases that are copied for each, a clean broker, and the two environments."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import orjson

from deploy.apply import apply_pack
from deploy.embedded.environment import SERVICES
from deploy.local import Servers
from deploy.local.ports import free_port
from shared.db import Database
from shared.directory import load_pack
from shared.directory.pack import find_pack
from shared.messaging.admin import Admin
from shared.messaging.topology import passwords, topology, vhost_of
from shared.sealing import MasterKey
from tests import databases
from tests.faults.history import effects

_numbers = itertools.count(90_000)


class Ground:
    """PostgreSQL and RabbitMQ with everything a trial needs, prepared once."""

    def __init__(self, servers: Servers) -> None:
        self.servers = servers
        self.home = servers.folder / "home"
        self._settings = servers.environment(role="owner")
        self._originals = {name: databases.fresh(servers, name, next(_numbers)) for name in SERVICES}
        self.master = MasterKey.from_environment(self._settings, self.home, demo=True)
        with databases.kept_open() as keep:
            owners = {name: keep(self._owner(name, database)) for name, database in self._originals.items()}
            apply_pack(owners, self.master, load_pack(find_pack(servers.district)), datetime.now(UTC))
            effects.install(owners)

    @contextmanager
    def plot(self) -> Iterator[Plot]:
        """Give a trial databases and a vhost of its own."""
        names = {name: f"{original}_{next(_numbers)}" for name, original in self._originals.items()}
        for service, name in names.items():
            self.servers.postgres.create_database(name, service, template=self._originals[service])
        self._clean_broker()
        try:
            with databases.kept_open() as keep:
                owners = {service: keep(self._owner(service, name)) for service, name in names.items()}
                port = free_port()
                yield Plot(
                    owners, port, {role: self._environment(names, role, port) for role in ("web", "worker")}
                )
        finally:
            for name in names.values():
                self.servers.postgres.drop_database(name)

    def close(self) -> None:
        """Take away what was prepared."""
        for name in self._originals.values():
            self.servers.postgres.drop_database(name)

    def _owner(self, service: str, name: str) -> Database:
        url = self.servers.postgres.url(service, "owner", database=name)
        return Database(url, flushes=databases.FLUSHES)

    def _clean_broker(self) -> None:
        rabbitmq, district = self.servers.rabbitmq, self.servers.district
        rabbitmq.remove_vhost(vhost_of(district))
        rabbitmq.add_vhost(vhost_of(district))
        users = passwords(rabbitmq.url(service) for service in SERVICES)
        Admin(rabbitmq.admin_url, topology(district), users).apply()

    def _environment(self, names: Mapping[str, str], role: str, port: int) -> dict[str, str]:
        addresses = {
            f"CAREHUT_{service.upper()}_DATABASE_URL": self.servers.postgres.url(service, role, database=name)
            for service, name in names.items()
        }
        return (
            self._settings | addresses | {"PORT": str(port), "CAREHUT_PUBLIC_URL": f"http://127.0.0.1:{port}"}
        )


class Plot:
    """One trial's databases (the owners', by service), its port, and the environments ``web`` and ``worker``."""

    def __init__(
        self, databases: Mapping[str, Database], port: int, environments: Mapping[str, dict[str, str]]
    ) -> None:
        self.databases = databases
        self.port = port
        self.environments = environments

    @property
    def url(self) -> str:
        """Where the house answers."""
        return f"http://127.0.0.1:{self.port}"

    def write(self, path: Path, tokens: Path) -> Path:
        """Write the settings of the house."""
        path.write_bytes(orjson.dumps({"port": self.port, "tokens": str(tokens), **self.environments}))
        path.chmod(0o600)
        return path
