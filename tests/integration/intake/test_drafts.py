"""Drafts: any state is kept, as ciphertext; submitted once, they are requests; without a consent they expire."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.intake.domain.errors import IllegalStep, InvalidFiling, NotThere
from services.intake.persistence import tables
from services.intake.use_cases.context import Context
from services.intake.use_cases.drafts import (
    ChangeDraft,
    change_draft,
    create_draft,
    delete_draft,
    list_drafts,
    read_draft,
    submit_draft,
)
from services.intake.use_cases.read_requests import read_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.tick import tick
from services.intake.use_cases.withdraw_request import StaleRequest
from shared.identity import Forbidden
from tests.builders import MONDAY, OTHER_UNIT, Installation, a_filing, a_principal
from tests.integration.intake.test_submit import events_of, rows_of

HUT, OTHER = a_principal("hut"), a_principal("hut", unit=OTHER_UNIT)


def a_draft(context: Context, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
    return create_draft(context, HUT, a_filing("dibao") if body is None else body)


def kinds_of_tasks(context: Context) -> list[str]:
    return [task["kind"] for task in list_tasks(context, HUT, ListTasks())]


@pytest.mark.parametrize("body", [{}, {"person": {"name": ""}}, {"person": {"id_number": "99000019"}}])
def test_any_incomplete_state_is_kept(context: Context, body: dict[str, Any]) -> None:
    draft = a_draft(context, body)
    found = read_draft(context, HUT, draft["id"])
    assert (found["body"], found["version"], found["status"]) == (body, 1, "draft")
    assert "person.name" in {fault["field"] for fault in found["missing"]}
    assert not events_of(context)


def test_a_complete_draft_lacks_nothing(context: Context) -> None:
    assert a_draft(context)["missing"] == []


def test_a_draft_is_ciphertext(context: Context) -> None:
    filing = a_filing("dibao")
    a_draft(context, filing)
    (row,) = rows_of(context, tables.drafts)
    for word in ("dibao", filing["person"]["name"], filing["person"]["id_number"]):
        assert word.encode() not in bytes(row["body"])
        assert word not in str({name: row[name] for name in row if name != "body"})


def test_what_is_typed_is_saved_member_by_member(context: Context) -> None:
    draft = a_draft(context, {"person": {"name": "李", "phone": "138"}, "answers": {"household_size": 3}})
    change = ChangeDraft(draft=draft["id"], version=1)
    patch = {"person": {"name": "李明", "phone": None}, "legs": [{"programme": "dibao"}], "answers": None}
    changed = change_draft(context, HUT, change, patch)
    assert changed["version"] == 2
    assert changed["body"] == {"person": {"name": "李明"}, "legs": [{"programme": "dibao"}]}
    assert read_draft(context, HUT, draft["id"])["body"] == changed["body"]


def test_who_saves_on_an_old_version_is_told(context: Context) -> None:
    draft = a_draft(context, {})
    change = ChangeDraft(draft=draft["id"], version=1)
    change_draft(context, HUT, change, {"urgency": "urgent"})
    with pytest.raises(StaleRequest):
        change_draft(context, HUT, change, {"urgency": "normal"})


def test_a_draft_belongs_to_its_desk(context: Context) -> None:
    draft = a_draft(context)
    change = ChangeDraft(draft=draft["id"])
    for deed in (
        lambda: read_draft(context, OTHER, draft["id"]),
        lambda: change_draft(context, OTHER, change, {}),
        lambda: delete_draft(context, OTHER, change),
        lambda: submit_draft(context, OTHER, change),
    ):
        with pytest.raises(NotThere):
            deed()
    assert list_drafts(context, OTHER, limit=10, after=None) == []
    with pytest.raises(Forbidden):
        read_draft(context, a_principal("specialist"), draft["id"])


def test_a_list_masks_the_name(context: Context) -> None:
    draft = a_draft(context, a_filing("dibao", person={"name": "李明华", "residence": "530103004007"}))
    (row,) = list_drafts(context, HUT, limit=10, after=None)
    assert (row["id"], row["name"], row["programmes"]) == (draft["id"], "李**", ["dibao"])


def test_a_draft_becomes_the_request_of_its_id(context: Context) -> None:
    filing = a_filing("dibao")
    draft = a_draft(context, filing)
    filed = submit_draft(context, HUT, ChangeDraft(draft=draft["id"]))
    assert (filed["id"], filed["status"]) == (draft["id"], "submitted")
    found = read_request(context, HUT, filed["id"])
    assert found["person"]["name"] == filing["person"]["name"]
    assert [event.type for event in events_of(context)] == ["request.submitted.v1"]
    assert rows_of(context, tables.drafts) == []


def test_a_draft_is_submitted_once(context: Context) -> None:
    draft = a_draft(context)
    change = ChangeDraft(draft=draft["id"])
    submit_draft(context, HUT, change)
    with pytest.raises(IllegalStep) as told:
        submit_draft(context, HUT, change)
    assert told.value.status == "submitted"
    assert "withdraw" in told.value.possible
    with pytest.raises(IllegalStep):
        change_draft(context, HUT, change, {})
    assert len(rows_of(context, tables.requests)) == 1


def test_submitted_by_two_at_once_it_is_filed_once(context: Context) -> None:
    draft = a_draft(context)
    told: list[str] = []

    def submit() -> None:
        try:
            submit_draft(context, HUT, ChangeDraft(draft=draft["id"]))
            told.append("filed")
        except IllegalStep as error:
            told.append(error.status)

    threads = [threading.Thread(target=submit) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["filed", "submitted", "submitted"]
    assert len(rows_of(context, tables.requests)) == len(events_of(context)) == 1


def test_what_lacks_is_named_and_the_draft_stays(context: Context) -> None:
    draft = a_draft(context, {"person": {"name": "李明"}})
    with pytest.raises(InvalidFiling) as told:
        submit_draft(context, HUT, ChangeDraft(draft=draft["id"]))
    assert {fault.field for fault in told.value.faults} == {"person.residence", "legs"}
    assert len(rows_of(context, tables.drafts)) == 1


def test_a_deleted_draft_leaves_nothing(context: Context) -> None:
    draft = a_draft(context)
    delete_draft(context, HUT, ChangeDraft(draft=draft["id"]))
    assert rows_of(context, tables.drafts) == []
    with pytest.raises(NotThere):
        read_draft(context, HUT, draft["id"])


def test_without_a_consent_a_draft_expires_and_the_desk_is_told_before(
    context: Context, installation: Installation
) -> None:
    draft = a_draft(context, {"person": {"name": "李明"}})
    assert draft["expires_on"] == date(2026, 12, 23)
    installation.clock.move_to(MONDAY + timedelta(24))
    assert tick(context) == 0
    installation.clock.move_to(MONDAY + timedelta(25))
    assert tick(context) == 1
    assert tick(context) == 0
    (task,) = list_tasks(context, HUT, ListTasks())
    assert (task["kind"], task["request"], task["due_on"]) == (
        "draft-expiring",
        draft["id"],
        date(2026, 12, 23),
    )
    installation.clock.move_to(MONDAY + timedelta(31))
    assert tick(context) == 1
    assert rows_of(context, tables.drafts) == []
    assert kinds_of_tasks(context) == []


def test_with_a_consent_it_is_kept(context: Context, installation: Installation) -> None:
    draft = a_draft(context, {"person": {"name": "李明"}})
    change = ChangeDraft(draft=draft["id"], version=1)
    kept = change_draft(context, HUT, change, {"consents": a_filing("dibao")["consents"]})
    assert kept["expires_on"] is None
    installation.clock.move_to(MONDAY + timedelta(200))
    assert tick(context) == 0
    assert len(rows_of(context, tables.drafts)) == 1


def test_saving_does_not_put_the_end_off(context: Context, installation: Installation) -> None:
    draft = a_draft(context, {})
    installation.clock.move_to(MONDAY + timedelta(20))
    change = ChangeDraft(draft=draft["id"], version=1)
    changed = change_draft(context, HUT, change, {"person": {"name": "李"}})
    assert changed["expires_on"] == draft["expires_on"]


def test_several_machines_let_a_draft_expire_once(context: Context, installation: Installation) -> None:
    for _ in range(3):
        a_draft(context, {})
    installation.clock.move_to(MONDAY + timedelta(26))
    counts: list[int] = []
    threads = [threading.Thread(target=lambda: counts.append(tick(context))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 3
    assert len(kinds_of_tasks(context)) == 3
    with context.database.read() as connection:
        assert set(connection.execute(sa.select(tables.drafts.c.timer)).scalars()) == {"draft-expired"}
