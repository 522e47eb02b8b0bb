"""The desk's pages without a browser: who gets where, what a form keeps, what stands beside which field."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.intake.bootstrap import web
from services.intake.use_cases import sign_in
from services.intake.use_cases.context import Context
from services.intake.use_cases.read_requests import ListRequests, list_requests, read_request
from services.intake.use_cases.submit_request import submit_request
from shared.directory import forbidden_word
from shared.identity import Post, Principal, csrf
from tests.builders import HUT_UNIT, OTHER_UNIT, a_command, a_person, a_principal, id_number

HUT = a_principal("hut")
ORIGIN = "http://127.0.0.1"
NEW = "/intake/requests/new"
FILLED = {
    "person.name": "李明华",
    "person.id_number": id_number(),
    "person.residence": HUT_UNIT,
    "urgency": "normal",
    "programme": ["dibao", "pension"],
    "consent.civil-affairs": "true",
    "kinds.civil-affairs": ["household", "income"],
    "consent.social-security": "true",
    "given_by": "person",
    "expires_on": "2027-11-22",
    "answers.household_size": "3",
    "answers.check_authorised": "true",
    "answers.income_per_head": "420.5",
    "note.dibao": "屋顶漏雨",
}

SignedIn = Callable[..., FlaskClient]


@pytest.fixture
def app(context: Context) -> flask.Flask:
    """The web of intake."""
    return web(context, public_url=ORIGIN)


@pytest.fixture
def signed_in(app: flask.Flask, context: Context) -> SignedIn:
    """Call with somebody for their browser."""

    def browser(who: Principal = HUT) -> FlaskClient:
        client = app.test_client()
        client.set_cookie("sid", context.keyring.tokens.sign(who, context.clock.now()), domain="127.0.0.1")
        return client

    return browser


def get(client: FlaskClient, path: str, **arguments: Any) -> TestResponse:
    headers = {"Accept": "text/html", "Accept-Language": "en"}
    return client.get(path, base_url=ORIGIN, headers=headers, **arguments)


def post(client: FlaskClient, path: str, form: dict[str, Any]) -> TestResponse:
    headers = {"Accept": "text/html", "Accept-Language": "en", "Origin": ORIGIN}
    data = {"csrf_token": csrf(HUT.session), **form}
    return client.post(path, base_url=ORIGIN, headers=headers, data=data)


def text_of(response: TestResponse) -> str:
    return unescape(re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)))


def test_a_stranger_is_asked_to_sign_in_and_learns_nothing(app: flask.Flask) -> None:
    page = get(app.test_client(), "/")
    assert page.status_code == 200
    assert 'name="password"' in page.get_data(as_text=True)
    assert forbidden_word(page.get_data(as_text=True)) is None


@pytest.mark.parametrize(
    ("role", "home"),
    [
        ("hut", "/intake/"),
        ("specialist", "/intake/"),
        ("desk", "/referrals/queue"),
        ("leader", "/referrals/queue"),
        ("coordinator", "/referrals/board"),
        ("grid", "/intake/"),
        ("operator", "/intake/"),
        ("auditor", "/intake/audit"),
    ],
)
def test_the_front_page_leads_everyone_to_their_own_work(signed_in: SignedIn, role: str, home: str) -> None:
    client = signed_in(a_principal(role))
    assert get(client, "/").headers["Location"] == home
    if home == "/intake/":
        assert get(client, home).status_code == 200


def test_who_holds_several_posts_begins_at_the_desk(signed_in: SignedIn) -> None:
    both = Principal("both", "s", (Post("coordinator"), Post("hut", unit=HUT_UNIT)))
    assert get(signed_in(both), "/").headers["Location"] == "/intake/"


def test_a_wrong_password_keeps_the_name_and_says_what_to_do(app: flask.Flask) -> None:
    page = post(
        app.test_client(),
        "/auth/sign-in",
        {"username": "hut", "password": "wrong", "next": "/intake/requests"},
    )
    assert page.status_code == 401
    assert 'value="hut"' in page.get_data(as_text=True)
    assert 'value="/intake/requests"' in page.get_data(as_text=True)
    assert "the password or the one-time code is wrong" in text_of(page)


def test_signing_in_never_leads_to_another_site(app: flask.Flask) -> None:
    for elsewhere in ("https://example.org/", "//example.org", "/\\example.org"):
        page = get(app.test_client(), "/", query_string={"next": elsewhere})
        assert 'name="next" value="/"' in page.get_data(as_text=True)


def test_a_session_that_is_over_leads_back_to_signing_in(app: flask.Flask) -> None:
    client = app.test_client()
    client.set_cookie("sid", "no.token.ofours", domain="127.0.0.1")
    answer = get(client, "/auth/renew?next=/intake/requests")
    assert answer.headers["Location"] == "/?next=%2Fintake%2Frequests"
    assert "sid=;" in answer.headers["Set-Cookie"]


def test_a_form_sent_with_an_expired_token_is_sent_on_with_its_content(
    app: flask.Flask, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewed = sign_in.SignedIn(context.keyring.tokens.sign(HUT, context.clock.now()), HUT)
    monkeypatch.setattr(sign_in, "renew", lambda _context, _token: renewed)
    client = app.test_client()
    client.set_cookie("sid", "expired", domain="127.0.0.1")
    sent_away = post(client, NEW, FILLED)
    assert sent_away.status_code == 307
    assert sent_away.headers["Location"] == "/auth/renew?next=%2Fintake%2Frequests%2Fnew"
    sent_back = post(client, sent_away.headers["Location"], FILLED)
    assert (sent_back.status_code, sent_back.headers["Location"]) == (307, NEW)
    assert post(client, NEW, FILLED).status_code == 303


def test_the_form_files_what_the_api_would_have_filed(signed_in: SignedIn, context: Context) -> None:
    answer = post(signed_in(), NEW, {**FILLED, "step": "file"})
    assert answer.status_code == 303
    (item,) = list_requests(context, HUT, ListRequests())
    assert answer.headers["Location"] == f"/intake/requests/{item['id']}"
    filed = read_request(context, HUT, item["id"])
    assert filed["person"]["name"] == "李明华"
    assert filed["answers"] == {"household_size": 3, "check_authorised": True, "income_per_head": 420.5}
    assert [leg["note"] for leg in filed["legs"]] == ["屋顶漏雨", None]
    assert {consent["programmes"][0]: consent["data_kinds"] for consent in filed["consents"]} == {
        "dibao": ["identity", "household", "income"],
        "pension": ["identity"],
    }


def test_showing_the_fields_files_nothing_and_keeps_what_was_typed(
    signed_in: SignedIn, context: Context
) -> None:
    page = post(signed_in(), NEW, {**FILLED, "step": "fields"})
    assert page.status_code == 200
    html = page.get_data(as_text=True)
    assert 'name="answers.household_size"' in html
    assert 'value="李明华"' in html
    assert "屋顶漏雨" in html
    assert 'name="answers.care_wish"' not in html, "asked for by no ticked programme"
    assert list_requests(context, HUT, ListRequests()) == []


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"person.id_number": "990000198503120010"}, "person.id_number", "one is mistyped"),
        (
            {"consent.civil-affairs": ""},
            "programme.dibao",
            "No valid consent covers Minimum living allowance",
        ),
        ({"expires_on": "2020-01-01"}, "expires_on", "has expired"),
        ({"answers.household_size": "some"}, "answers.household_size", "Give a number"),
        ({"note.dibao": "戒毒人员"}, "note.dibao", "need not know"),
        ({"programme": []}, "legs", "at least one kind of help"),
        ({"person.name": ""}, "person.name", "required"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    signed_in: SignedIn, context: Context, change: dict[str, Any], path: str, words: str
) -> None:
    form = {name: value for name, value in {**FILLED, **change}.items() if value != ""}
    page = post(signed_in(), NEW, form)
    assert page.status_code == 422
    html = page.get_data(as_text=True)
    assert f'href="#f-{path.replace(".", "-")}"' in html
    beside = re.split(rf'id="f-{re.escape(path.replace(".", "-"))}(?:-error)?"', html)
    if path != "legs":
        assert words in beside[-1][:1500]
    assert words in unescape(html)
    assert 'value="3"' in html or "answers.household_size" in change or change.get("programme") == []
    assert list_requests(context, HUT, ListRequests()) == []


def test_pressing_the_button_twice_files_once(signed_in: SignedIn, context: Context) -> None:
    client = signed_in()
    first, again = (post(client, NEW, {**FILLED, "idempotency_key": "once"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (303, 303)
    assert first.headers["Location"] == again.headers["Location"]
    assert len(list_requests(context, HUT, ListRequests())) == 1


def test_a_duplicate_is_shown_after_filing(signed_in: SignedIn) -> None:
    client = signed_in()
    post(client, NEW, FILLED)
    there = post(client, NEW, FILLED).headers["Location"]
    assert there.endswith("?hint=duplicate")
    assert "already has an open request" in text_of(get(client, there))


def test_a_form_from_another_site_files_nothing(signed_in: SignedIn, context: Context) -> None:
    client = signed_in()
    assert post(client, NEW, {**FILLED, "csrf_token": "forged"}).status_code == 403
    assert list_requests(context, HUT, ListRequests()) == []


def test_the_request_page_shows_legs_timeline_and_receipt_code(signed_in: SignedIn, context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao", "psy", person=a_person(name="李明华")))
    page = text_of(get(signed_in(), f"/intake/requests/{filed['id']}"))
    for words in (
        "李明华",
        filed["receipt_code"],
        filed["number"],
        "Minimum living allowance",
        "Request filed",
    ):
        assert words in page
    assert "Withdraw the whole request" in page


def test_the_street_reads_but_withdraws_nothing(signed_in: SignedIn, context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    page = text_of(get(signed_in(a_principal("specialist")), f"/intake/requests/{filed['id']}"))
    assert filed["number"] in page
    assert "Withdraw" not in page
    assert "Consents to print" not in page


def test_a_leg_is_withdrawn_by_its_button(signed_in: SignedIn, context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao", "pension"))
    leg = filed["legs"][1]["id"]
    form = {"legs": leg, "reason": "circumstances-changed", "idempotency_key": "w"}
    client = signed_in()
    assert post(client, f"/intake/requests/{filed['id']}/withdraw", form).status_code == 303
    read = read_request(context, HUT, filed["id"])
    assert [bool(each["cancel_requested_at"]) for each in read["legs"]] == [False, True]
    assert "Withdrawal asked for" in text_of(get(client, f"/intake/requests/{filed['id']}"))


def test_a_neighbours_request_is_a_page_that_is_not_there(signed_in: SignedIn, context: Context) -> None:
    filed = submit_request(context, a_principal("hut", unit=OTHER_UNIT), a_command("dibao"))
    for path in ("", "/consents"):
        assert get(signed_in(), f"/intake/requests/{filed['id']}{path}").status_code == 404


def test_the_list_is_filtered_and_paged(signed_in: SignedIn, context: Context) -> None:
    numbers = [submit_request(context, HUT, a_command("dibao"))["number"] for _ in range(21)]
    client = signed_in()
    first = get(client, "/intake/requests?status=submitted&q=").get_data(as_text=True)
    following = unescape(re.findall(r'rel="next" href="([^"]+)"', first)[0])
    assert "status=submitted" in following
    second = get(client, following).get_data(as_text=True)
    shown = set(re.findall(r"PL-2026-\d+", first)) | set(re.findall(r"PL-2026-\d+", second))
    assert shown == set(numbers)
    assert "Nothing fits" in text_of(get(client, "/intake/requests?status=ended"))


def test_consents_are_printed_one_sheet_per_agency(signed_in: SignedIn, context: Context) -> None:
    filed = submit_request(context, HUT, a_command())
    page = get(signed_in(), f"/intake/requests/{filed['id']}/consents").get_data(as_text=True)
    assert page.count("Separate consent to pass on personal data") == 4
    assert page.index("Panlong Civil Affairs Bureau") < page.index("Panlong Health Bureau")
    assert "What follows from withdrawing" in page
