"""Tasks: raised once while open, seen by whose they are alone, ticked off once."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

import pytest

from services.intake.domain.errors import NotThere
from services.intake.domain.tasks import NotByHand, TaskDone
from services.intake.use_cases.context import Context
from services.intake.use_cases.tasks import (
    ListTasks,
    finish_task,
    list_tasks,
    raise_task,
    seal_words,
    settle_tasks,
)
from shared import ids
from shared.identity import Forbidden
from tests.builders import HUT_UNIT, MONDAY, OTHER_UNIT, STREET, Installation, a_principal

HUT, SPECIALIST, GRID = a_principal("hut"), a_principal("specialist"), a_principal("grid")
REQUEST, LEG = ids.new(), ids.new()


def a_task(context: Context, **changes: Any) -> None:
    facts = {"kind": "papers-wanted", "unit": HUT_UNIT, "street": STREET, "at": MONDAY, "request": REQUEST}
    with context.database.unit_of_work() as uow:
        raise_task(uow, **{**facts, **changes})


def tasks_of(context: Context, principal: Any, **query: Any) -> list[dict[str, Any]]:
    return list_tasks(context, principal, ListTasks(**query))


def test_a_task_stands_in_the_list_of_whose_it_is(context: Context) -> None:
    a_task(context, leg=LEG, due_on=date(2026, 11, 24), detail={"papers": ["income-proof"]})
    (task,) = tasks_of(context, HUT)
    assert (task["kind"], task["request"], task["leg"]) == ("papers-wanted", REQUEST, LEG)
    assert (task["due_on"], task["overdue"], task["done_at"]) == (date(2026, 11, 24), False, None)
    assert task["detail"] == {"papers": ["income-proof"]}
    assert not tasks_of(context, a_principal("hut", unit=OTHER_UNIT))
    assert not tasks_of(context, SPECIALIST)


def test_a_specialist_sees_those_of_the_street(context: Context) -> None:
    a_task(context, kind="duplicate", role="specialist")
    assert [task["kind"] for task in tasks_of(context, SPECIALIST)] == ["duplicate"]
    assert not tasks_of(context, a_principal("specialist", unit="530103001"))
    assert not tasks_of(context, HUT)


def test_while_it_is_open_the_same_task_is_not_raised_again(context: Context) -> None:
    for _ in range(2):
        a_task(context, leg=LEG)
        a_task(context, leg=ids.new(), kind="message")
    assert len(tasks_of(context, HUT, kinds=["papers-wanted"])) == 1
    assert len(tasks_of(context, HUT)) == 3


def test_done_it_may_be_raised_again(context: Context) -> None:
    a_task(context)
    (task,) = tasks_of(context, HUT)
    done = finish_task(context, HUT, task["id"])
    assert (done["done_by"], done["done_at"]) == ("hut", MONDAY)
    assert not tasks_of(context, HUT)
    assert [one["id"] for one in tasks_of(context, HUT, done=True)] == [task["id"]]
    a_task(context)
    assert len(tasks_of(context, HUT)) == 1


def test_a_task_is_done_once(context: Context) -> None:
    a_task(context)
    (task,) = tasks_of(context, HUT)
    finish_task(context, HUT, task["id"])
    with pytest.raises(TaskDone):
        finish_task(context, HUT, task["id"])


def test_what_a_deed_ends_is_not_ticked_off(context: Context) -> None:
    a_task(context, kind="check", role="specialist")
    (task,) = tasks_of(context, SPECIALIST)
    with pytest.raises(NotByHand):
        finish_task(context, SPECIALIST, task["id"])


def test_a_deed_ends_the_open_tasks_of_its_request_and_leg(context: Context) -> None:
    other = ids.new()
    for leg in (LEG, other):
        a_task(context, leg=leg)
    with context.database.unit_of_work() as uow:
        settle_tasks(uow, REQUEST, "papers-wanted", at=MONDAY, leg=LEG)
    assert [task["leg"] for task in tasks_of(context, HUT)] == [other]
    with context.database.unit_of_work() as uow:
        settle_tasks(uow, REQUEST, "papers-wanted", "message", at=MONDAY)
    assert not tasks_of(context, HUT)


def test_a_foreign_task_is_not_there(context: Context) -> None:
    a_task(context)
    (task,) = tasks_of(context, HUT)
    for other in (a_principal("hut", unit=OTHER_UNIT), SPECIALIST, GRID):
        with pytest.raises(NotThere):
            finish_task(context, other, task["id"])
    for nonsense in (ids.new(), "x"):
        with pytest.raises(NotThere):
            finish_task(context, HUT, nonsense)


def test_an_agency_has_no_list_of_tasks(context: Context) -> None:
    with pytest.raises(Forbidden):
        tasks_of(context, a_principal("desk", agency="civil-affairs"))


def test_a_grid_worker_sees_name_and_errand_and_nothing_of_a_request(context: Context) -> None:
    task = ids.new()
    words = seal_words(context, task, {"name": "李明华", "errand": "上门走访"})
    a_task(context, kind="visit", role="grid", words=(task, words))
    (shown,) = tasks_of(context, GRID)
    assert (shown["name"], shown["errand"]) == ("李明华", "上门走访")
    assert not {"request", "leg", "detail"} & shown.keys()


def test_an_overdue_task_says_so(context: Context, installation: Installation) -> None:
    a_task(context, due_on=date(2026, 11, 23))
    assert [task["overdue"] for task in tasks_of(context, HUT)] == [False]
    installation.clock.move_to(MONDAY.replace(day=24))
    assert [task["overdue"] for task in tasks_of(context, HUT)] == [True]


def test_a_list_goes_on_where_it_stopped(context: Context) -> None:
    for _ in range(5):
        a_task(context, leg=ids.new())
    first = tasks_of(context, HUT, limit=2)
    rest = tasks_of(context, HUT, limit=10, after=first[1]["id"])
    assert len(first) == 3
    assert [task["id"] for task in [*first[:2], *rest]] == sorted(
        task["id"] for task in tasks_of(context, HUT)
    )


def test_raised_by_several_at_once_it_is_there_once(context: Context) -> None:
    threads = [threading.Thread(target=a_task, args=(context,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(tasks_of(context, HUT)) == 1


def test_only_known_kinds_are_raised(context: Context) -> None:
    with pytest.raises(LookupError):
        a_task(context, kind="gossip")
