"""What cannot be written to the audit log is not done; what is done stands there once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from deploy.embedded.environment import SERVICES
from deploy.work import arrived_everywhere
from services.intake.persistence import tables as intake
from services.referrals.persistence import tables as referrals
from shared.audit import table as audit_log
from shared.http.tables import idempotency_keys
from shared.outbox.tables import outbox
from tests.builders import a_filing
from tests.flows.conftest import Told
from tests.flows.label import PASSWORD, SAID, Story
from tests.waiting import until

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq]

INTAKE, REFERRALS = "/intake/api/v1/requests", "/referrals/api/v1/referrals"
Deed = Callable[[Told, str, str], httpx.Response]
"""Something done to a request and its first leg, by their ids."""


def _get(who: str, path: str, **query: str) -> Deed:
    return lambda told, request, leg: told.story.ask(
        who, "GET", path.format(request=request, leg=leg), params=query
    )


def _post(who: str, path: str, body: Any, version: int | None = None) -> Deed:
    headers = {} if version is None else {"If-Match": f'"{version}"'}
    return lambda told, request, leg: told.story.ask(
        who, "POST", path.format(request=request, leg=leg), json=body, headers=headers
    )


DEEDS: Mapping[str, tuple[str, str, Deed]] = {
    "filing": ("intake", "request.filed", _post("hut", INTAKE, a_filing("dibao"))),
    "a list of requests": ("intake", "requests.listed", _get("hut", INTAKE)),
    "looking somebody up at the help desk": ("intake", "requests.searched", _get("hut", INTAKE, q=SAID["name"])),
    "reading a request": ("intake", "request.opened", _get("hut", f"{INTAKE}/{{request}}")),
    "reading its history": ("intake", "request.opened", _get("hut", f"{INTAKE}/{{request}}/history")),
    "printing consents": ("intake", "consent.printed", _get("hut", f"{INTAKE}/{{request}}/consents")),
    "reading another's request": ("intake", "access.refused", _get("other-hut", f"{INTAKE}/{{request}}")),
    "reading requests at an agency": ("intake", "access.refused", _get("desk-health", INTAKE)),
    "signing in": (
        "intake", "account.signed-in",
        lambda told, *_: told.story.http.post("/auth/token", data={"username": "grid", "password": PASSWORD}),
    ),
    "failing to sign in": (
        "intake", "account.sign-in-refused",
        lambda told, *_: told.story.http.post("/auth/token", data={"username": "nobody", "password": PASSWORD}),
    ),
    "a queue": ("referrals", "badges.opened", _get("desk-civil-affairs", REFERRALS)),
    "one badge": ("referrals", "badges.opened", _get("desk-civil-affairs", f"{REFERRALS}/{{leg}}")),
    "a coordinator's list": ("referrals", "referrals.listed", _get("coordinator", REFERRALS)),
    "one referral": ("referrals", "referral.opened", _get("coordinator", f"{REFERRALS}/{{leg}}")),
    "a referral's history": (
        "referrals", "referral.opened", _get("desk-civil-affairs", f"{REFERRALS}/{{leg}}/history"),
    ),
    "what only the help desk may do": (
        "referrals", "access.refused", _post("desk-civil-affairs", f"{REFERRALS}/{{leg}}/cancel", {}, 1),
    ),
    "cases": ("referrals", "cases.listed", _get("coordinator", "/referrals/api/v1/cases")),
    "one case": ("referrals", "case.opened", _get("coordinator", "/referrals/api/v1/cases/{request}")),
    "another agency's referral": ("referrals", "access.refused", _get("desk-health", f"{REFERRALS}/{{leg}}")),
    "opening another agency's packet": (
        "referrals", "access.refused", _post("desk-health", f"{REFERRALS}/{{leg}}/packet/open", {"reason": "核对"}),
    ),
    "opening a packet": (
        "referrals", "packet.opened",
        _post("desk-civil-affairs", f"{REFERRALS}/{{leg}}/packet/open", {"reason": "核对"}),
    ),
    "an action out of turn": (
        "referrals", "referral.action-refused", _post("desk-civil-affairs", f"{REFERRALS}/{{leg}}/start", {}, 1),
    ),
    "accepting": (
        "referrals", "referral.accepted", _post("desk-civil-affairs", f"{REFERRALS}/{{leg}}/accept", {}, 1),
    ),
    "closing": (
        "referrals", "referral.closed",
        _post("desk-civil-affairs", f"{REFERRALS}/{{leg}}/close", {"outcome": "withdrawn"}, 2),
    ),
    "searching the log": ("referrals", "audit.searched", _get("auditor", "/referrals/api/v1/audit")),
}  # fmt: skip
"""What is done → in which service, and under which name it is written down; in this order, to one request."""

STATE = {
    "intake": (
        intake.people,
        intake.requests,
        intake.legs,
        intake.consents,
        intake.leg_events,
        intake.sessions,
    ),
    "referrals": (referrals.referrals, referrals.history),
}


@pytest.fixture(scope="module")
def subject(told: Told) -> tuple[str, str]:
    """File a request that only these tests touch; give its id and its leg's."""
    filed = told.story.ask("hut", "POST", INTAKE, json=a_filing("dibao")).json()
    _wait(told.story, filed["legs"][0]["id"])
    return filed["id"], filed["legs"][0]["id"]


def _wait(story: Story, leg: str) -> None:
    until(lambda: story.ask("coordinator", "GET", f"{REFERRALS}/{leg}").status_code == 200, what="the leg")


def _lines(told: Told, service: str) -> list[str]:
    with told.databases[service].read() as connection:
        return list(connection.execute(sa.select(audit_log.c.action).order_by(audit_log.c.id)).scalars())


def _stands(told: Told, service: str) -> list[Any]:
    """Give all that a deed could have changed."""
    with told.databases[service].read() as connection:
        # The log's own timer tells of its seals when it will.
        of_deeds = sa.select(sa.func.count()).where(~outbox.c.type.startswith("audit."))
        told_of = connection.execute(of_deeds).scalar_one()
        keys = connection.execute(sa.select(sa.func.count()).select_from(idempotency_keys)).scalar_one()
        return [told_of, keys, *(connection.execute(sa.select(table)).all() for table in STATE[service])]


def _due(service: str) -> list[sa.Select[Any]]:
    """Ask for what the worker's timers are about to change."""
    now = datetime.now(UTC)
    timed = [table for table in STATE[service] if "timer_at" in table.c]
    return [sa.select(table.c.id).where(table.c.timer_at <= now).limit(1) for table in timed]


@contextmanager
def _log_closed(told: Told, service: str) -> Iterator[None]:
    """Let nothing be written to a service's audit log for a while."""
    with told.full.servers.postgres.connect(f"aid_{service}") as connection:
        connection.execute(f"REVOKE INSERT ON audit_log FROM aid_{service}_web")
        try:
            yield
        finally:
            connection.execute(f"GRANT INSERT ON audit_log TO aid_{service}_web")


def _settled(told: Told) -> bool:
    """Tell whether all that was told has been taken in by those who follow it, and no timer is due."""
    for service in ("intake", "referrals"):
        with told.databases[service].read() as connection:
            if any(connection.execute(due).first() for due in _due(service)):
                return False
            events = set(connection.execute(sa.select(outbox.c.event_id)).scalars())
        if arrived_everywhere(told.databases[service], told.databases, events) != events:
            return False
    return True


@pytest.mark.parametrize("what", DEEDS)
def test_what_is_not_written_down_is_not_done_and_what_is_done_is_written_once(
    told: Told, subject: tuple[str, str], what: str
) -> None:
    service, action, deed = DEEDS[what]
    until(lambda: _settled(told), what="rest")
    before, lines = _stands(told, service), _lines(told, service)
    with _log_closed(told, service):
        refused = deed(told, *subject)
    assert refused.status_code in {500, 503}
    assert not {"items", "person", "body", "access_token", "badge", "legs"} & refused.json().keys()
    assert _stands(told, service) == before
    assert _lines(told, service) == lines

    assert deed(told, *subject).status_code < 500
    assert _lines(told, service)[len(lines) :] == [action]


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("role", ["web", "worker"])
def test_no_process_may_change_what_is_written_or_read_anothers_database(
    told: Told, service: str, role: str
) -> None:
    rights = (
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE grantee = %s AND table_name = 'audit_log'"
    )
    user = f"aid_{service}_{role}"
    with told.full.servers.postgres.connect(f"aid_{service}") as connection:
        assert {right for (right,) in connection.execute(rights, (user,))} == {"SELECT", "INSERT"}
        for other in SERVICES:
            may = connection.execute(
                "SELECT has_database_privilege(%s, %s, 'CONNECT')", (user, f"aid_{other}")
            )
            assert may.fetchone() == (other == service,)


def test_the_log_names_no_one_and_nothing_that_was_looked_for(told: Told) -> None:
    for service in SERVICES:
        answer = told.story.ask("auditor", "GET", f"/{service}/api/v1/audit", params={"limit": 100})
        assert answer.status_code == 200
        assert not [what for what, value in SAID.items() if value in answer.text]
