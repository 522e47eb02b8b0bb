"""Leads and errands: what grid and desk tell each other, and how little that is."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from services.intake.domain.errors import InvalidFiling, OutOfReach
from services.intake.domain.tasks import NotByHand
from services.intake.use_cases.context import Context
from services.intake.use_cases.drafts import ChangeDraft, delete_draft, read_draft
from services.intake.use_cases.leads import GiveErrand, ReportLead, give_errand, report_lead
from services.intake.use_cases.tasks import ListTasks, finish_task, list_tasks
from shared.clock import local_date
from shared.identity import Forbidden
from tests.builders import HUT_UNIT, OTHER_UNIT, a_principal

HUT, GRID = a_principal("hut"), a_principal("grid")
LEAD = ReportLead(name="李明华", errand="家中困难，想找工作", community=HUT_UNIT, phone="13800001234")


def test_a_lead_becomes_a_draft_at_the_desk_of_its_community(context: Context) -> None:
    lead = report_lead(context, GRID, LEAD)
    draft = read_draft(context, HUT, lead["id"])
    assert (draft["origin"], draft["unit"]) == ("lead", HUT_UNIT)
    assert draft["body"]["person"] == {"name": "李明华", "phone": "13800001234", "residence": HUT_UNIT}
    assert draft["body"]["errand"] == LEAD.errand
    (task,) = list_tasks(context, HUT, ListTasks())
    assert (task["kind"], task["request"], task["name"]) == ("lead", draft["id"], "李明华")


def test_a_lead_from_another_grid_is_refused(context: Context) -> None:
    with pytest.raises(InvalidFiling) as told:
        report_lead(context, GRID, ReportLead(name="李", errand="走访", community=OTHER_UNIT))
    assert [(fault.field, fault.rule) for fault in told.value.faults] == [("community", "not-your-grid")]


def test_only_a_grid_worker_reports_leads(context: Context) -> None:
    with pytest.raises(Forbidden):
        report_lead(context, HUT, LEAD)


def test_a_lead_is_the_desks_to_do_and_the_grid_worker_sees_when_it_was_done(context: Context) -> None:
    lead = report_lead(context, GRID, LEAD)
    (task,) = list_tasks(context, HUT, ListTasks())
    assert list_tasks(context, GRID, ListTasks()) == list_tasks(context, GRID, ListTasks(done=True)) == []
    with pytest.raises(OutOfReach):
        finish_task(context, GRID, task["id"])
    with pytest.raises(NotByHand):
        finish_task(context, HUT, task["id"])
    delete_draft(context, HUT, ChangeDraft(draft=lead["id"]))
    assert list_tasks(context, GRID, ListTasks()) == []
    (seen,) = list_tasks(context, GRID, ListTasks(done=True))
    assert (seen["name"], seen["errand"]) == (LEAD.name, LEAD.errand)
    assert not {"request", "leg", "detail", "unit"} & seen.keys()


def test_two_leads_of_one_community_are_two_tasks(context: Context) -> None:
    for _ in range(2):
        report_lead(context, GRID, LEAD)
    assert len(list_tasks(context, HUT, ListTasks())) == 2


def test_an_errand_goes_to_the_grid_of_the_desks_unit(context: Context) -> None:
    for kind in ("visit", "visit", "collect-papers"):
        give_errand(context, HUT, GiveErrand(kind=kind, name="李明华", errand="上门看望"))
    assert len(list_tasks(context, GRID, ListTasks())) == 3
    assert list_tasks(context, HUT, ListTasks()) == []
    assert list_tasks(context, a_principal("grid", unit=OTHER_UNIT), ListTasks()) == []
    (first, *_) = list_tasks(context, GRID, ListTasks())
    finish_task(context, GRID, first["id"])
    assert len(list_tasks(context, GRID, ListTasks())) == 2


def test_an_errand_tells_the_grid_worker_nothing_it_need_not_know(context: Context) -> None:
    with pytest.raises(InvalidFiling) as told:
        give_errand(context, HUT, GiveErrand(kind="visit", name="李明华", errand="带去尿 检"))
    assert [fault.field for fault in told.value.faults] == ["errand"]


def test_an_errand_is_for_today_or_a_later_day(context: Context) -> None:
    today = local_date(context.clock.now(), context.directory.current().timezone)
    errand = GiveErrand(kind="visit", name="李明华", errand="上门看望", due_on=today)
    give_errand(context, HUT, errand)
    with pytest.raises(InvalidFiling) as told:
        give_errand(context, HUT, replace(errand, due_on=today - timedelta(days=1)))
    assert [fault.field for fault in told.value.faults] == ["due_on"]
