"""Every error is a problem that names field and remedy in both languages."""

from __future__ import annotations

import io
from typing import Any

import orjson
import pytest

from shared.http.errors import translator
from shared.sealing import MissingKey
from tests.unit.http.tiny import Tiny

PATH = "/intake/api/v1/things"
GOOD: dict[str, Any] = {"name": "x", "legs": [{"programme": "dibao"}]}


def test_an_unknown_field_is_named_by_its_dotted_path(service: Tiny) -> None:
    body = GOOD | {"legs": [{"programme": "dibao", "colour": 1}], "nmae": "y"}
    answer = service.client().post(PATH, json=body, headers=service.bearer())
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert {error["field"] for error in answer.json["errors"]} == {"legs.0.colour", "nmae"}
    assert answer.json["type"] == "urn:aid:problem:bad-input"
    assert answer.json["request_id"] == answer.headers["X-Request-ID"]


def test_every_wrong_field_is_named_at_once_and_in_both_languages(service: Tiny) -> None:
    body = {"legs": [{"programme": "horse"}, {}, 7]}
    answer = service.client().post(PATH, json=body, headers=service.bearer())
    errors = {error["field"]: error["messages"] for error in answer.json["errors"]}
    assert set(errors) == {"name", "legs.0.programme", "legs.1.programme", "legs.2"}
    assert "dibao" in errors["legs.0.programme"]["zh"]
    assert "dibao" in errors["legs.0.programme"]["en"]
    for messages in errors.values():
        assert any("\u4e00" <= sign <= "\u9fff" for sign in messages["zh"])
        assert messages["en"].isascii()


@pytest.mark.parametrize("blanks", [" \u3000 ", "\u200b", "\ufeff \u2060"])
def test_a_text_of_blanks_says_nothing(service: Tiny, blanks: str) -> None:
    answer = service.client().post(PATH, json={**GOOD, "name": blanks}, headers=service.bearer())
    (error,) = answer.json["errors"]
    assert (answer.status_code, error["field"]) == (422, "name")
    assert "blank" in error["messages"]["en"]


def test_the_language_is_the_readers(service: Tiny) -> None:
    zh = service.client().post(PATH, json={}, headers=service.bearer())
    en = service.client().post(
        PATH, json={}, headers=service.bearer() | {"Accept-Language": "fr, en-GB;q=0.8, zh;q=0.5"}
    )
    assert zh.json["title"] == "填写内容有误"
    assert en.json["title"] == "Some fields need attention"
    assert en.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("body", "content_type", "status", "kind"),
    [
        (b"{", "application/json", 400, "bad-json"),
        (b'{"name": "\xff"}', "application/json", 400, "bad-json"),
        (b'{"name": NaN}', "application/json", 400, "bad-json"),
        (b"[" * 100_000, "application/json", 400, "bad-json"),
        (b"name=x", "text/plain", 415, "wrong-content-type"),
        (b"name=x", "application/x-www-form-urlencoded", 415, "wrong-content-type"),
        (b"[]", "application/json", 422, "bad-input"),
        (b"null", "application/json", 422, "bad-input"),
        (b'"x"', "application/json", 422, "bad-input"),
        (b"", "application/json", 422, "bad-input"),
        (b'{"name": "a\\u0000b", "legs": [{"programme": "dibao"}]}', "application/json", 422, "bad-input"),
        (b'{"name": "\\ud800", "legs": [{"programme": "dibao"}]}', "application/json", 400, "bad-json"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_reason(
    service: Tiny, body: bytes, content_type: str, status: int, kind: str
) -> None:
    answer = service.client().post(PATH, data=body, content_type=content_type, headers=service.bearer())
    assert (answer.status_code, answer.json["type"]) == (status, f"urn:aid:problem:{kind}")
    assert service.count() == 0


def test_a_body_over_the_cap_is_413_and_names_the_limit(service: Tiny) -> None:
    body = orjson.dumps(GOOD | {"name": "x" * (1024 * 1024)})
    answer = service.client().post(PATH, data=body, content_type="application/json", headers=service.bearer())
    assert answer.status_code == 413
    assert "1 MiB" in answer.json["messages"]["en"]


def test_a_body_of_no_stated_length_is_capped_too(service: Tiny) -> None:
    answer = service.client().post(
        PATH,
        input_stream=io.BytesIO(b"x" * (1024 * 1024 + 1)),
        content_type="application/json",
        headers=service.bearer() | {"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


def test_a_fault_tells_nothing_of_itself(service: Tiny) -> None:
    answer = service.client().get("/intake/api/v1/broken", headers={"X-Request-ID": "abcdefgh-1"})
    assert answer.status_code == 500
    assert answer.json["request_id"] == "abcdefgh-1"
    assert "张三" not in answer.text
    assert "RuntimeError" not in answer.text


def test_a_database_that_is_away_is_503_with_when_to_try_again(service: Tiny) -> None:
    answer = service.client().get("/intake/api/v1/away")
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0


def test_a_key_that_is_not_there_is_503_with_when_to_try_again() -> None:
    problem = translator({})(MissingKey("packet-receiving", "archive"))
    assert (problem.status, problem.headers) == (503, {"Retry-After": "5"})
    assert "carehut district apply" in problem.detail.zh


def test_a_method_that_is_not_there_is_405_with_those_that_are(service: Tiny) -> None:
    answer = service.client().delete(PATH, headers=service.bearer())
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS, POST"


def test_an_odd_request_id_is_not_taken_over(service: Tiny) -> None:
    answer = service.client().get("/nowhere", headers={"X-Request-ID": "a b<script>"})
    assert answer.status_code == 404
    assert answer.json["request_id"] == answer.headers["X-Request-ID"] != "a b<script>"


def test_a_browser_gets_a_page_and_a_program_json(service: Tiny) -> None:
    page = service.client().get("/nowhere", headers={"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"})
    assert page.status_code == 404
    assert page.mimetype == "text/html"
    assert "没有找到" in page.text
    assert "Not found" in page.text
    assert service.client().get("/nowhere", headers={"Accept": "*/*"}).is_json
    assert service.client().get("/intake/api/v1/nowhere", headers={"Accept": "text/html"}).is_json


@pytest.mark.parametrize("given", ["0", "101", "-1", "x", "1e3", "９９９"])
def test_a_limit_out_of_bounds_is_named(service: Tiny, given: str) -> None:
    answer = service.client().get(PATH, query_string={"limit": given}, headers=service.bearer())
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "limit"


def test_an_unknown_filter_is_named_instead_of_ignored(service: Tiny) -> None:
    answer = service.client().get(f"{PATH}?statsu=x&status=a&status=b", headers=service.bearer())
    assert [error["field"] for error in answer.json["errors"]] == ["statsu"]
    twice = service.client().get(f"{PATH}?limit=1&limit=2", headers=service.bearer())
    assert [error["field"] for error in twice.json["errors"]] == ["limit"]
