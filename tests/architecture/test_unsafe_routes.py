"""Every route that changes something refuses a browser that does not prove it means it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

import flask
import pytest

from deploy.embedded.environment import SERVICES
from shared.http.policy import accesses
from shared.identity import Post, Principal, csrf
from tests.architecture.test_policy_coverage import address_of

STAFF = Principal(
    staff="everybody",
    session="session of everybody",
    posts=(
        Post("hut", unit="530103004007"),
        Post("desk", agency="civil-affairs"),
        Post("coordinator"),
        Post("operator"),
        Post("auditor"),
    ),
)
SAFE = {"GET", "HEAD", "OPTIONS"}


def _unsafe(app: flask.Flask) -> Iterator[tuple[str, str, bool]]:
    """Give method and address of every route that changes something, and whether it is open to strangers."""
    marks = {(endpoint, method): mark for endpoint, method, mark in accesses(app)}
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - SAFE):
            mark = marks[rule.endpoint, method]
            assert mark is not None
            yield method, address_of(rule), mark.action is None


@pytest.mark.parametrize("service", SERVICES)
def test_a_forged_form_changes_nothing(applications: Mapping[str, flask.Flask], service: str) -> None:
    token = applications["intake"].extensions["aid"].keyring.tokens.sign(STAFF, datetime.now(UTC))
    right = {"X-CSRF-Token": csrf(STAFF.session)}
    count = 0
    for method, address, is_open in _unsafe(applications[service]):
        client = applications[service].test_client()
        client.set_cookie("sid", token)
        forged = [{"Origin": "http://evil.example"} | right, {"Origin": "null"} | right]
        forged += [] if is_open else [{}, {"X-CSRF-Token": csrf("another session")}]
        for headers in forged:
            answer = client.open(address, method=method, headers=headers)
            assert answer.status_code == 403, f"{method} {address} {headers}"
            assert (answer.json or {})["type"].rpartition(":")[2] in {"csrf", "foreign-origin"}
        meant = client.open(address, method=method, headers=right)
        assert (meant.json or {}).get("type", "").rpartition(":")[2] not in {"csrf", "foreign-origin"}
        count += 1
    assert count
