"""PostgreSQL, RabbitMQ and, if asked, nginx: one folder, one start, one stop, one environment."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.embedded.environment import DEFAULT_DISTRICT, SERVICES
from deploy.local.nginx import Nginx
from deploy.local.postgres import Postgres
from deploy.local.program import Program
from deploy.local.rabbitmq import RabbitMQ
from deploy.local.vault import Vault


class Servers:
    """Private servers whose files, logs and secrets are under ``folder``; data stay for the next start there.

    Nothing listens on a default port or beyond loopback. All of it ends with this process, even if that is
    killed. Without ``durable`` PostgreSQL does not wait for the disk.
    """

    def __init__(
        self,
        folder: Path,
        *,
        nginx: bool = False,
        durable: bool = True,
        district: str = DEFAULT_DISTRICT,
        port: int | None = None,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.district = district
        self.vault = Vault(folder)
        self.postgres = Postgres(folder, self.vault, durable=durable)
        self.rabbitmq = RabbitMQ(folder, self.vault, district=district)
        self.nginx = Nginx(folder, port=port) if nginx else None

    @classmethod
    @contextmanager
    def temporary(cls, *, nginx: bool = False, durable: bool = True) -> Iterator[Servers]:
        """Give servers, not yet started, in a folder that goes away with them."""
        folder = Path(tempfile.mkdtemp(prefix="aid-"))
        folder.chmod(0o711)  # PostgreSQL's own user must be able to walk through
        servers = cls(folder, nginx=nginx, durable=durable)
        try:
            yield servers
        finally:
            servers.discard()
            shutil.rmtree(folder)

    def start(self) -> None:
        """Start PostgreSQL and RabbitMQ side by side and wait for both; nginx starts with its configuration.

        Raises:
            Missing: a program is not installed.
            Stuck: a server did not come up; the message carries its log.
        """
        self.postgres.begin()
        self.rabbitmq.begin()
        self.postgres.wait()
        self.rabbitmq.wait()

    def stop(self) -> None:
        """Stop everything in order: the door, the broker, the databases."""
        for server in (self.nginx, self.rabbitmq, self.postgres):
            if server is not None:
                server.stop()

    def discard(self) -> None:
        """End everything at once, for data that nobody will want: an orderly stop of the broker takes long."""
        for server in (self.nginx, self.rabbitmq, self.postgres):
            if server is not None and server.program is not None:
                server.program.kill()
        self.stop()

    def kill(self, name: str) -> None:
        """SIGKILL ``postgres``, ``rabbitmq`` or ``nginx``, whole; ``resume`` starts it again."""
        self._program(name).kill()

    def resume(self, name: str) -> None:
        """Start a killed server again, on the same ports with the same data, and wait until it serves."""
        self._program(name).start(within=120)

    def freeze(self, name: str) -> None:
        """Let a server hang: its connections stay open and nobody answers."""
        self._program(name).freeze()

    def thaw(self, name: str) -> None:
        """Let a frozen server go on."""
        self._program(name).thaw()

    def postgres_url(self, service: str, role: str) -> str:
        """Give the SQLAlchemy URL of a service's database for ``owner``, ``web`` or ``worker``."""
        return self.postgres.url(service, role)

    def amqp_url(self, user: str) -> str:
        """Give the AMQP URL for a service's user, ``admin``, or another broker user by its whole name."""
        return self.rabbitmq.url(user)

    @property
    def admin_url(self) -> str:
        """RabbitMQ's management API with the administrator's name and password."""
        return self.rabbitmq.admin_url

    def environment(self, district: str | None = None, *, role: str = "web") -> dict[str, str]:
        """Give every CAREHUT_* setting of a full run; the database addresses are those of ``role``."""
        code = district or self.district
        home = self.folder / "home"
        home.mkdir(mode=0o700, exist_ok=True)
        settings = {
            "CAREHUT_DISTRICT": code,
            "CAREHUT_HOME": str(home),
            "CAREHUT_BIND": "127.0.0.1",
            "CAREHUT_MASTER_KEY": self.vault.key("master"),
            "CAREHUT_RABBITMQ_ADMIN_URL": self.admin_url,
        }
        if self.nginx is not None:
            settings["PORT"] = str(self.nginx.port)
            settings["CAREHUT_PUBLIC_URL"] = self.nginx.url
            settings["CAREHUT_TRUSTED_PROXIES"] = "1"
        for service in SERVICES:
            prefix = f"CAREHUT_{service.upper()}"
            settings[f"{prefix}_DATABASE_URL"] = self.postgres_url(service, role)
            settings[f"{prefix}_OWNER_URL"] = self.postgres_url(service, "owner")
            settings[f"{prefix}_AMQP_URL"] = self.rabbitmq.url(service, vhost=f"aid-{code}")
        return settings

    def programs(self) -> dict[str, Program]:
        """Give the programs that have been started, by name."""
        servers: dict[str, Postgres | RabbitMQ | Nginx | None] = {
            "postgres": self.postgres,
            "rabbitmq": self.rabbitmq,
            "nginx": self.nginx,
        }
        return {name: server.program for name, server in servers.items() if server and server.program}

    def _program(self, name: str) -> Program:
        program = self.programs().get(name)
        if program is None:
            message = f"{name} has not been started"
            raise RuntimeError(message)
        return program
