"""A field key is replaced while everybody works: every row moves over, no read fails, cut short it goes on."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice

import pytest
import sqlalchemy as sa

from deploy.key_life import SETTLED, By, KeyRefused, listed, retire, rotate
from deploy.key_moves import move_over
from deploy.key_needs import needs
from services.intake.persistence.tables import people
from shared.audit import table as audit_log
from shared.sealing import CannotDecrypt, Key, Keyring
from shared.sealing.ring import LEAD
from tests.builders import Installation, an_installation
from tests.conftest import MakeDatabase
from tests.rotation import BY, FIELD, busy, fill, ground, moves, replaced, the_old

ROWS = 2000
FEW = 300


@pytest.fixture
def made(sqlite_database: MakeDatabase) -> Installation:
    return an_installation(sqlite_database)


@pytest.fixture
def on_each(database: MakeDatabase) -> Installation:
    return an_installation(database)


def destroy(made: Installation, kid: str) -> Key:
    return retire(made.databases, made.master, kid, made.clock.now(), By("operator", approver="auditor"))


def test_two_thousand_rows_move_over_and_no_read_fails(on_each: Installation) -> None:
    made = on_each
    known = fill(made, ROWS)
    replaced(made)

    with busy(made, known) as load:
        moved = sum(moves(made))

    assert load.failed == []
    assert load.reads
    assert load.writes
    assert ROWS - load.writes <= moved <= ROWS, "who wrote meanwhile wrote with the new key"
    assert needs(made.databases, the_old(made)) == {}


def test_cut_short_it_goes_on_where_it_was(on_each: Installation) -> None:
    made = on_each
    fill(made, FEW * 2)
    replaced(made)

    before = sum(islice(moves(made), 1))
    left = needs(made.databases, the_old(made))

    assert left == {"intake.people": FEW * 2 - before}
    assert sum(moves(made)) == FEW * 2 - before
    assert list(moves(made)) == []


@pytest.mark.postgres
def test_a_row_that_somebody_holds_is_passed_over_and_comes_later(postgres_database: MakeDatabase) -> None:
    made = an_installation(postgres_database)
    held, *_ = fill(made, FEW)
    replaced(made)

    with made.databases["intake"].unit_of_work() as uow:
        uow.connection.execute(sa.select(people).where(people.c.id == held).with_for_update())
        first = next(moves(made))
        rest = next(moves(made))
    assert first + rest == FEW - 1
    assert sum(moves(made)) == 1


def test_a_new_key_is_known_to_all_before_anybody_uses_it(made: Installation) -> None:
    keyring = Keyring(made.databases["intake"], made.master, now=made.clock.now)
    made.clock.move_to(made.clock.now() + timedelta(minutes=1))
    rotate(made.databases, made.master, made.district, FIELD, made.clock.now(), BY)
    keyring.load()
    early = keyring.fields.encrypt("people", "name", "1", "张三")
    made.clock.move_to(made.clock.now() + LEAD)
    keyring.load()
    late = keyring.fields.encrypt("people", "name", "1", "张三")

    assert early[1:17] == ids_of(the_old(made).kid)
    assert late[1:17] != early[1:17]
    assert keyring.fields.decrypt("people", "name", "1", early) == "张三"


def ids_of(kid: str) -> bytes:
    return bytes.fromhex(kid.replace("-", ""))


def test_a_key_is_destroyed_only_when_nothing_needs_it(made: Installation) -> None:
    (one,) = fill(made, 1)
    with pytest.raises(KeyRefused, match="is in use"):
        destroy(made, the_old(made).kid)
    replaced(made)
    with pytest.raises(KeyRefused, match=r"still needed by intake\.people \(1\)"):
        destroy(made, the_old(made).kid)
    with made.databases["intake"].read() as connection:
        kept = connection.execute(sa.select(people.c.name)).scalar_one()
    list(moves(made))

    old = destroy(made, the_old(made).kid)

    keyring = Keyring(made.databases["intake"], made.master, now=made.clock.now)
    with pytest.raises(CannotDecrypt):
        keyring.fields.decrypt("people", "name", one, kept)
    with made.databases["intake"].read() as connection:
        now = connection.execute(sa.select(people.c.name)).scalar_one()
        lines = connection.execute(
            sa.select(audit_log.c.action, audit_log.c.actor, audit_log.c.detail).order_by(audit_log.c.at)
        ).all()
    assert keyring.fields.decrypt("people", "name", one, now) == f"name {one}"
    assert old.kid in {one.key.kid for one in listed(made.databases, made.master, made.clock.now())}
    told = {line.action: line for line in lines}
    assert told["keys.moved-over"].detail["rows"] == 1
    assert told["keys.destroyed"].detail["approved_by"] == "auditor"


def test_while_one_rotation_goes_on_no_other_begins(made: Installation) -> None:
    def again() -> str:
        return rotate(made.databases, made.master, made.district, FIELD, made.clock.now(), BY).kid

    fill(made, 1)
    made.clock.move_to(made.clock.now() + timedelta(minutes=1))
    first = again()
    assert again() == first
    made.clock.move_to(made.clock.now() + SETTLED + timedelta(hours=1))
    list(moves(made))
    assert again() == first
    destroy(made, the_old(made).kid)
    assert again() != first


def test_what_cannot_be_read_is_named_and_keeps_its_key(made: Installation) -> None:
    one, other = fill(made, 2)
    database = made.databases["intake"]
    with database.unit_of_work() as uow:
        uow.connection.execute(
            people.update()
            .where(people.c.id == one)
            .values(phone=sa.select(people.c.phone).where(people.c.id == other).scalar_subquery())
        )
    replaced(made)

    steps = list(move_over(ground(made), FIELD, BY, pause=lambda: None))

    assert [lost for _, step in steps for lost in step.unreadable] == [f"people.phone {one}"]
    with pytest.raises(KeyRefused, match=r"intake\.people \(1\)"):
        destroy(made, the_old(made).kid)
