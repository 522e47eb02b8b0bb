"""An agency has answered on paper: the desk takes it down for it, with the scanned slip, and it is marked."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.bootstrap import web
from services.intake.domain import answers_on_paper
from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling
from services.intake.schemas.legs import RECORDED as AT_THE_DESK
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.referrals.domain import reasons
from services.referrals.domain.errors import BadFields
from services.referrals.domain.slips import RECORDED
from services.referrals.domain.status import Status
from services.referrals.schemas import closing
from services.referrals.use_cases.slips import add_slip
from shared import ids
from tests.integration.legs.both_ways import COORDINATOR, HUT, BothWays, hand_in, outcomes
from tests.papers import a_pdf

TRANSFER = {"reason": "needs-other-help", "to_agency": "employment"}


def test_an_answer_on_paper_is_taken_down_with_its_slip(ways: BothWays, filed: tuple[str, str]) -> None:
    request, leg = filed
    (slip,) = hand_in(ways, request, "slip")
    ways.ask(request, leg, "record", {"action": "accept", "fields": {}, "slip": slip})
    assert ways.referral(leg).status is Status.ACCEPTED
    assert ways.facts(leg)[-3:] == ["accepted", "recorded-on-behalf", "record-done"]
    assert ways.told(leg)[-2].data["by_post"] == "intake-desk"
    (slip,) = hand_in(ways, request, "slip")
    # What a form was left empty for was not said.
    fields = {"outcome": "approved", "amount": 650, "period": "monthly", "note": "按月发放", "evidence": ""}
    ways.ask(request, leg, "record", {"action": "close", "fields": fields, "slip": slip})
    assert ways.referral(leg).status is Status.CLOSED
    for event in ways.told(leg):
        assert "按月发放" not in event.internal().decode()
    assert {"note": "按月发放"} in [line.get("words") for line in ways.seen(request)["history"]]


@pytest.mark.parametrize(
    ("action", "fields", "refusal"),
    [
        ("close", {"outcome": "refused", "reason": "other"}, "not-possible-now"),
        ("start", {}, "not-possible-now"),
        ("cancel", {}, "bad-fields"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_and_marks_nothing(
    ways: BothWays, filed: tuple[str, str], action: str, fields: dict[str, Any], refusal: str
) -> None:
    request, leg = filed
    (slip,) = hand_in(ways, request, "slip")
    ways.ask(request, leg, "record", {"action": action, "fields": fields, "slip": slip})
    assert outcomes(ways, request) == [("record", refusal)]
    assert "recorded-on-behalf" not in ways.facts(leg)


def test_what_is_taken_down_twice_is_refused_by_its_name(ways: BothWays, filed: tuple[str, str]) -> None:
    request, leg = filed
    for _ in range(2):
        (slip,) = hand_in(ways, request, "slip")
        ways.ask(request, leg, "record", {"action": "accept", "fields": {}, "slip": slip})
    assert outcomes(ways, request) == [("record", None), ("record", "already-done")]
    why = {"reason": "already-done", "action": "accept"}
    assert ways.seen(request)["history"][-1]["detail"] == why
    (task,) = list_tasks(ways.intake, HUT, ListTasks())
    assert (task["kind"], why.items() <= task["detail"].items()) == ("command-refused", True)


def test_without_a_slip_nothing_is_taken_down(ways: BothWays, filed: tuple[str, str]) -> None:
    with pytest.raises(Breach) as refused:
        ways.ask(*filed, "record", {"action": "accept", "fields": {}, "slip": ids.new()})
    assert refused.value.id == "slip-missing"


def test_only_a_slip_of_this_leg_is_taken_for_the_agencys_answer(ways: BothWays) -> None:
    made = ways.file("dibao", "unemp-reg")
    leg, other = (made_leg["id"] for made_leg in made["legs"])
    (card,), (elsewhere,) = (
        hand_in(ways, made["id"], "id-card"),
        hand_in(ways, made["id"], "slip", leg=other),
    )
    for paper in (card, elsewhere):
        with pytest.raises(Breach) as refused:
            ways.ask(made["id"], leg, "record", {"action": "accept", "fields": {}, "slip": paper})
        assert refused.value.id == "slip-missing"


def test_the_coordinator_records_an_answer_on_paper_too(ways: BothWays, filed: tuple[str, str]) -> None:
    slip = add_slip(ways.parts, COORDINATOR, filed[1], a_pdf())
    fields = {"action": "accept", "fields": {}, "slip": slip.id}
    ways.at_desk(filed[1], "record-on-behalf", fields, role="coordinator")
    assert ways.referral(filed[1]).status is Status.ACCEPTED
    assert ways.facts(filed[1])[-2:] == ["accepted", "recorded-on-behalf"]


def test_what_the_coordinator_takes_down_in_words_reaches_the_help_desk_sealed(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    slip = add_slip(ways.parts, COORDINATOR, filed[1], a_pdf())
    given = {"action": "request-documents", "fields": {"papers": ["id-card"]}, "slip": slip.id}
    with pytest.raises(BadFields) as refused:
        ways.at_desk(filed[1], "record-on-behalf", given, role="coordinator")
    assert [fault.field for fault in refused.value.faults] == ["fields.note"]
    given["fields"] = {"papers": ["id-card"], "note": "缺身份证复印件"}
    ways.at_desk(filed[1], "record-on-behalf", given, role="coordinator")
    for event in ways.told(filed[1]):
        assert "缺身份证复印件" not in event.internal().decode()
    assert "缺身份证复印件" in str(ways.seen(filed[0])["history"])
    assert ways.all_letters() == []


def test_desk_and_coordinator_take_down_the_same_answers() -> None:
    assert AT_THE_DESK == RECORDED
    for name in (
        "RETURN_REASONS",
        "TRANSFER_REASONS",
        "SUSPEND_REASONS",
        "REFUSAL_REASONS",
        "OVERDUE_REASONS",
        "KEEPING_GROUNDS",
    ):
        assert getattr(answers_on_paper, name) == tuple(getattr(reasons, name))
    assert answers_on_paper.LARGEST_AMOUNT == closing.LARGEST_AMOUNT


@pytest.mark.parametrize(
    ("action", "fields", "wrong"),
    [
        ("close", {"outcome": "won"}, ["fields.outcome"]),
        ("close", {"outcome": "approved"}, ["fields.amount", "fields.period"]),
        ("close", {"outcome": "refused"}, ["fields.reason"]),
        ("close", {"outcome": "refused", "reason": "other", "amount": 5}, ["fields.amount"]),
        ("close", {"outcome": "refused", "reason": "bad weather"}, ["fields.reason"]),
        (
            "close",
            {"outcome": "approved", "amount": -5, "period": "李秀英"},
            ["fields.amount", "fields.period"],
        ),
        ("close", {"outcome": "approved", "amount": 0.001, "period": "monthly"}, ["fields.amount"]),
        ("propose-return", {"reason": "bad weather"}, ["fields.reason"]),
        ("propose-transfer", TRANSFER | {"to_agency": ["health"]}, ["fields.to_agency"]),
        (
            "propose-transfer",
            TRANSFER | {"to_agency": "health", "to_programme": "psy"},
            ["fields.to_programme"],
        ),
        ("propose-transfer", TRANSFER | {"to_programme": "pension"}, ["fields.to_programme"]),
        ("accept", {"colour": "red"}, ["fields.colour"]),
        ("request-documents", {"papers": ["passport"]}, ["fields.papers", "fields.note"]),
        ("request-documents", {"papers": ["id-card"], "note": "  "}, ["fields.note"]),
        ("accept", {"note": "  "}, ["fields.note"]),
        ("close", {"outcome": "withdrawn", "evidence": "\u200b"}, ["fields.evidence"]),
        ("step", {}, ["fields.step"]),
        ("suspend", {"review_on": "2020-01-01"}, ["fields.reason", "fields.review_on"]),
        ("suspend", {"reason": "hearing", "review_on": "2028-12-01"}, ["fields.review_on"]),
        ("propose-transfer", TRANSFER | {"to_agency": "civil-affairs"}, ["fields.to_agency"]),
    ],
)
def test_what_cannot_be_on_the_paper_is_told_at_once(
    ways: BothWays, filed: tuple[str, str], action: str, fields: dict[str, Any], wrong: list[str]
) -> None:
    request, leg = filed
    (slip,) = hand_in(ways, request, "slip")
    with pytest.raises(InvalidFiling) as refused:
        ways.ask(request, leg, "record", {"action": action, "fields": fields, "slip": slip})
    assert [fault.field for fault in refused.value.faults] == wrong


def test_each_refused_answer_is_a_task_that_names_the_decision_and_the_reason_in_words(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    (slip, another) = hand_in(ways, request, "slip", "slip")
    ways.ask(request, leg, "record", {"action": "accept", "fields": {}, "slip": slip})
    for action in ("accept", "resume", "accept"):
        ways.ask(request, leg, "record", {"action": action, "fields": {}, "slip": another})
    token = ways.intake.keyring.tokens.sign(HUT, ways.installation.clock.now())
    client = web(ways.intake, public_url="http://127.0.0.1").test_client()
    query = {"kind": "command-refused"}
    answer: Any = client.get(
        "/intake/api/v1/tasks", query_string=query, headers={"Authorization": f"Bearer {token}"}
    ).json
    assert [task["detail"]["action"] for task in answer["items"]] == ["accept", "resume"]
    told = answer["items"][0]["explained"]
    assert told["en"].startswith("Refused: answer on paper taken down. ")
    assert "What: Accepted" in told["en"]
    assert "Reason: It has been done already" in told["en"]
    assert "受理" in told["zh"]


def test_what_only_the_agencys_side_knows_to_be_wrong_is_named_in_its_answer_and_in_the_task(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    slips = hand_in(ways, request, "slip", "slip")
    fields = {"outcome": "approved", "amount": 650, "period": "monthly", "overdue_reason": "staff-short"}
    ways.ask(request, leg, "record", {"action": "accept", "fields": {}, "slip": slips[0]})
    ways.ask(request, leg, "record", {"action": "close", "fields": fields, "slip": slips[1]})
    assert outcomes(ways, request)[-1] == ("record", "bad-fields")
    assert ways.told(leg)[-1].data["wrong_fields"] == ["overdue_reason"]
    assert ways.seen(request)["history"][-1]["detail"]["wrong_fields"] == ["overdue_reason"]


def test_a_grant_on_paper_while_the_public_notice_hangs_is_too_early_and_names_its_last_day(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "start", {"step": "publicity"})
    (slip,) = hand_in(ways, request, "slip")
    granted = {"outcome": "approved", "amount": 650, "period": "monthly"}
    ways.ask(request, leg, "record", {"action": "close", "fields": granted, "slip": slip})
    told = {"reason": "not-yet", "action": "close", "on": "2026-11-30"}
    (refused,) = [line for line in ways.seen(request)["history"] if line["fact"] == "record-refused"]
    assert refused["detail"] == told
    (task,) = list_tasks(ways.intake, HUT, ListTasks(kinds=("command-refused",)))
    assert {name: task["detail"][name] for name in told} == told
    ways.later(days=12)
    ways.ask(request, leg, "record", {"action": "close", "fields": granted, "slip": slip})
    assert ways.referral(leg).status is Status.CLOSED
