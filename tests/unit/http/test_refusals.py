"""Whoever is told 403 is found in the audit log, once, with the reason; and no word that anybody typed."""

from __future__ import annotations

from typing import Any

from shared import audit
from shared.identity import csrf
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
