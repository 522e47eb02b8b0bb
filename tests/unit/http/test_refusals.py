"""Whoever is told 403 is found in the audit log, once, with the reason; and no word that anybody typed."""

from __future__ import annotations

from typing import Any

import pytest

from shared import audit
from shared.http.problems import (
    BadInput,
    Conflict,
    FieldError,
    NotFound,
    NotSignedIn,
    NotYours,
    OutOfReach,
    Problem,
    StaleVersion,
    TooMany,
)
from shared.http.refusals import refused_by
from shared.identity import csrf
from shared.text import Text
from tests.unit.http.tiny import DESK, Tiny

THINGS = "/intake/api/v1/things"
GOOD: dict[str, Any] = {"name": "x", "legs": [{"programme": "dibao"}]}


def refusals(service: Tiny) -> list[tuple[str, str | None, str]]:
    with service.database.read() as connection:
        found = audit.search(connection, audit.AuditQuery(result="refused"), limit=10)
    return [(entry.actor, entry.reason, entry.action) for entry in found]


def test_a_forged_form_is_audited_once(service: Tiny) -> None:
    client = service.signed_in()
    assert client.post(THINGS, json=GOOD).status_code == 403
    assert refusals(service) == [("hut", "csrf", "access.refused")]


def test_a_form_from_elsewhere_is_audited_once(service: Tiny) -> None:
    headers = {"X-CSRF-Token": csrf("session-of-a-test"), "Origin": "http://evil.example"}
    assert service.signed_in().post(THINGS, json=GOOD, headers=headers).status_code == 403
    assert refusals(service) == [("hut", "foreign-origin", "access.refused")]


def test_what_a_post_does_not_allow_is_audited_once_though_two_places_notice(service: Tiny) -> None:
    service.client().post(THINGS, json=GOOD, headers=service.bearer(DESK, staff="desk"))
    assert refusals(service) == [("desk", "forbidden", "access.refused")]


def test_each_of_several_requests_is_audited(service: Tiny) -> None:
    client = service.signed_in()
    for _ in range(3):
        client.post(THINGS, json=GOOD)
    assert len(refusals(service)) == 3


SAID = Text("话", "words")


@pytest.mark.parametrize(
    ("problem", "rule"),
    [
        (NotYours(), "forbidden"),
        (OutOfReach("request", "r-1"), "out-of-reach"),
        (Conflict(id="excluded"), "excluded"),
        (StaleVersion(), "stale-version"),
        (BadInput(id="no-consent-covers", errors=[FieldError("legs.0.programme", SAID)]), "no-consent-covers"),
        (
            BadInput(errors=[FieldError("a", SAID, "rule-b"), FieldError("b", SAID, "rule-a"), FieldError("c", SAID)]),
            "rule-a, rule-b",
        ),
        (TooMany(id="quota-spent"), "quota-spent"),
        (BadInput.of("name", SAID), None),
        (Conflict(id="still-running", headers={"Retry-After": "1"}), None),
        (NotFound(), None),
        (NotSignedIn(), None),
        (TooMany(), None),
    ],
)  # fmt: skip
def test_what_a_rule_refuses_is_told_from_what_was_merely_written_wrongly(
    problem: Problem, rule: str | None
) -> None:
    assert refused_by(problem) == rule


def test_a_field_of_the_wrong_form_leaves_no_line(service: Tiny) -> None:
    assert service.client().post(THINGS, json={"name": ""}, headers=service.bearer()).status_code == 422
    assert refusals(service) == []
