"""The auditor's page: who did what, found by form and link alone, in both languages; the search is itself found."""

from __future__ import annotations

from collections.abc import Callable

import flask
import pytest
from werkzeug.test import TestResponse

from services.intake.bootstrap import web
from services.intake.use_cases.context import Context
from shared.audit import AuditEntry
from shared.identity import Principal
from tests.builders import a_principal

PAGE = "/intake/audit"
ORIGIN = "http://127.0.0.1"
Page = Callable[..., TestResponse]


@pytest.fixture
def page(sqlite_context: Context) -> Page:
    """Call with the rest of the address, the reader and their language."""
    app: flask.Flask = web(sqlite_context, public_url=ORIGIN)

    def get(query: str = "", who: Principal | None = None, language: str = "en") -> TestResponse:
        client = app.test_client()
        token = sqlite_context.keyring.tokens.sign(who or a_principal("auditor"), sqlite_context.clock.now())
        client.set_cookie("sid", token, domain="127.0.0.1")
        headers = {"Accept": "text/html", "Accept-Language": language}
        return client.get(f"{PAGE}{query}", headers=headers, base_url=ORIGIN)

    return get


@pytest.fixture
def sqlite_context(context: Context) -> Context:
    """Write a few lines to the log."""
    lines = (
        ("request.opened", "r-1", "hut@530103004007", "hut", None),
        ("access.refused", "r-2", "desk@health", "desk-health", "forbidden"),
        ("district.applied", "530103", "system", "system", "新增单位"),
    )
    with context.database.unit_of_work() as uow:
        for action, about, post, actor, reason in lines:
            uow.audit(
                AuditEntry(
                    at=context.clock.now(),
                    actor=actor,
                    post=post,
                    action=action,
                    object_type="request",
                    object_id=about,
                    reason=reason,
                    detail=({"acting_for": "chief"} if actor == "hut" else {})
                    | {"legs": ["l-1", "l-2"], "sent": [{"agency": "health", "kinds": ["identity"]}]},
                )
            )
    return context


def test_the_auditor_reads_who_did_what_and_what_came_of_it(page: Page) -> None:
    shown = page("?object_id=r-2").get_data(as_text=True)
    for words in (
        "Audit log",
        "desk-health",
        "Desk officer",
        "· health",
        "Access refused",
        "<strong",
        "l-1, l-2",
        "agency=health kinds=identity",
    ):
        assert words in shown
    assert "Request opened<" not in shown
    assert "审计日志" in page(language="zh").get_data(as_text=True)
    assert "<script" not in shown
    assert "(for chief)" in page("?acting_for=chief").get_data(as_text=True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?result=refused", {"r-2"}),
        ("?acting_for=chief", {"r-1"}),
        ("?role=intake-desk", {"r-1"}),
        ("?actor=hut&action=&since=", {"r-1"}),
        ("?action=district.applied", {"530103"}),
        ("?until=2020-01-01", set()),
        ("?until=9999-12-31&object_type=request&limit=3", {"r-1", "r-2", "530103"}),
    ],
)
def test_it_is_searched_by_each_field(page: Page, query: str, found: set[str]) -> None:
    shown = page(query).get_data(as_text=True)
    assert {about for about in ("r-1", "r-2", "530103") if f'text-break">{about}<' in shown} == found


def test_the_next_page_is_a_link_and_the_search_is_written_down(page: Page) -> None:
    assert 'rel="next"' in page("?limit=1").get_data(as_text=True)
    newest = page("?action=audit.searched").get_data(as_text=True)
    assert "Audit log searched" in newest


def test_what_cannot_be_searched_for_is_said(page: Page) -> None:
    assert page("?role=king").status_code == 422
    assert page("?since=yesterday").status_code == 422
    assert page("?since=0001-01-01&until=0001-01-01").status_code == 200


@pytest.mark.parametrize("role", ["hut", "desk", "coordinator", "operator"])
def test_nobody_else_sees_it(page: Page, role: str) -> None:
    assert page(who=a_principal(role)).status_code == 403
