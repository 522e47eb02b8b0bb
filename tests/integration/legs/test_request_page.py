"""What messages tell the desk to read can be read on its page of the request, and answered there."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient

from services.intake.bootstrap import web
from services.referrals.use_cases.desk_messages import read_messages
from shared.identity import csrf
from tests.builders import a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays

ORIGIN = "http://127.0.0.1"
DESK = a_principal("desk", agency="civil-affairs")


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation whose events are carried both ways by hand; no database decides anything of a page."""
    return BothWays(an_installation(sqlite_database))


@pytest.fixture
def client(ways: BothWays) -> FlaskClient:
    """The browser of the desk."""
    opened = web(ways.intake, public_url=ORIGIN).test_client()
    token = ways.intake.keyring.tokens.sign(HUT, ways.installation.clock.now())
    opened.set_cookie("sid", token, domain="127.0.0.1")
    return opened


def page(client: FlaskClient, request: str, language: str = "zh") -> str:
    headers = {"Accept": "text/html", "Accept-Language": language}
    answer = client.get(f"/intake/requests/{request}", base_url=ORIGIN, headers=headers)
    assert answer.status_code == 200
    body = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return " ".join(unescape(body).split())


def send(client: FlaskClient, request: str, leg: str, text: str) -> tuple[int, str]:
    answer = client.post(
        f"/intake/requests/{request}/legs/{leg}/message",
        base_url=ORIGIN,
        headers={"Accept": "text/html", "Accept-Language": "en", "Origin": ORIGIN},
        data={"csrf_token": csrf(HUT.session), "text": text},
    )
    return answer.status_code, unescape(answer.get_data(as_text=True))


def test_what_the_agency_writes_and_its_appointment_stand_on_the_page(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, leg = filed
    ways.at_desk(leg, "message", {"text": "请补充银行卡号"})
    day = ways.installation.clock.now().date()
    appointment = {"on": day, "at": "23:30", "place": "民政局二楼", "bring": "身份证原件"}
    ways.at_desk(leg, "appointment", appointment)
    shown = page(client, request)
    for words in ("单位留言", "请补充银行卡号", "约定时间", "23:30", "民政局二楼", "身份证原件"):
        assert words in shown
    for code in ("messaged", "appointment-made", "intake-desk"):
        assert code not in shown


def test_a_refusal_stands_there_with_its_reason_and_the_last_day_to_object(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, leg = filed
    ways.at_desk(leg, "accept")
    refusal = {"outcome": "refused", "reason": "income-above-limit", "note": "人均收入超过标准"}
    ways.at_desk(leg, "close", refusal)
    ways.at_desk(leg, "approve", role="leader")
    by = ways.leg(request, leg)["appeal_by"]
    shown = page(client, request)
    assert "收入超过标准" in shown
    assert "人均收入超过标准" in shown
    assert f"60日内（{by.year}年{by.month}月{by.day}日" in shown
    assert "income-above-limit" not in shown
    assert "open until" in page(client, request, "en")


def test_the_desk_answers_from_the_page_and_is_not_told_of_its_own_message(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, leg = filed
    assert send(client, request, leg, "已请本人补充")[0] == 303
    ways.carry()
    assert [each.text for each in read_messages(ways.parts, DESK, leg)] == ["已请本人补充"]
    assert ways.tasks(request) == []
    assert "已请本人补充" in page(client, request)


def test_what_may_not_be_written_stays_in_the_form_beside_the_reason(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, leg = filed
    status, shown = send(client, request, leg, "本人在戒毒所")
    assert status == 422
    assert "本人在戒毒所</textarea>" in shown
    assert "field-error" in shown
    assert ways.asked(request)[-1].type == "request.submitted.v1"


def test_the_agencys_message_is_a_task_of_the_desk_until_it_answers(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, leg = filed
    ways.at_desk(leg, "message", {"text": "请补充银行卡号"})
    assert ways.tasks(request) == ["message"]
    send(client, request, leg, "已请本人补充")
    assert ways.tasks(request) == []
