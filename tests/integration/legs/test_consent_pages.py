"""Consents on the desk's pages: printed before and after filing, taken back once what follows was read, and a no."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient

from services.intake.bootstrap import web
from services.intake.use_cases.read_requests import ListRequests, list_requests, read_consents
from shared.directory import Directory, apply
from shared.directory.content import district_from, version_of
from shared.identity import csrf
from tests.builders import HUT_UNIT, a_consent, a_person, an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays

ORIGIN = "http://127.0.0.1"
FORM = {
    "person.name": "李明华",
    "person.residence": HUT_UNIT,
    "programme": ["dibao", "pension"],
    "consent.civil-affairs": "true",
    "consent.social-security": "true",
    "given_by": "person",
    "expires_on": "2027-11-22",
}


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


def words_of(html: str) -> str:
    body = re.sub(r"<(script|style).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(body).split())


def page(client: FlaskClient, path: str) -> str:
    headers = {"Accept": "text/html", "Accept-Language": "zh"}
    answer = client.get(f"/intake/requests/{path}", base_url=ORIGIN, headers=headers)
    assert answer.status_code == 200
    return words_of(answer.get_data(as_text=True))


def send(client: FlaskClient, path: str, form: dict[str, Any]) -> tuple[int, str]:
    headers = {"Accept": "text/html", "Accept-Language": "zh", "Origin": ORIGIN}
    data = {"csrf_token": csrf(HUT.session), **form}
    answer = client.post(f"/intake/requests/{path}", base_url=ORIGIN, headers=headers, data=data)
    return answer.status_code, words_of(answer.get_data(as_text=True))


def sent(client: FlaskClient, path: str, **form: str) -> int:
    return send(client, path, form)[0]


def test_a_consent_is_taken_back_by_its_button_once_what_follows_was_read(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, leg = filed
    ways.at_desk(leg, "accept")
    there = f"{request}/consents/{ways.seen(request)['consents'][0]['id']}/withdraw"
    assert "已有资料冻结" in page(client, there)
    assert sent(client, there, idempotency_key="w") == 303
    assert "正在告知该单位" in page(client, request)
    ways.carry()
    assert "待单位答复" in page(client, request)
    ways.at_desk(leg, "acknowledge-withdrawal", {"ground": "statutory-duty"})
    assert "单位已答复 (履行法定职责)" in page(client, request)
    assert sent(client, there) == 409


def test_each_holder_is_told_beside_the_consent_that_was_taken_back(
    ways: BothWays, client: FlaskClient
) -> None:
    filed = ways.file("dibao", "pension")
    request, legs = filed["id"], [leg["id"] for leg in filed["legs"]]
    ways.at_desk(legs[1], "accept")
    for consent in ways.seen(request)["consents"]:
        assert sent(client, f"{request}/consents/{consent['id']}/withdraw") == 303
    ways.carry()
    _, given = read_consents(ways.intake, HUT, request)
    told = {consent["programmes"][0]: [one["state"] for one in consent["holders"]] for consent in given}
    assert told == {"dibao": ["closed"], "pension": ["owing"]}


def test_a_no_is_written_down_on_the_page(
    ways: BothWays, filed: tuple[str, str], client: FlaskClient
) -> None:
    request, _ = filed
    assert sent(client, f"{request}/refusals", agency="employment") == 303
    shown = page(client, request)
    assert "本人不同意提供信息" in shown
    assert "前不再询问" in shown


def test_consents_are_printed_and_signed_before_anything_is_filed(
    ways: BothWays, client: FlaskClient
) -> None:
    status, shown = send(client, "new/consents", FORM)
    assert (status, shown.count("个人信息提供单独同意书")) == (200, 2)
    for told in ("李明华", "2027-11-22", "如何撤回", "撤回同意的后果", "此事项将被撤销", "签名"):
        assert told in shown
    assert list_requests(ways.intake, HUT, ListRequests()) == []


def test_the_wish_to_be_told_is_printed_on_a_sheet_of_its_own(ways: BothWays, client: FlaskClient) -> None:
    wish = {"channels": ["sms"], "expires_on": "2027-05-01", "given_by": "person"}
    request = ways.file("dibao", person=a_person(phone="13900007788"), contact_consent=wish)["id"]
    shown = page(client, f"{request}/consents")
    _, _, sheet = shown.partition("接收办理进展通知同意书")
    for told in ("短信", "手机号码", "2027-05-01", "不提供给任何接收单位", "签名"):
        assert told in sheet
    assert "撤回同意的后果" not in sheet
    assert "13900007788" not in shown


def test_whoever_was_helped_without_consent_gets_a_notice_to_take_along(
    ways: BothWays, client: FlaskClient
) -> None:
    urgent = a_consent("civil-affairs", ("dibao",), basis="emergency", reason="昏迷送医")
    shown = page(client, f"{ways.file('dibao', consents=[urgent])['id']}/consents")
    assert "个人信息提供告知书" in shown
    assert "昏迷送医" in shown
    assert "签名" not in shown


def test_a_former_agency_is_not_offered_where_the_person_says_no(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    with_all, request = the_district(), filed[0]
    content = with_all.content
    left = {
        "programmes": [each for each in content["programmes"] if each["agency"] != "education"],
        "agencies": [each for each in content["agencies"] if each["id"] != "education"],
    }
    without = {**content, **left}
    with ways.intake.database.unit_of_work() as uow:
        now = ways.intake.clock.now()
        apply(uow, district_from(without, version=version_of(without), service="intake"), now)
    context = replace(ways.intake, directory=Directory(ways.intake.database))
    assert context.directory.current().agency_ever("education") is not None
    opened = web(context, public_url=ORIGIN).test_client()
    opened.set_cookie("sid", context.keyring.tokens.sign(HUT, now), domain="127.0.0.1")
    html = opened.get(f"/intake/requests/{request}", base_url=ORIGIN).get_data(as_text=True)
    assert 'value="civil-affairs"' in html
    assert 'value="education"' not in html
