"""No service takes a forged token, as cookie or bearer; all refusals look alike, and each stands in the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import flask
import pytest
from werkzeug.test import TestResponse

from shared import audit
from shared.http.forgeries import WINDOW
from tests import databases
from tests.builders import an_installation
from tests.integration.forged.tokens import FORGERIES, VICTIM, Workshop
from tests.integration.fuzz.site import SERVICES, Site

HOME: Mapping[str, str] = {
    "intake": "/intake/api/v1/requests",
    "referrals": "/referrals/api/v1/referrals",
    "notifications": "/notifications/api/v1/messages",
}
CARRIERS = ("bearer", "cookie")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, _originals: Path) -> Iterator[Site]:
    """Three services with keys and nothing filed."""
    folder = tmp_path_factory.mktemp("forged")
    with databases.kept_open() as keep:
        yield Site(an_installation(databases.OnSqlite(folder, _originals, keep)))


@pytest.fixture(scope="module")
def shop(site: Site) -> Workshop:
    """What a forger may have."""
    return Workshop(site.installation)


def ask(app: flask.Flask, path: str, token: str, carrier: str) -> TestResponse:
    # Not by the client's own jar, which warns of cookies that are too long.
    header = {"Cookie": f"sid={token}"} if carrier == "cookie" else {"Authorization": f"Bearer {token}"}
    return app.test_client(use_cookies=False).get(path, headers=header)


def refusals(site: Site, service: str) -> list[audit.AuditRecord]:
    with site.installation.databases[service].read() as connection:
        return list(audit.search(connection, audit.AuditQuery(action="access.token-refused"), limit=200))


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_right_token_is_taken(site: Site, shop: Workshop, service: str, carrier: str) -> None:
    assert ask(site.apps[service], HOME[service], shop.right, carrier).status_code == 200


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.parametrize("carrier", CARRIERS)
def test_a_forged_one_is_refused_like_any_other_and_written_down(
    site: Site, shop: Workshop, service: str, carrier: str
) -> None:
    bodies = set()
    for what, forge in FORGERIES.items():
        site.ways.later(minutes=2)  # beyond the window within which likes are only counted
        before = len(refusals(site, service))
        token = forge(shop)
        answer = ask(site.apps[service], HOME[service], token, carrier)

        assert answer.status_code == 401, what
        body = dict(answer.get_json())
        body.pop("request_id")
        bodies.add(str(body))
        if not (what == "of yesterday" and carrier == "cookie"):
            assert len(refusals(site, service)) == before + 1, what
    assert len(bodies) == 1, "the answer tells what was wrong with the token"
    (written,) = {record.actor for record in refusals(site, service)}
    assert written == "nobody"
    assert VICTIM.session not in str(refusals(site, service))


def test_a_forged_cookie_is_not_renewed(site: Site, shop: Workshop) -> None:
    for what, forge in FORGERIES.items():
        answer = ask(site.apps["intake"], "/auth/renew?next=/intake/", forge(shop), "cookie")
        assert answer.headers["Location"].startswith("/?next="), what
        assert answer.headers["Set-Cookie"].startswith("sid=;"), what


def test_who_sends_many_does_not_fill_the_log(site: Site, shop: Workshop) -> None:
    site.ways.later(minutes=2)
    before = len(refusals(site, "referrals"))
    for _ in range(50):
        ask(site.apps["referrals"], HOME["referrals"], shop.by_a_stranger(), "bearer")
    assert len(refusals(site, "referrals")) == before + 1
    site.installation.clock.move_to(site.installation.clock.now() + WINDOW)
    ask(site.apps["referrals"], HOME["referrals"], shop.by_a_stranger(), "bearer")
    assert refusals(site, "referrals")[0].detail["alike_before"] == 49
