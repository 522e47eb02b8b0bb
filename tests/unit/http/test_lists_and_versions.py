"""Keyset paging and If-Match."""

from __future__ import annotations

import pytest

from shared.http.redirects import safe_next
from tests.unit.http.tiny import Tiny

PATH = "/intake/api/v1/things"


def test_following_next_shows_every_row_once(service: Tiny) -> None:
    client, headers = service.client(), service.bearer()
    seen: list[int] = []
    cursor = None
    while True:
        query = {"limit": "20"} | ({"cursor": cursor} if cursor else {})
        answer = client.get(PATH, query_string=query, headers=headers).json
        seen += [row["id"] for row in answer["items"]]
        cursor = answer["next"]
        if cursor is None:
            break
    assert seen == list(range(45))


@pytest.mark.parametrize("bad", ["x", "AAAA", "🙂", "a" * 5000, "eyJhIjoxfQ", "%00"])
def test_an_unknown_cursor_is_named(service: Tiny, bad: str) -> None:
    answer = service.client().get(PATH, query_string={"cursor": bad}, headers=service.bearer())
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json["errors"]] == ["cursor"]


def test_a_cursor_that_was_changed_is_refused(service: Tiny) -> None:
    good = service.client().get(PATH, headers=service.bearer()).json["next"]
    changed = good[:-6] + ("A" if good[-6] != "A" else "B") + good[-5:]
    assert (
        service.client().get(PATH, query_string={"cursor": changed}, headers=service.bearer()).status_code
        == 422
    )
    assert (
        service.client().get(PATH, query_string={"cursor": good}, headers=service.bearer()).status_code == 200
    )


@pytest.mark.parametrize(
    ("header", "status"),
    [(None, 428), ("3", 400), ("*", 400), ('W/"3"', 400), ('"x"', 400), ('"3"', 200), (' "3" ', 200)],
)
def test_a_change_names_the_version_it_was_decided_on(service: Tiny, header: str | None, status: int) -> None:
    headers = service.bearer() | ({} if header is None else {"If-Match": header})
    answer = service.client().put(f"{PATH}/3", headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert (answer.json, answer.headers["ETag"]) == ({"version": 4}, '"3"')


@pytest.mark.parametrize(
    ("given", "gone_to"),
    [
        ("/intake/requests?a=1", "/intake/requests?a=1"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example", "/"),
        ("/a\r\nSet-Cookie: x", "/"),
        ("/\t/evil.example", "/"),
        ("", "/"),
        (None, "/"),
    ],
)
def test_one_goes_on_only_within_this_installation(given: str | None, gone_to: str) -> None:
    assert safe_next(given) == gone_to
