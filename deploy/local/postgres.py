"""A private PostgreSQL server with the databases and roles of every service."""

from __future__ import annotations

import getpass
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.embedded.environment import SERVICES
from deploy.local import names
from deploy.local.ports import free_port
from deploy.local.program import Missing, Program
from deploy.local.vault import Vault

SUPERUSER = "aid_admin"
_QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def programs() -> Path:
    """Find the newest PostgreSQL's programs.

    Raises:
        Missing: there is none on this machine.
    """
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda found: int(found.parts[-3]))
    on_path = shutil.which("initdb")
    if debian:
        return debian[-1].parent
    if on_path:
        return Path(on_path).resolve().parent
    message = "PostgreSQL is not installed (on Debian: apt-get install postgresql)"
    raise Missing(message)


class Postgres:
    """The server under ``folder``: a socket only its user reaches, TCP on loopback with passwords (scram).

    Without ``durable`` commits are not awaited on disk: for tests that never lose power.
    """

    def __init__(self, folder: Path, vault: Vault, *, durable: bool = True) -> None:
        self._vault = vault
        self.port = free_port()
        # PostgreSQL refuses to run as root, and Debian brings a user for it.
        self._user = "postgres" if os.geteuid() == 0 else None
        self._data = _reachable(folder / "postgres") if self._user else folder / "postgres"
        self._sockets: Path | None = None
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "max_connections": "200",
            "timezone": "UTC",
            "jit": "off",
            # Soon after a checkpoint every page that is touched is logged whole: with years of referrals a job
            # touches many, so checkpoints are far apart.
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            **({} if durable else _QUICK),
        }
        self._options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._folder = folder
        self.program: Program | None = None

    def begin(self) -> None:
        """Make the data folder if there is none, and start without waiting."""
        if self.program is None:
            self.program = self._prepare()
        self.program.begin()

    def wait(self) -> None:
        """Wait until it serves, then see to the roles and databases of every service."""
        if self.program is None:
            self.begin()
        assert self.program is not None  # noqa: S101 - begin made it
        self.program.wait()
        with self.connect("postgres") as connection:
            for service in SERVICES:
                for role in names.ROLES:
                    self._role(connection, names.database_role(service, role))
        for service in SERVICES:
            self.create_database(names.database(service), service)

    def stop(self) -> None:
        """Stop it and take away its socket."""
        if self.program is not None:
            self.program.stop()
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)
            self._sockets, self.program = None, None

    def connect(self, database: str) -> psycopg.Connection:
        """Open a superuser's connection in autocommit."""
        return psycopg.connect(
            host=str(self._sockets), port=self.port, user=SUPERUSER, dbname=database, autocommit=True
        )

    def url(self, service: str, role: str, *, database: str | None = None) -> str:
        """Give the SQLAlchemy URL of a service's database for the role ``owner``, ``web`` or ``worker``."""
        user = names.database_role(service, role)
        place = f"127.0.0.1:{self.port}/{database or names.database(service)}"
        return f"postgresql+psycopg://{user}:{self._vault.password(user)}@{place}"

    def admin_dsn(self, database: str = "postgres") -> str:
        """Give libpq's URL of a database for the superuser, over TCP."""
        return f"postgresql://{SUPERUSER}:{self._vault.password(SUPERUSER)}@127.0.0.1:{self.port}/{database}"

    def create_database(self, database: str, service: str, *, template: str = "template0") -> None:
        """Make a database of the service's owner, open to its web and worker roles; nothing if it is there."""
        owner, web, worker = (sql.Identifier(names.database_role(service, role)) for role in names.ROLES)
        name = sql.Identifier(database)
        with self.connect("postgres") as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (database,)).fetchone():
                return
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY file_copy").format(
                    name, owner, sql.Identifier(template)
                )
            )
            connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
            connection.execute(
                sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}, {}").format(name, web, worker)
            )
        with self.connect(database) as connection:
            connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner))
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}, {}").format(web, worker))

    def drop_database(self, database: str) -> None:
        """Drop a database, closing whoever is connected."""
        with self.connect("postgres") as connection:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(database))
            )

    def _role(self, connection: psycopg.Connection, role: str) -> None:
        exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
        statement = "ALTER ROLE {} PASSWORD {}" if exists else "CREATE ROLE {} LOGIN PASSWORD {}"
        password = sql.Literal(self._vault.password(role))
        connection.execute(sql.SQL(statement).format(sql.Identifier(role), password))

    def _prepare(self) -> Program:
        binaries = programs()
        if not (self._data / "PG_VERSION").exists():
            self._initialise(binaries)
        self._sockets = Path(tempfile.mkdtemp(prefix="aid-"))
        if self._user:
            _give(self._sockets, self._user)
        command = [str(binaries / "postgres"), "-D", str(self._data), *self._options]
        return Program(
            "postgres",
            [*command, "-c", f"unix_socket_directories={self._sockets}"],
            folder=self._folder,
            ready=self._answers,
            user=self._user,
            end=signal.SIGINT,  # "fast": ends sessions instead of waiting for them
            orphaned=signal.SIGQUIT,  # "immediate": nobody is left to wait for us
        )

    def _initialise(self, binaries: Path) -> None:
        self._data.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._user:
            _give(self._data, self._user)
        with tempfile.NamedTemporaryFile("w", prefix="aid-") as password:
            password.write(self._vault.password(SUPERUSER))
            password.flush()
            if self._user:
                _give(Path(password.name), self._user)
            command = [str(binaries / "initdb"), "-D", str(self._data), "-U", SUPERUSER]
            command += ["--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password.name}"]
            subprocess.run(
                [*command, "--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"],
                check=True,
                cwd="/",
                user=self._user,
                group=pwd.getpwnam(self._user).pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
                stdout=subprocess.DEVNULL,
            )

    def _answers(self) -> bool:
        try:
            self.connect("postgres").close()
        except psycopg.OperationalError:
            return False
        return True


def _give(path: Path, user: str) -> None:
    entry = pwd.getpwnam(user)
    os.chown(path, entry.pw_uid, entry.pw_gid)


def _reachable(folder: Path) -> Path:
    """Give ``folder``, or one among the machine's temporary files if another user cannot walk down to it."""
    above = [parent for parent in folder.absolute().parents if parent.exists()]
    if all(parent.stat().st_mode & stat.S_IXOTH for parent in above):
        return folder
    mark = hashlib.sha256(f"{getpass.getuser()}:{folder.absolute()}".encode()).hexdigest()[:16]
    beside = Path("/var/tmp") / f"aid-{mark}"  # noqa: S108 - data must outlive a restart; made for one user alone
    beside.mkdir(mode=0o711, exist_ok=True)
    if beside.is_symlink() or beside.stat().st_uid != os.geteuid():
        message = f"{beside} belongs to somebody else; remove it or choose another CAREHUT_HOME"
        raise PermissionError(message)
    return beside / "postgres"
