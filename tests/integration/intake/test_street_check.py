"""The street's check: what is filed waits for it, is approved once or sent back, corrected and submitted again."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import IllegalStep, InvalidFiling, NotThere
from services.intake.use_cases.context import Context
from services.intake.use_cases.read_requests import read_history, read_request
from services.intake.use_cases.street_check import SendBack, approve, send_back, submit_again
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.intake.use_cases.tick import tick
from services.intake.use_cases.withdraw_request import StaleRequest
from shared.identity import Forbidden
from tests.builders import (
    MONDAY,
    Installation,
    a_checking_district,
    a_command,
    a_consent,
    a_principal,
    an_installation,
)
from tests.conftest import MakeDatabase
from tests.integration.intake.test_submit import events_of

HUT, SPECIALIST = a_principal("hut"), a_principal("specialist")


@pytest.fixture
def installation(database: MakeDatabase) -> Installation:
    """Three databases of a district that wants the street to check what is filed."""
    return an_installation(database, district=a_checking_district())


@pytest.fixture
def filed(context: Context) -> dict[str, Any]:
    """A request that waits for the check."""
    return submit_request(context, HUT, a_command("dibao", "pension"))


def tasks_of(context: Context, principal: Any) -> list[str]:
    return [task["kind"] for task in list_tasks(context, principal, ListTasks())]


def reasons(*codes: str, request: str, words: str | None = None, version: int | None = None) -> SendBack:
    return SendBack(request=request, reasons=codes, words=words, version=version)


def test_what_is_filed_waits_for_the_street(context: Context, filed: dict[str, Any]) -> None:
    (submitted,) = events_of(context)
    assert submitted.data["check"] is True
    found = read_request(context, HUT, filed["id"])
    assert (found["status"], found["checking"], found["check_due_on"]) == (
        "submitted",
        True,
        date(2026, 11, 24),
    )
    decisions = {"approve", "send-back", "move", "merge"}
    assert not decisions & set(found["possible"])
    assert set(read_request(context, SPECIALIST, filed["id"])["possible"]) == decisions
    (task,) = list_tasks(context, SPECIALIST, ListTasks())
    assert (task["kind"], task["request"], task["due_on"]) == ("check", filed["id"], date(2026, 11, 24))


def test_a_desk_of_no_street_is_checked_by_none(context: Context) -> None:
    submit_request(context, a_principal("hut", unit="530103"), a_command("dibao"))
    (submitted,) = events_of(context)
    assert "check" not in submitted.data


def test_approved_it_goes_on(context: Context, filed: dict[str, Any]) -> None:
    answer = approve(context, SPECIALIST, filed["id"])
    assert (answer["status"], answer["version"]) == ("submitted", 2)
    submitted, approved = events_of(context)
    assert (approved.type, approved.subject, approved.sequence) == (
        "request.approved.v1",
        submitted.subject,
        2,
    )
    assert tasks_of(context, SPECIALIST) == []
    found = read_request(context, HUT, filed["id"])
    assert found["checking"] is False
    assert [line["fact"] for line in found["history"]] == ["submitted", "approved"]


def test_what_no_consent_covers_any_more_is_not_let_go_on(installation: Installation) -> None:
    context = installation.intake()
    consent = a_consent("civil-affairs", ("dibao",), expires_on="2026-11-24")
    request = submit_request(context, HUT, a_command("dibao", consents=[consent]))["id"]
    installation.clock.move_to(MONDAY + timedelta(days=2))
    with pytest.raises(Breach, match="No valid consent"):
        approve(context, SPECIALIST, request)
    send_back(context, SPECIALIST, reasons("consent-missing", request=request))
    with pytest.raises(Breach, match="No valid consent"):
        submit_again(context, HUT, request)
    assert [event.type for event in events_of(context)] == ["request.submitted.v1", "request.sent-back.v1"]


def test_it_is_approved_once(context: Context, filed: dict[str, Any]) -> None:
    approve(context, SPECIALIST, filed["id"])
    with pytest.raises(IllegalStep) as told:
        approve(context, SPECIALIST, filed["id"])
    assert told.value.status == "submitted"
    assert "approve" not in told.value.possible
    assert len(events_of(context)) == 2


def test_two_specialists_at_once_decide_once(context: Context, filed: dict[str, Any]) -> None:
    told: list[str] = []

    def decide(deed: Any) -> None:
        try:
            told.append(deed()["status"])
        except IllegalStep:
            told.append("too late")

    deeds = (
        lambda: approve(context, SPECIALIST, filed["id"]),
        lambda: send_back(context, SPECIALIST, reasons("data-wrong", request=filed["id"])),
    )
    threads = [threading.Thread(target=decide, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told.count("too late") == 1
    assert len(events_of(context)) == 2


def test_sent_back_it_is_the_desks_to_correct(context: Context, filed: dict[str, Any]) -> None:
    command = reasons("answers-missing", request=filed["id"], words="请补充家庭人口", version=1)
    assert send_back(context, SPECIALIST, command)["status"] == "sent-back"
    sent_back = events_of(context)[-1]
    assert sent_back.type == "request.sent-back.v1"
    assert sent_back.data["reasons"] == ["answers-missing"]
    assert "家庭人口" not in str(sent_back.data)
    assert tasks_of(context, HUT) == ["sent-back"]
    line = read_request(context, HUT, filed["id"])["history"][-1]
    assert (line["fact"], line["words"]) == ("sent-back", "请补充家庭人口")
    assert "words" not in read_history(context, HUT, filed["id"])[-1]


def test_corrected_it_is_submitted_again_and_checked_again(context: Context, filed: dict[str, Any]) -> None:
    send_back(context, SPECIALIST, reasons("data-wrong", request=filed["id"]))
    with pytest.raises(IllegalStep) as told:
        approve(context, SPECIALIST, filed["id"])
    assert (told.value.status, told.value.possible) == ("sent-back", ("move", "merge"))  # the desk submits it
    assert submit_again(context, HUT, filed["id"])["status"] == "submitted"
    assert (tasks_of(context, HUT), tasks_of(context, SPECIALIST)) == ([], ["check"])
    approve(context, SPECIALIST, filed["id"])
    assert [event.type for event in events_of(context)] == [
        "request.submitted.v1",
        "request.sent-back.v1",
        "request.resubmitted.v1",
        "request.approved.v1",
    ]


def test_the_history_tells_how_each_decision_left_it(
    context: Context, installation: Installation, filed: dict[str, Any]
) -> None:
    send_back(context, SPECIALIST, reasons("data-wrong", request=filed["id"]))
    installation.clock.move_to(MONDAY + timedelta(hours=1))
    submit_again(context, HUT, filed["id"])
    installation.clock.move_to(MONDAY + timedelta(hours=2))
    approve(context, SPECIALIST, filed["id"])
    assert [(line["fact"], line["status"]) for line in read_history(context, HUT, filed["id"])] == [
        ("submitted", "submitted"),
        ("sent-back", "sent-back"),
        ("submitted-again", "submitted"),
        ("approved", "submitted"),
    ]


def test_what_was_not_sent_back_is_not_submitted_again(context: Context, filed: dict[str, Any]) -> None:
    with pytest.raises(IllegalStep):
        submit_again(context, HUT, filed["id"])


def test_other_reasons_are_told_in_words(context: Context, filed: dict[str, Any]) -> None:
    with pytest.raises(InvalidFiling) as told:
        send_back(context, SPECIALIST, reasons("other", request=filed["id"]))
    assert [fault.field for fault in told.value.faults] == ["words"]


def test_only_the_specialist_of_the_street_checks(context: Context, filed: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        approve(context, HUT, filed["id"])
    with pytest.raises(NotThere):
        approve(context, a_principal("specialist", unit="530103001"), filed["id"])


def test_a_decision_on_an_old_version_is_told(context: Context, filed: dict[str, Any]) -> None:
    with pytest.raises(StaleRequest):
        approve(context, SPECIALIST, filed["id"], version=7)


def test_a_check_that_is_overdue_is_a_task_of_the_desk_once(
    context: Context, installation: Installation, filed: dict[str, Any]
) -> None:
    installation.clock.move_to(MONDAY + timedelta(1))
    assert tick(context) == 0
    installation.clock.move_to(MONDAY + timedelta(2))
    assert tick(context) == 1
    assert tick(context) == 0
    assert tasks_of(context, HUT) == ["check-overdue"]
    approve(context, SPECIALIST, filed["id"])
    assert tasks_of(context, HUT) == []


def test_while_it_lies_at_the_desk_the_streets_time_stands_still(
    context: Context, installation: Installation, filed: dict[str, Any]
) -> None:
    send_back(context, SPECIALIST, reasons("data-wrong", request=filed["id"]))
    installation.clock.move_to(MONDAY + timedelta(9))
    assert tick(context) == 0
    submit_again(context, HUT, filed["id"])
    assert read_request(context, HUT, filed["id"])["check_due_on"] == date(2026, 12, 3)
