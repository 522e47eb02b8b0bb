"""The audit log: written with the use case or not at all, found by who, what and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared import audit
from shared.audit import AuditEntry, AuditQuery, AuditRecord
from shared.db import Database
from tests.examples import examples
from tests.unit.audit.log import NOW, an_entry


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = Database(f"sqlite:///{tmp_path}/db.sqlite", flushes=(audit.flush,))
    audit.table.create(made.engine)
    yield made
    made.dispose()


def write(database: Database, *entries: AuditEntry) -> None:
    with database.unit_of_work() as uow:
        for entry in entries:
            uow.audit(entry)


def found(database: Database, limit: int = 100, after: Any = None, **query: Any) -> list[AuditRecord]:
    with database.read() as connection:
        return audit.search(connection, AuditQuery(**query), limit=limit, after=after)


def test_an_entry_comes_back_whole(database: Database) -> None:
    write(database, an_entry(reason="初审", detail={"rev": 2, "legs": ["r-1"]}))

    (record,) = found(database)

    assert (record.at, record.actor, record.post, record.action) == (
        NOW,
        "s-1",
        "desk@health",
        "packet.opened",
    )
    assert (record.object_type, record.object_id, record.reason) == ("referral", "r-1", "初审")
    assert record.result == "done"
    assert record.detail == {"rev": 2, "legs": ["r-1"]}


def test_a_use_case_that_fails_leaves_no_entry(database: Database) -> None:
    def fail() -> None:
        with database.unit_of_work() as uow:
            uow.audit(an_entry())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert found(database) == []


def test_an_action_must_be_listed() -> None:
    with pytest.raises(audit.UnknownAction, match="is not listed"):
        an_entry(action="packet.peeked")


def test_every_action_is_named_in_both_languages() -> None:
    assert all(text.zh and text.en for text in audit.ACTIONS.values())


def test_what_came_of_it_follows_from_the_action_or_is_given() -> None:
    assert an_entry().result == "done"
    assert an_entry(action="access.refused").result == "refused"
    assert an_entry(result="refused").result == "refused"
    with pytest.raises(audit.UnknownResult, match="is not listed"):
        an_entry(result="perhaps")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"a", "b", "c"}),
        ({"actor": "s-2"}, {"b"}),
        ({"action": "badges.opened"}, {"c"}),
        ({"object_type": "request"}, {"b"}),
        ({"object_id": "a"}, {"a"}),
        ({"since": NOW + timedelta(hours=1)}, {"b", "c"}),
        ({"until": NOW + timedelta(hours=1)}, {"a"}),
        ({"since": NOW, "until": NOW + timedelta(hours=2), "actor": "s-1"}, {"a"}),
        ({"role": "desk"}, {"a", "b", "c"}),
        ({"role": "des"}, set()),
        ({"result": "refused"}, set()),
        ({"actor": "' OR 1=1 --"}, set()),
    ],
)
def test_it_is_searched_by_who_what_and_when(
    database: Database, query: dict[str, Any], expected: set[str]
) -> None:
    write(
        database,
        an_entry(object_id="a"),
        an_entry(object_id="b", actor="s-2", object_type="request", at=NOW + timedelta(hours=1)),
        an_entry(object_id="c", action="badges.opened", at=NOW + timedelta(hours=2)),
    )

    assert {record.object_id for record in found(database, **query)} == expected


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=examples(15))
@given(minutes=st.lists(st.integers(0, 3), min_size=1, max_size=12), size=st.integers(1, 5))
def test_pages_show_each_line_once_newest_first(database: Database, minutes: list[int], size: int) -> None:
    with database.unit_of_work() as uow:
        uow.connection.execute(audit.table.delete())
    write(database, *(an_entry(at=NOW + timedelta(minutes=minute)) for minute in minutes))

    pages: list[AuditRecord] = []
    after = None
    while page := found(database, limit=size, after=after):
        pages += page
        after = (page[-1].at, page[-1].id)

    assert len({record.id for record in pages}) == len(pages) == len(minutes)
    assert [record.at for record in pages] == sorted((record.at for record in pages), reverse=True)


def test_the_tables_are_named_as_ones_that_may_only_be_added_to() -> None:
    assert set(audit.INSERT_ONLY) == {"audit_log", "audit_seals", "audit_lists", "audit_heads"}


def test_what_a_deputy_does_says_for_whom_and_what_the_system_does_meanwhile_does_not(
    database: Database,
) -> None:
    write(database, an_entry(object_id="own"))
    token = audit.ask(audit.Asking("s-1", "s-2"))
    write(database, an_entry(object_id="for", detail={"rev": 2}), an_entry(object_id="timer", actor="system"))
    audit.answered(token)
    write(database, an_entry(object_id="own-again"))
    (record,) = found(database, acting_for="s-2")
    assert (record.object_id, record.detail) == ("for", {"rev": 2, "acting_for": "s-2"})
    assert [record.object_id for record in found(database) if "acting_for" in record.detail] == ["for"]


def test_whether_a_refusal_was_written_is_known_to_whoever_asked(database: Database) -> None:
    asked = audit.Asking("s-1")
    token = audit.ask(asked)
    write(database, an_entry())
    assert not asked.refused
    write(database, an_entry(action="access.refused"))
    audit.answered(token)
    assert asked.refused
