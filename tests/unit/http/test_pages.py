"""The frame of pages: both languages, every sign in words, each field with its label, hint and error."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

import flask
import pytest

from shared.http.problems import BadInput, FieldError
from shared.identity import Post
from shared.text import Text
from shared.web.navigation import NAVIGATION
from tests.unit.http.tiny import DESK, Tiny

PAGE = "/intake/form"


class _Page(HTMLParser):
    """The parts of a page that a screen reader needs."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def test_a_page_speaks_the_language_one_chose(service: Tiny) -> None:
    client = service.signed_in()
    chinese = client.get(PAGE)
    assert '<html lang="zh-CN">' in chinese.text
    assert "2026年11月23日 周一" in chinese.text
    assert "剩余 3 个工作日" in chinese.text
    chosen = client.get("/intake/language/en?next=/intake/form")
    assert (chosen.status_code, chosen.headers["Location"]) == (303, PAGE)
    english = client.get(PAGE, headers={"Accept-Language": "zh-CN"})
    assert '<html lang="en">' in english.text
    assert "Mon 23 Nov 2026 09:30" in english.text
    assert "3 working days left" in english.text
    assert "1 working day left" in english.text
    assert "2 working days overdue" in english.text
    assert client.get("/intake/language/xx").status_code == 404


@pytest.mark.parametrize("word", ["● 正常", "▲ 临期", "■ 超期", "‖ 暂停", "✓ 已结束"])
def test_a_light_is_symbol_and_word_not_colour_alone(service: Tiny, word: str) -> None:
    symbol, label = word.split()
    assert f'<span aria-hidden="true">{symbol}</span> {label}' in service.signed_in().get(PAGE).text


def test_every_field_has_a_label(service: Tiny) -> None:
    page = _Page(service.signed_in().get(PAGE).text)
    labelled = {label["for"] for label in page.all("label")}
    fields = [f for f in page.all("input", "select", "textarea") if f.get("type") != "hidden"]
    assert len(fields) >= 8
    assert [field for field in fields if field["id"] not in labelled] == []


def test_a_wrong_field_is_named_at_the_top_and_beside_itself(service: Tiny) -> None:
    problem = BadInput(errors=[FieldError("legs.0.programme", Text("请选择", "Choose one"))])
    with service.app.test_request_context(PAGE):
        flask.g.request_id = "r"
        html = flask.render_template("form.html", problem=problem, when=service.clock.now())
    page = _Page(html)
    assert any(link.get("href") == "#f-legs-0-programme" for link in page.all("a"))
    (select,) = page.all("select")
    assert select["id"] == "f-legs-0-programme"
    assert select["aria-invalid"] == "true"
    assert any(div.get("id") == select["aria-describedby"] for div in page.all("div"))


def test_what_people_typed_is_escaped(service: Tiny) -> None:
    assert "&lt;b&gt;</textarea>" in service.signed_in().get(PAGE).text


def test_every_form_carries_token_and_key(service: Tiny) -> None:
    html = service.signed_in().get(PAGE).text
    assert html.count('name="csrf_token"') == html.count('method="post"') == 3
    assert html.count('name="idempotency_key"') == 2


@pytest.mark.parametrize(
    ("post", "seen", "hidden"),
    [
        (Post("hut", unit="530103004007"), "新建申请", "待办队列"),
        (DESK, "待办队列", "新建申请"),
        (Post("coordinator"), "跟踪总览", "申请列表"),
        (Post("operator"), "工作台", "消息"),
    ],
)
def test_the_bar_leads_where_ones_post_has_work(service: Tiny, post: Post, seen: str, hidden: str) -> None:
    html = service.signed_in(post).get("/").text
    assert seen in html
    assert hidden not in html


def test_only_the_desk_that_files_sees_its_own_name_and_only_on_the_page(service: Tiny) -> None:
    own = "前台自己的名称"
    at_desk = service.signed_in().get("/").text
    assert own in at_desk
    assert own not in at_desk[: at_desk.index("</title>")]
    assert own not in service.signed_in(DESK).get("/").text
    assert own not in service.client().get("/").text


def test_nothing_is_inline_or_from_elsewhere(service: Tiny) -> None:
    page = _Page(service.signed_in().get(PAGE).text)
    assert page.all("script", "style", "iframe") == []
    assert [a for _, a in page.tags if "style" in a or any(name.startswith("on") for name in a)] == []
    for attributes in page.all("link"):
        assert (attributes["href"] or "").startswith("/intake/static/")


def test_static_files_come_from_the_machine_and_may_be_kept(service: Tiny) -> None:
    page = _Page(service.client().get("/").text)
    for attributes in page.all("link"):
        answer: Any = service.client().get(attributes["href"])
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert service.client().get("/intake/static/..%2f__init__.py").status_code == 404
    assert service.client().get("/intake/static/nothing.css").status_code == 404


def test_a_broken_page_says_so_in_both_languages_with_a_number_to_quote(service: Tiny) -> None:
    def away() -> object:
        raise LookupError("database away")

    service.spec.directory.current = away  # type: ignore[method-assign, assignment]
    answer = service.client().get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 500
    assert "系统出错" in answer.text
    assert "Something broke" in answer.text
    assert answer.headers["X-Request-ID"] in answer.text


def test_navigation_is_neutral() -> None:
    words = " ".join(f"{entry.path} {entry.label.zh} {entry.label.en}" for entry in NAVIGATION)
    assert [
        word for word in ("爱心小屋", "禁毒", "戒毒", "康复", "rehab", "drug") if word in words.lower()
    ] == []


def test_every_page_of_somebody_signed_in_says_faintly_whose_screen_it_is_and_when(service: Tiny) -> None:
    shown = service.signed_in().get(PAGE, headers={"Accept-Language": "en"}).text
    mark = re.search(r'<div class="watermark" aria-hidden="true"><span>(.+?)</span>', shown)
    assert mark is not None
    assert re.fullmatch(r"\S+ .*2026 09:30", mark[1])
    assert "watermark" not in service.app.test_client().get("/intake/nowhere").text
