"""The desk in a real browser, without JavaScript: sign in, file a request, look at it, withdraw a leg."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from deploy.local.ports import free_port
from services.intake.bootstrap import web
from services.intake.use_cases.mirror_legs import mirror_legs
from services.intake.use_cases.submit_request import submit_request
from shared import ids
from shared.events import Event
from tests.builders import (
    HUT_UNIT,
    Installation,
    a_command,
    a_principal,
    an_installation,
    id_number,
    the_district,
)
from tests.conftest import SCREEN, MakeDatabase

PHONE = {"width": 390, "height": 844}
WIDEST = "all => all.forEach(one => one.textContent = one.textContent.replace(/[A-Z0-9]/g, 'W'))"

pytestmark = pytest.mark.browser


@pytest.fixture
def installation(sqlite_database: MakeDatabase) -> Installation:
    """An installation whose only account is the desk's."""
    district = the_district()
    staff = tuple(member for member in district.staff if member.id == "hut")
    return an_installation(sqlite_database, district=replace(district, staff=staff), staff=True)


@pytest.fixture
def address(installation: Installation) -> Iterator[str]:
    """The address of a running intake."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    server = make_server("127.0.0.1", port, web(installation.intake(), public_url=url), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield url
    server.shutdown()
    thread.join()
    server.server_close()


def sign_in(page: Page, address: str) -> None:
    page.goto(f"{address}/intake/requests/new")
    page.get_by_label("用户名").fill("hut")
    page.get_by_label("密码").fill("lantern-bridge-seven-plums")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("新建申请")


def fill_in(page: Page) -> None:
    page.get_by_label("姓名").first.fill("李明华")
    page.get_by_label("身份证号").first.fill(id_number())
    page.get_by_label("居住社区").select_option(HUT_UNIT)
    page.get_by_label("最低生活保障（低保）").check()
    page.get_by_label("本人同意把").first.check()
    page.get_by_label("户籍和家庭成员").first.check()


def test_a_request_is_filed_looked_at_and_withdrawn_without_javascript(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(viewport=SCREEN, locale="zh-CN", java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    sign_in(page, address)
    fill_in(page)
    page.get_by_role("button", name="显示所选事项的填报项").click()
    expect(page.get_by_label("姓名").first).to_have_value("李明华")
    page.get_by_label("共同生活的家庭人数").fill("3")
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("status")).to_contain_text("申请已提交")
    expect(page.locator("main")).to_contain_text("共同生活的家庭人数")
    page.locator("summary", has_text="撤回").first.click()
    page.get_by_role("button", name="撤回此事项").click()
    expect(page.get_by_role("status")).to_contain_text("已请求撤回")
    page.get_by_role("button", name="退出").click()
    expect(page.get_by_label("密码")).to_be_visible()
    context.close()


def test_a_wrong_number_is_told_beside_the_field(page: Page, address: str) -> None:
    sign_in(page, address)
    fill_in(page)
    page.get_by_label("身份证号").first.fill("990000198503120010")
    page.get_by_role("button", name="提交申请").click()
    field = page.get_by_label("身份证号").first
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#f-person-id_number-error")).to_contain_text("校验位")
    expect(page.get_by_label("姓名").first).to_have_value("李明华")


@pytest.mark.parametrize("screen", [SCREEN, PHONE], ids=["office", "phone"])
def test_no_page_is_wider_than_its_screen(page: Page, address: str, screen: dict[str, Any]) -> None:
    page.set_viewport_size(screen)  # type: ignore[arg-type]
    sign_in(page, address)
    fill_in(page)
    page.get_by_role("button", name="显示所选事项的填报项").click()
    expect(page.get_by_label("共同生活的家庭人数")).to_be_visible()
    assert _fits(page)
    page.get_by_role("button", name="提交申请").click()
    expect(page.get_by_role("status")).to_contain_text("申请已提交")
    for path in (
        page.url,
        f"{page.url.partition('?')[0]}/consents",
        f"{address}/intake/requests",
        f"{address}/intake/",
    ):
        page.goto(path)
        # Codes are drawn by chance: the widest must fit, too.
        page.locator(".number").evaluate_all(WIDEST)
        assert _fits(page), path


def test_every_field_has_a_label(page: Page, address: str) -> None:
    sign_in(page, address)
    fill_in(page)
    page.get_by_role("button", name="显示所选事项的填报项").click()
    expect(page.get_by_label("共同生活的家庭人数")).to_be_visible()
    unlabelled = page.evaluate(
        "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')]"
        ".filter(field => !field.labels.length).map(field => field.name)"
    )
    assert unlabelled == []


def test_the_time_left_stays_on_one_line_and_the_code_is_said_to_be_for_the_desk(
    browser: Browser, address: str, installation: Installation
) -> None:
    context = installation.intake()
    filed = submit_request(context, a_principal("hut"), a_command("dibao", "pension", "pub-job", "psy"))
    leg = filed["legs"][0]["id"]
    due = (installation.clock.now() + timedelta(days=1)).date()
    issued = Event(
        id=ids.new(),
        type="referral.issued.v1",
        source="/aid/530103/referrals",
        subject=leg,
        time=installation.clock.now(),
        sequence=1,
        data={"status": "issued", "version": 1, "due_on": due, "yellow_on": due},
        agency="civil-affairs",
    )
    with context.database.unit_of_work() as uow:
        mirror_legs(uow, [issued])
    english = browser.new_context(viewport=SCREEN, locale="en-GB")  # type: ignore[arg-type]
    token = context.keyring.tokens.sign(a_principal("hut"), installation.clock.now())
    english.add_cookies([{"name": "sid", "value": token, "url": address}])
    page = english.new_page()
    page.goto(f"{address}/intake/requests/{filed['id']}")
    left = page.get_by_text("1 working day left")
    lines = left.evaluate(
        "element => { const range = document.createRange(); range.selectNodeContents(element);"
        " return new Set([...range.getClientRects()].map(box => Math.round(box.top))).size }"
    )
    assert lines == 1
    assert _fits(page)
    expect(page.locator("main")).to_contain_text("the desk asks for it when somebody calls or comes back")
    english.close()


def _fits(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"))
