"""What the desk asks of a leg: carried out or refused by referrals, and shown at the desk either way."""

from __future__ import annotations

from typing import Any

import pytest

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import IllegalStep, InvalidFiling, NotThere
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.tasks import ListTasks, list_tasks
from services.referrals.domain.referral import act
from services.referrals.domain.status import Status
from services.referrals.persistence import referrals
from services.referrals.use_cases.context import timetable
from services.referrals.use_cases.desk_messages import read_messages
from services.referrals.use_cases.record import CLOCK, record_change
from shared import ids
from shared.identity import Forbidden
from tests.builders import OTHER_UNIT, a_command, a_principal
from tests.integration.legs.both_ways import COORDINATOR, HUT, BothWays, hand_in, outcomes

DESK = a_principal("desk", agency="civil-affairs")
WANTED = ["id-card", "household-book"]


@pytest.fixture
def awaited(ways: BothWays, filed: tuple[str, str]) -> tuple[str, str]:
    """Give a request and its leg, for which the agency waits for two papers."""
    ways.at_desk(filed[1], "request-documents", {"papers": WANTED, "note": "请补交复印件"})
    return filed


def test_papers_that_are_asked_for_become_a_task_and_the_words_with_it(
    ways: BothWays, awaited: tuple[str, str]
) -> None:
    request, leg = awaited
    assert ways.tasks(request) == ["papers-wanted"]
    shown = ways.leg(request, leg)
    assert (shown["status"], shown["light"]) == ("awaiting-documents", "grey")
    assert shown["answer"]["note"] == "请补交复印件"


def test_papers_supplied_go_on_sealed_and_the_clock_goes_on(ways: BothWays, awaited: tuple[str, str]) -> None:
    request, leg = awaited
    hand_in(ways, request, *WANTED)
    ways.ask(request, leg, "supply")
    assert ways.referral(leg).status is Status.RECEIVED
    packet = ways.opened(leg)
    assert packet["rev"] == 2
    assert sorted(paper["kind"] for paper in packet["papers"]) == sorted(WANTED)
    assert ways.told(leg)[-2].data["papers"] == WANTED
    assert outcomes(ways, request) == [("supply", None)]
    assert ways.tasks(request) == []


def test_papers_that_are_not_there_are_not_supplied(ways: BothWays, awaited: tuple[str, str]) -> None:
    request, leg = awaited
    hand_in(ways, request, "id-card")
    with pytest.raises(Breach) as refused:
        ways.ask(request, leg, "supply")
    assert refused.value.id == "papers-missing"
    assert refused.value.explanation.en.isascii()
    assert "户口" in refused.value.explanation.zh


def test_nothing_is_supplied_to_whom_nobody_asked_for(ways: BothWays, filed: tuple[str, str]) -> None:
    with pytest.raises(Breach) as refused:
        ways.ask(*filed, "supply")
    assert refused.value.id == "papers-not-wanted"


def test_the_person_gets_more_time_once(ways: BothWays, awaited: tuple[str, str]) -> None:
    request, leg = awaited
    before = ways.referral(leg).life.papers_due_on
    ways.ask(request, leg, "more-time")
    after = ways.referral(leg).life.papers_due_on
    assert before is not None
    assert after is not None
    assert after > before
    (task,) = list_tasks(ways.intake, HUT, ListTasks())
    assert (task["due_on"], task["detail"]["papers_due_on"]) == (after, after.isoformat())
    ways.ask(request, leg, "more-time")
    assert outcomes(ways, request) == [("more-time", None), ("more-time", "already-extended")]
    assert ways.tasks(request) == ["papers-wanted", "command-refused"]


def test_what_is_carried_out_leaves_the_refusal_of_another_wish_to_be_done(
    ways: BothWays, awaited: tuple[str, str]
) -> None:
    request, leg = awaited
    for _ in range(2):
        ways.ask(request, leg, "more-time")
    hand_in(ways, request, *WANTED)
    ways.ask(request, leg, "supply")
    assert ways.tasks(request) == ["command-refused"]


def test_a_refused_command_shows_its_reason_in_the_history(ways: BothWays, awaited: tuple[str, str]) -> None:
    request, leg = awaited
    for _ in range(2):
        ways.ask(request, leg, "more-time")
    line = ways.seen(request)["history"][-1]
    assert (line["fact"], line["detail"]) == ("more-time-refused", {"reason": "already-extended"})


def test_a_message_reaches_the_desk_sealed_and_comes_back_as_an_answer(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    ways.ask(request, leg, "message", {"text": "本人下午有空"})
    (message,) = read_messages(ways.parts, DESK, leg)
    assert message.text == "本人下午有空"
    assert read_messages(ways.parts, DESK, leg)[0].opened_at is not None
    ways.at_desk(leg, "message", {"text": "请于周三上午来"})
    assert ways.tasks(request) == ["message"]
    words = [line.get("words") for line in ways.seen(request)["history"]]
    assert {"text": "本人下午有空"} in words
    assert any(word and word.get("fields", {}).get("text") == "请于周三上午来" for word in words)


def test_no_word_of_a_message_lies_open_anywhere(ways: BothWays, filed: tuple[str, str]) -> None:
    ways.ask(*filed, "message", {"text": "本人下午有空"})
    for event in [*ways.asked(filed[0]), *ways.told()]:
        assert "下午" not in event.internal().decode()


def test_a_message_that_would_tell_what_somebody_is_in_is_not_sent(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    with pytest.raises(InvalidFiling):
        ways.ask(*filed, "message", {"text": "他在社区戒毒"})


def close(ways: BothWays, leg: str, outcome: str = "withdrawn", **fields: Any) -> None:
    """Accept and close a leg at its desk."""
    ways.at_desk(leg, "accept")
    ways.at_desk(leg, "close", {"outcome": outcome, **fields})
    if ways.referral(leg).pending is not None:
        ways.at_desk(leg, "approve", role="leader")


def test_a_closed_leg_is_rated_once(ways: BothWays, filed: tuple[str, str]) -> None:
    request, leg = filed
    with pytest.raises(Breach) as refused:
        ways.ask(request, leg, "rate", {"grade": 5})
    assert refused.value.id == "leg-not-ended"
    close(ways, leg)
    ways.ask(request, leg, "rate", {"grade": 2, "note": "态度不好"})
    assert ways.referral(leg).life.rating == 2
    assert ways.facts(leg)[-2:] == ["rated", "rate-done"]
    with pytest.raises(Breach) as refused:
        ways.ask(request, leg, "rate", {"grade": 5})
    assert refused.value.id == "already-rated"
    shown = ways.leg(request, leg)
    assert (shown["status"], shown["outcome"], shown["rating"]) == ("closed", "withdrawn", 2)


def test_no_answer_is_taken_down_for_a_leg_that_has_ended(ways: BothWays) -> None:
    made = ways.file("dibao", "unemp-reg")
    leg = made["legs"][0]["id"]
    close(ways, leg)
    with pytest.raises(Breach) as refused:
        ways.ask(made["id"], leg, "record", {"action": "accept", "fields": {}, "slip": ids.new()})
    assert refused.value.id == "leg-ended"


def test_what_lapsed_is_worked_on_again_as_of_right(ways: BothWays, awaited: tuple[str, str]) -> None:
    request, leg = awaited
    lapse(ways, leg)
    assert ways.seen(request)["status"] == "ended"
    ways.ask(request, leg, "reopen", {"reason": "papers-after-lapse"})
    assert ways.referral(leg).status is Status.IN_PROGRESS
    read = ways.seen(request)
    assert (read["status"], read["ended_at"]) == ("in-progress", None)
    assert (read["legs"][0]["status"], read["legs"][0]["outcome"]) == ("in-progress", None)
    line = next(line for line in ways.seen(request)["history"] if line["fact"] == "reopen-requested")
    assert line["staff"] == "hut"


def lapse(ways: BothWays, leg: str) -> None:
    """Let time close a leg whose papers never came."""
    ways.later(days=40)
    district, at = ways.parts.directory.current(), ways.installation.clock.now()
    with ways.parts.database.unit_of_work() as uow:
        held = referrals.load(uow.connection, [leg], lock=True)[leg]
        change = act(held, "lapse", {}, at, timetable(district))
        record_change(ways.parts, uow, change, CLOCK, district, at=at)
    ways.carry()


@pytest.mark.parametrize(
    ("reason", "refusal"),
    [
        ("papers-after-lapse", "coordinator-decides"),
        ("appeal", "nothing-to-appeal"),
        ("error", "coordinator-decides"),
    ],
)
def test_what_was_closed_otherwise_is_the_coordinators_to_reopen(
    ways: BothWays, filed: tuple[str, str], reason: str, refusal: str
) -> None:
    request, leg = filed
    close(ways, leg)
    ways.ask(request, leg, "reopen", {"reason": reason})
    assert outcomes(ways, request) == [("reopen", refusal)]
    assert ways.referral(leg).status is Status.CLOSED
    assert ways.seen(request)["status"] == "ended"


@pytest.mark.parametrize(("days", "refusal"), [(55, None), (62, "appeal-too-late")])
def test_an_objection_is_taken_for_sixty_days(
    ways: BothWays, filed: tuple[str, str], days: int, refusal: str | None
) -> None:
    request, leg = filed
    close(ways, leg, "terminated", reason="criteria-not-met")
    ways.later(days=days)
    ways.ask(request, leg, "reopen", {"reason": "appeal", "note": "对决定不服"})
    assert outcomes(ways, request) == [("reopen", refusal)]


def test_a_leg_that_has_not_been_issued_is_asked_nothing(ways: BothWays) -> None:
    filed = submit_request(ways.intake, a_principal(), a_command("dibao"))
    with pytest.raises(Breach) as refused:
        ways.ask(filed["id"], filed["legs"][0]["id"], "message", {"text": "你好"})
    assert refused.value.id == "leg-not-issued"


def test_only_the_own_desk_asks(ways: BothWays, filed: tuple[str, str]) -> None:
    for who in (COORDINATOR, a_principal("specialist")):
        with pytest.raises(Forbidden):
            ways.ask(*filed, "message", {"text": "你好"}, by=who)
    with pytest.raises(NotThere):
        ways.ask(*filed, "message", {"text": "你好"}, by=a_principal("hut", unit=OTHER_UNIT))
    with pytest.raises(NotThere):
        ways.ask(filed[0], ids.new(), "message", {"text": "你好"})


def test_a_withdrawn_request_is_asked_nothing_more(ways: BothWays, filed: tuple[str, str]) -> None:
    ways.withdraw(filed[0])
    with pytest.raises(IllegalStep) as refused:
        ways.ask(*filed, "message", {"text": "你好"})
    assert refused.value.status == "withdrawn"
