"""A private RabbitMQ node with its own epmd, cookie and data, and a vhost per district."""

from __future__ import annotations

import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path
from typing import Any

from deploy.embedded.environment import SERVICES
from deploy.local import names
from deploy.local.ports import answers, free_port
from deploy.local.program import Missing, Program
from deploy.local.vault import Vault
from shared.messaging.topology import vhost_of

# Schedulers that spin while idle would take the processor from the programs under measurement.
_ERLANG = (
    "+sbwt none +sbwtdcpu none +sbwtdio none -start_epmd false -kernel inet_dist_use_interface {127,0,0,1}"
)

_CONFIG = """\
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
management.rates_mode = none
default_vhost = {vhost}
default_user = {admin}
default_pass = {password}
default_user_tags.administrator = true
disk_free_limit.absolute = 100MB
log.file = false
log.console = true
log.console.level = warning
"""


def programs() -> Path:
    """Find RabbitMQ's own programs, not the wrappers that only let one user run them.

    Raises:
        Missing: there is none on this machine.
    """
    debian = Path("/usr/lib/rabbitmq/bin")
    on_path = shutil.which("rabbitmq-server")
    if (debian / "rabbitmq-server").exists():
        return debian
    if on_path:
        return Path(on_path).resolve().parent
    message = "RabbitMQ is not installed (on Debian: apt-get install rabbitmq-server)"
    raise Missing(message)


class RabbitMQ:
    """The node under ``folder``: AMQP and management on loopback, an administrator and a user per service.

    The services' users may do nothing until ``carehut topology apply`` has given them their permissions.
    """

    def __init__(self, folder: Path, vault: Vault, *, district: str) -> None:
        self._folder = folder
        self._vault = vault
        self._district = district
        self.port, self.management = free_port(), free_port()
        self._distribution, self._epmd_port = free_port(), free_port()
        self.program: Program | None = None
        self._epmd: Program | None = None

    def begin(self) -> None:
        """Write the node's settings, start its epmd, and start the node without waiting."""
        if self.program is None:
            self.program, self._epmd = self._prepare()
        if self._epmd is not None:
            self._epmd.start()
        self.program.begin()

    def wait(self) -> None:
        """Wait until it serves, then see to the district's vhost and the services' users."""
        if self.program is None:
            self.begin()
        assert self.program is not None  # noqa: S101 - begin made it
        self.program.wait(within=120)
        self.add_vhost(vhost_of(self._district))
        for service in SERVICES:
            self.add_user(names.broker_user(service))

    def stop(self) -> None:
        """Stop the node and its epmd."""
        for program in (self.program, self._epmd):
            if program is not None:
                program.stop()
        self.program = self._epmd = None

    def url(self, user: str, *, vhost: str | None = None) -> str:
        """Give the AMQP URL for a broker user; a service's name or ``admin`` stands for its user."""
        name = names.broker_user(user)
        place = f"127.0.0.1:{self.port}/{vhost or vhost_of(self._district)}"
        return f"amqp://{name}:{self._vault.password(name)}@{place}"

    @property
    def admin_url(self) -> str:
        """The management API's address with the administrator's name and password."""
        return f"http://{names.BROKER_ADMIN}:{self._vault.password(names.BROKER_ADMIN)}@127.0.0.1:{self.management}"

    def add_vhost(self, vhost: str) -> None:
        """Make a vhost, whole for the administrator; nothing changes if it is there."""
        self.call("PUT", f"vhosts/{vhost}", {})
        whole = {"configure": ".*", "write": ".*", "read": ".*"}
        self.call("PUT", f"permissions/{vhost}/{names.BROKER_ADMIN}", whole)

    def remove_vhost(self, vhost: str) -> None:
        """Remove a vhost with all that is in it."""
        self.call("DELETE", f"vhosts/{vhost}")

    def add_user(self, user: str) -> None:
        """Make a broker user with a generated password and no permission; its password again if it is there."""
        self.call("PUT", f"users/{user}", {"password": self._vault.password(user), "tags": ""})

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON of many shapes
        """Call the management API below ``/api/`` as administrator and give its JSON, or None without content.

        Raises:
            urllib.error.HTTPError: the API refused.
        """
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.management}/api/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
        )
        login = f"{names.BROKER_ADMIN}:{self._vault.password(names.BROKER_ADMIN)}".encode()
        request.add_header("Authorization", f"Basic {base64.b64encode(login).decode()}")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:  # nosec B310 # noqa: S310 - likewise
            content = answer.read()
        return json.loads(content) if content else None

    def rabbitmqctl(self, *words: str) -> str:
        """Run RabbitMQ's own command line against this node and give what it prints."""
        command = [str(programs() / "rabbitmqctl"), "--quiet", *words]
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=True)
        return done.stdout

    def _prepare(self) -> tuple[Program, Program]:
        binaries = programs()
        cookie = self._folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text(secrets.token_hex(16))
            cookie.chmod(0o400)
        (self._folder / "rabbitmq.conf").write_text(
            _CONFIG.format(
                port=self.port,
                management=self.management,
                vhost=vhost_of(self._district),
                admin=names.BROKER_ADMIN,
                password=self._vault.password(names.BROKER_ADMIN),
            )
        )
        (self._folder / "rabbitmq.conf").chmod(0o600)
        (self._folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        environment = self._environment()
        node = Program(
            "rabbitmq",
            [str(binaries / "rabbitmq-server")],
            folder=self._folder,
            ready=self._serves,
            environment=environment,
            # On Erlang's SIGTERM the node would still tidy up, with nobody left to wait for it.
            orphaned=signal.SIGKILL,
        )
        epmd = Program(
            "epmd",
            [_epmd(), "-port", str(self._epmd_port), "-address", "127.0.0.1"],
            folder=self._folder,
            ready=lambda: answers(self._epmd_port),
            environment=environment,
        )
        return node, epmd

    def _environment(self) -> dict[str, str]:
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("RABBITMQ_", "ERL_"))
        }
        folder = str(self._folder)
        return inherited | {
            "HOME": folder,
            "ERL_EPMD_PORT": str(self._epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"aid-{self._vault.password('node')[:6].translate(_PLAIN)}@localhost",
            "RABBITMQ_DIST_PORT": str(self._distribution),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ADVANCED_CONFIG_FILE": f"{folder}/advanced.config",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/rabbitmq",
            "RABBITMQ_LOG_BASE": folder,
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": _ERLANG,
            # Makes the start script become the node instead of watching over it: signals then reach the node.
            "RUNNING_UNDER_SYSTEMD": "true",
        }

    def _serves(self) -> bool:
        if not (answers(self.port) and answers(self.management)):
            return False
        try:
            self.call("GET", "overview")
        except (urllib.error.URLError, OSError):
            return False
        return True


_PLAIN = str.maketrans("-_", "ab")


def _epmd() -> str:
    found = shutil.which("epmd")
    if found:
        return found
    versions = sorted(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"))
    if not versions:
        message = "Erlang's epmd is not installed (it comes with RabbitMQ's packages)"
        raise Missing(message)
    return str(versions[-1])
