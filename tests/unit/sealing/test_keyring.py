"""The keyring: it reads when it must, follows changes, and never makes its callers wait for each other."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from shared.db import Database
from shared.sealing import Keyring, MasterKey, MasterKeyError, MissingKey, Use, keys_table
from shared.sealing.keys import make, store
from tests.unit.sealing.conftest import LEG, NOW, Installation


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        """Give the seconds since some moment."""
        return self.seconds


def statements(database: Database) -> list[str]:
    """Collect what is executed from now on."""
    seen: list[str] = []
    sa.event.listen(database.engine, "before_cursor_execute", lambda *arguments: seen.append(arguments[2]))
    return seen


def test_making_one_reads_nothing(empty_databases: dict[str, Database]) -> None:
    seen = statements(empty_databases["intake"])

    Keyring(empty_databases["intake"], MasterKey.generate())

    assert seen == []


def test_many_uses_read_once(installation: Installation) -> None:
    seen = statements(installation.databases["intake"])
    keyring = installation.keyring("intake")

    for _ in range(20):
        keyring.fields.encrypt("people", "name", "1", "张三")
        keyring.receipt_code(LEG)

    assert len([sql for sql in seen if "FROM keys" in sql]) == 1


def test_a_new_key_is_used_within_half_a_minute_without_a_restart(installation: Installation) -> None:
    ticks = Ticks()
    database = installation.databases["intake"]
    keyring = Keyring(database, installation.master, monotonic=ticks)
    old = keyring.fields.encrypt("people", "name", "1", "张三")
    with database.unit_of_work() as uow:
        uow.connection.execute(
            sa.update(keys_table).where(keys_table.c.use == "field").values(retired_at=NOW)
        )
        store(uow.connection, installation.master, [make(Use.FIELD, "intake", NOW)])
    assert keyring.fields.encrypt("people", "name", "1", "张三")[:17] == old[:17]

    ticks.seconds += 31
    new = keyring.fields.encrypt("people", "name", "1", "李四")

    assert new[:17] != old[:17]
    assert keyring.fields.decrypt("people", "name", "1", new) == "李四"
    assert keyring.fields.decrypt("people", "name", "1", old) == "张三"


def test_while_one_thread_reads_again_the_others_go_on(installation: Installation) -> None:
    ticks = Ticks()
    keyring = Keyring(installation.databases["intake"], installation.master, monotonic=ticks)
    keyring.load()
    ticks.seconds += 31
    done: list[str] = []
    with keyring._lock:  # another thread is reading
        thread = threading.Thread(target=lambda: done.append(keyring.receipt_code(LEG)))
        thread.start()
        thread.join(20)

    assert done == [keyring.receipt_code(LEG)]


def test_without_provision_the_remedy_is_named(empty_databases: dict[str, Database]) -> None:
    keyring = Keyring(empty_databases["intake"], MasterKey.generate())

    with pytest.raises(MissingKey, match="carehut district apply"):
        keyring.receipt_code(LEG)
    with pytest.raises(MissingKey):
        _ = keyring.district


def test_another_master_key_is_found_out_at_the_start(installation: Installation) -> None:
    with pytest.raises(MasterKeyError, match="another master key"):
        Keyring(installation.databases["intake"], MasterKey.generate()).load()


def test_a_secret_moved_to_another_row_is_found_out(installation: Installation) -> None:
    database = installation.databases["intake"]
    with database.unit_of_work() as uow:
        wrapped = sa.select(keys_table.c.private_wrapped).where(keys_table.c.use == "receipt-code")
        stolen = uow.connection.execute(wrapped).scalar_one()
        uow.connection.execute(
            sa.update(keys_table).where(keys_table.c.use == "field").values(private_wrapped=stolen)
        )

    with pytest.raises(MasterKeyError, match="changed in the database"):
        installation.keyring("intake").load()


def test_no_secret_lies_in_the_database(installation: Installation) -> None:
    for service, database in installation.databases.items():
        secrets = [key.secret for key in installation.keyring(service)._now().keys.values() if key.secret]
        assert secrets
        with database.read() as connection:
            stored = [bytes(str(row), "utf-8") for row in connection.execute(sa.select(keys_table))]
            wrapped = connection.execute(sa.select(keys_table.c.private_wrapped)).scalars().all()
        assert not any(secret in (one or b"") for one in wrapped for secret in secrets)
        assert not any(secret.hex().encode() in row for row in stored for secret in secrets)


def test_a_key_does_not_show_its_secret() -> None:
    key = replace(make(Use.FIELD, "intake", NOW), secret=b"0123456789abcdef0123456789abcdef")

    assert "0123456789abcdef" not in repr(key)
