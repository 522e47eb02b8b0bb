"""PostgreSQL's own programs, by which databases are copied and restored."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import psycopg
import sqlalchemy as sa
from psycopg.conninfo import make_conninfo

from shared.text import Text


class BackupRefused(Exception):
    """A backup cannot be made, or is none to restore; ``problem`` and ``remedy`` are for people."""

    def __init__(self, problem: Text, remedy: Text | None = None) -> None:
        super().__init__(problem.en)
        self.problem = problem
        self.remedy = remedy


def conninfo(url: sa.URL) -> str:
    """Give libpq's form of an address, without the password."""
    facts = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database, **url.query}
    return make_conninfo("", **{name: str(value) for name, value in facts.items() if value is not None})


def connect(url: sa.URL) -> psycopg.Connection:
    """Connect to a database beside its engine: each statement stands for itself, and waits for locks without end."""
    connection = psycopg.connect(conninfo(url), password=url.password, autocommit=True)
    connection.execute("set lock_timeout = 0")
    return connection


def program(name: str) -> str:
    """Find one of PostgreSQL's own programs. Raises ``BackupRefused``."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda file: int(file.parts[-3]))
    path = str(found[-1]) if found else shutil.which(name)
    if path is None:
        raise BackupRefused(
            Text(f"缺少程序 {name}。", f"The program {name} is missing."),
            Text(
                "请安装 PostgreSQL 的客户端（Debian：apt-get install postgresql-client）。",
                "Install PostgreSQL's client (on Debian: apt-get install postgresql-client).",
            ),
        )
    return path


def run(words: list[str], password: str | None) -> None:
    """Run one of PostgreSQL's programs; raises ``BackupRefused`` with what it said."""
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    # Our own words and addresses; no shell takes part, and the password stands in no list of processes.
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise BackupRefused(
            Text(
                f"{Path(words[0]).name}：{done.stderr.strip()}",
                f"{Path(words[0]).name}: {done.stderr.strip()}",
            )
        )
