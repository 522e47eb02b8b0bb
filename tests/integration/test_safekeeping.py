"""Keys, audit log and deny table on both kinds of database, and what their roles may not do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError

from shared import audit
from shared.audit import AuditEntry, AuditQuery
from shared.db import Database
from shared.identity import DeniedStaff, Principal, deny
from shared.sealing import Keyring, MasterKey, Use
from shared.sealing.keys import make, store

NOW = datetime(2026, 11, 21, 8, 30, 0, 123_000, tzinfo=UTC)
MakeDatabase = Callable[..., Database]


def an_entry(number: int) -> AuditEntry:
    return AuditEntry(
        at=NOW + timedelta(minutes=number // 2),
        actor="s-1",
        post="desk@health",
        action="packet.opened",
        object_type="referral",
        object_id=str(number),
        detail={"rev": number},
    )


def test_keys_are_stored_and_read_back(database: MakeDatabase) -> None:
    made, master = database("intake"), MasterKey.generate()
    keys = [make(Use.TOKEN_SIGNING, "530103", NOW), make(Use.FIELD, "intake", NOW)]
    with made.unit_of_work() as uow:
        store(uow.connection, master, keys)

    keyring = Keyring(made, master)

    assert {kid: (key.public, key.secret) for kid, key in keyring._now().keys.items()} == {
        key.kid: (key.public, key.secret) for key in keys
    }
    token = keyring.tokens.sign(Principal("s-1", "session", ()), NOW)
    assert Keyring(made, master).tokens.verify(token, NOW).staff == "s-1"


def test_the_log_is_read_page_by_page(database: MakeDatabase) -> None:
    made = database("intake")
    with made.unit_of_work() as uow:
        for number in range(7):
            uow.audit(an_entry(number))

    seen: list[str] = []
    after = None
    with made.read() as connection:
        while page := audit.search(connection, AuditQuery(actor="s-1"), limit=3, after=after):
            seen += [record.object_id for record in page]
            after = (page[-1].at, page[-1].id)

    assert sorted(seen) == [str(number) for number in range(7)]
    assert seen[0] == "6"


def test_a_denial_only_moves_forward(database: MakeDatabase) -> None:
    made = database("intake")
    for since in (NOW, NOW - timedelta(hours=1)):
        with made.unit_of_work() as uow:
            deny(uow.connection, "s-1", since)

    assert DeniedStaff(made).is_denied(Principal("s-1", "session", (), issued_at=NOW), NOW)


@pytest.mark.postgres
@pytest.mark.parametrize("role", ["web", "worker"])
@pytest.mark.parametrize(
    "statement", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log"]
)
def test_no_running_process_can_change_the_log(
    postgres_database: MakeDatabase, role: str, statement: str
) -> None:
    made = postgres_database("referrals", role)
    with made.unit_of_work() as uow:
        uow.audit(an_entry(1))

    def change() -> None:
        with made.unit_of_work() as uow:
            uow.connection.execute(sa.text(statement))

    with pytest.raises(ProgrammingError, match="permission denied"):
        change()
    with made.read() as connection:
        assert len(audit.search(connection, AuditQuery(), limit=9)) == 1


@pytest.mark.parametrize("statement", ["UPDATE audit_log SET actor = 'x'", "DELETE FROM audit_log"])
def test_the_embedded_log_defends_itself(sqlite_database: MakeDatabase, statement: str) -> None:
    made = sqlite_database("referrals")
    with made.unit_of_work() as uow:
        uow.audit(an_entry(1))

    def change() -> None:
        with made.unit_of_work() as uow:
            uow.connection.execute(sa.text(statement))

    with pytest.raises(IntegrityError, match="only added to"):
        change()
    with made.read() as connection:
        assert len(audit.search(connection, AuditQuery(), limit=9)) == 1
