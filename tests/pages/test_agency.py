"""An agency's queue and the coordinator's board in a real browser, without JavaScript, at a desk and on a phone."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from deploy.local.ports import free_port
from services.referrals.bootstrap import web
from shared.directory import forbidden_word
from tests.builders import MONDAY, a_principal, an_installation
from tests.conftest import SCREEN, MakeDatabase
from tests.integration.referrals.desk import PERSON, Road, leg_of

PHONE = {"width": 390, "height": 844}
NOTE = "核查属实，自下月发放。"

pytestmark = pytest.mark.browser

SignIn = Callable[..., Page]


@pytest.fixture
def road(sqlite_database: MakeDatabase) -> Road:
    """An installation whose events are carried by hand."""
    return Road(an_installation(sqlite_database))


@pytest.fixture
def address(road: Road) -> Iterator[str]:
    """The address of the running pages of referrals."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, web(road.parts, public_url=url), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def sign_in(road: Road, address: str, browser: Browser) -> Iterator[SignIn]:
    """Call with a role for a page of somebody signed in, without JavaScript."""
    contexts = []

    def make(
        role: str = "desk", *, screen: Any = SCREEN, locale: str = "zh-CN", script: bool = False, **place: Any
    ) -> Page:
        if role == "desk":
            place.setdefault("agency", "civil-affairs")
        principal = a_principal(role, **place)
        token = road.installation.keyring("intake").tokens.sign(principal, road.installation.clock.now())
        context = browser.new_context(
            viewport=screen, locale=locale, java_script_enabled=script, base_url=address
        )
        context.add_cookies([{"name": "sid", "value": token, "url": address}])
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


def test_a_referral_is_worked_from_the_queue_to_its_outcome(road: Road, sign_in: SignIn) -> None:
    leg = leg_of(road.file("dibao", person=PERSON))
    page = sign_in()
    page.goto("/referrals/queue")
    row = page.get_by_role("row").filter(has_text="最低生活保障")
    expect(row).to_contain_text("李**")
    expect(row).to_contain_text("剩余 2 个工作日")
    row.get_by_role("button", name="签收").click()
    expect(page.get_by_role("status")).to_contain_text("已签收")
    page.get_by_role("row").filter(has_text="已签收").get_by_role("button", name="受理").click()
    expect(page.locator(".empty-state")).to_be_visible()
    page.get_by_role("link", name="在办").click()
    page.get_by_role("button", name="办理").click()
    page.get_by_role("link", name="记录进展").click()
    page.get_by_label("已完成步骤").select_option("data-check")
    page.get_by_role("button", name="记录进展").click()
    expect(page.get_by_role("status")).to_contain_text("进展已记录")
    page.locator("summary", has_text="办结").click()
    page.get_by_label("办理结果").select_option("approved")
    page.get_by_label("金额").fill("650")
    page.get_by_label("期限", exact=True).fill("每月")
    page.get_by_label("给登记窗口的说明").fill(NOTE)
    page.get_by_role("button", name="办结", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已办结")
    expect(page.locator("main")).to_contain_text("650 元")
    assert [event.type.split(".")[1] for event in road.told(leg)][-2:] == ["step-recorded", "closed"]


@pytest.mark.parametrize(
    ("locale", "words"), [("zh-CN", "证件后四位"), ("en-GB", "last 4 of the ID")], ids=["zh", "en"]
)
@pytest.mark.parametrize("screen", [SCREEN, PHONE], ids=["office", "phone"])
def test_what_a_search_takes_can_be_read_whole(
    sign_in: SignIn, screen: dict[str, Any], locale: str, words: str
) -> None:
    page = sign_in(screen=screen, locale=locale, script=True)
    page.goto("/referrals/queue")
    hint = page.locator("#f-q-hint")
    expect(hint).to_contain_text(words)
    assert hint.evaluate("hint => hint.scrollWidth <= hint.clientWidth && hint.clientHeight > 1")
    assert page.locator("#f-q").evaluate("field => field.clientWidth") > 150


def test_the_packet_is_shown_for_a_reason_and_gone_with_the_next_page(road: Road, sign_in: SignIn) -> None:
    leg = leg_of(road.file("dibao", person=PERSON))
    page = sign_in()
    page.goto(f"/referrals/{leg}")
    expect(page.locator("main")).not_to_contain_text("李秀英")
    page.get_by_label("理由").fill("核对材料")
    page.get_by_role("button", name="查看资料").click()
    expect(page.locator("main")).to_contain_text("李秀英")
    expect(page.locator("main")).to_contain_text("13800001234")
    page.get_by_role("link", name="收起").click()
    expect(page.locator("main")).not_to_contain_text("李秀英")
    assert [line.reason for line in road.audited("packet.opened")] == ["核对材料"]


def test_whoever_comes_second_is_told_what_changed_and_nothing_is_done(road: Road, sign_in: SignIn) -> None:
    leg = leg_of(road.file("dibao"))
    page = sign_in()
    page.goto(f"/referrals/{leg}")
    road.act(leg, "accept", 1)
    page.get_by_role("button", name="签收").click()
    expect(page.get_by_role("alert")).to_contain_text("记录已被他人更新")
    expect(page.get_by_role("alert")).to_contain_text("受理")
    expect(page.get_by_role("button", name="开始办理")).to_be_visible()
    assert len(road.told(leg)) == 2


def test_a_closing_that_lacks_something_keeps_what_was_written(road: Road, sign_in: SignIn) -> None:
    leg = leg_of(road.file("dibao"))
    road.act(leg, "accept", 1)
    page = sign_in()
    page.goto(f"/referrals/{leg}")
    page.locator("summary", has_text="办结").click()
    page.get_by_label("办理结果").select_option("approved")
    page.get_by_label("给登记窗口的说明").fill(NOTE)
    page.get_by_role("button", name="办结", exact=True).click()
    expect(page.locator("#f-amount-error")).to_be_visible()
    expect(page.locator("#f-period-error")).to_be_visible()
    expect(page.get_by_label("给登记窗口的说明")).to_have_value(NOTE)
    expect(page.get_by_label("办理结果")).to_have_value("approved")


def test_somebody_is_looked_up_from_the_queue(road: Road, sign_in: SignIn) -> None:
    road.file("dibao", person=PERSON)
    road.file("dibao")
    page = sign_in()
    page.goto("/referrals/queue")
    page.get_by_role("searchbox").fill("lxy")
    page.get_by_role("button", name="查询").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("李**")
    page.get_by_role("searchbox").fill("没有此人")
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".empty-state")).to_contain_text("没有找到")


def test_a_long_queue_has_pages(road: Road, sign_in: SignIn) -> None:
    for _ in range(21):
        road.file("dibao")
    page = sign_in()
    page.goto("/referrals/queue")
    expect(page.get_by_role("link", name="待办 21")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(20)
    page.get_by_role("link", name="下一页").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="第一页").click()
    expect(page.locator("tbody tr")).to_have_count(20)


def test_the_board_shows_legs_side_by_side_and_filters_by_light_agency_and_street(
    road: Road, sign_in: SignIn
) -> None:
    late = road.file("dibao", "pension")
    road.installation.clock.move_to(MONDAY + timedelta(days=3))
    road.file("pub-job")
    page = sign_in("coordinator")
    page.goto("/referrals/board")
    first = page.locator("tbody tr").first
    expect(first).to_contain_text(late["number"])
    expect(first).to_contain_text("民政")
    expect(first).to_contain_text("超期")
    page.get_by_label("灯色").select_option("green")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("公益性岗位")
    page.get_by_role("link", name="显示全部").click()
    page.get_by_label("承办单位").select_option("civil-affairs")
    page.get_by_label("街道").select_option("530103004")
    page.get_by_role("button", name="筛选").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name=late["number"]).click()
    expect(page.locator("tbody tr")).to_have_count(2)
    page.get_by_role("link", name="MZ-").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("最低生活保障")
    expect(page.locator("main")).not_to_contain_text("**")
    expect(page.get_by_role("button", name="签收")).to_have_count(0)


def test_an_agency_finds_no_board(road: Road, sign_in: SignIn) -> None:
    answer = road.file("dibao")
    page = sign_in()
    for path in ("/referrals/board", f"/referrals/cases/{answer['id']}"):
        shown = page.goto(path)
        assert shown is not None
        assert shown.status == 404


@pytest.fixture
def everywhere(road: Road) -> list[tuple[str, str]]:
    """Every page of this service with somebody who reads it: (role, path)."""
    answer = road.file("dibao", "psy", "pension", "pub-job")
    leg = leg_of(answer)
    road.act(leg, "accept", 1)
    road.act(leg, "start", 2, {"step": "home-visit"})
    return [
        ("desk", "/referrals/queue?tab=todo"),
        ("desk", "/referrals/queue?tab=doing"),
        ("desk", "/referrals/queue?tab=done"),
        ("desk", "/referrals/queue?q=lxy"),
        ("desk", f"/referrals/{leg}"),
        ("leader", "/referrals/queue?tab=doing"),
        ("coordinator", "/referrals/board"),
        ("coordinator", "/referrals/board?light=red"),
        ("coordinator", f"/referrals/cases/{answer['id']}"),
        ("coordinator", f"/referrals/{leg}"),
    ]


@pytest.mark.parametrize("screen", [SCREEN, PHONE], ids=["office", "phone"])
def test_no_page_is_wider_than_its_screen_and_every_field_has_a_label(
    everywhere: list[tuple[str, str]], sign_in: SignIn, screen: Any
) -> None:
    for role, path in everywhere:
        agency = {"agency": "civil-affairs"} if role == "leader" else {}
        page = sign_in(role, screen=screen, script=True, **agency)
        page.goto(path)
        assert page.evaluate(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        ), path
        unlabelled = page.evaluate(
            "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
            ".filter(field => !field.labels.length).map(field => field.name)"
        )
        assert unlabelled == [], path


@pytest.mark.parametrize("locale", ["zh-CN", "en-GB"])
def test_no_page_says_what_the_person_is_in(
    everywhere: list[tuple[str, str]], sign_in: SignIn, locale: str
) -> None:
    for role, path in everywhere:
        agency = {"agency": "civil-affairs"} if role == "leader" else {}
        page = sign_in(role, locale=locale, **agency)
        page.goto(path)
        assert forbidden_word(page.content()) is None, path
        expect(page.get_by_role("button", name="退出" if locale == "zh-CN" else "Sign out")).to_be_visible()
