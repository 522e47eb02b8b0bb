"""The table of paths decides who answers, and the dispatcher follows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pytest
from werkzeug.test import Client

from deploy.front import dispatcher, owner_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EXPECTED = {
    "/": "intake",
    "/intake": "intake",
    "/intake/api/v1/requests": "intake",
    "/auth/token": "intake",
    "/status": "intake",
    "/apply/": "intake",
    "/static/app.css": "intake",
    "/no-such-page": "intake",
    "/referrals": "referrals",
    "/referrals/": "referrals",
    "/referrals/api/v1/cases/1": "referrals",
    "/referralsx": "intake",
    "/notifications/openapi.json": "notifications",
    "/ready": "front",
    "/live": "front",
    "/asyncapi.json": "front",
    "/ready/more": "intake",
    "//referrals/": "intake",
    "": "intake",
}


@pytest.mark.parametrize(("path", "owner"), EXPECTED.items())
def test_every_path_has_one_owner(path: str, owner: str) -> None:
    assert owner_of(path) == owner


def _named(name: str) -> WSGIApplication:
    def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [f"{name} {environ['SCRIPT_NAME']}{environ['PATH_INFO']}".encode()]

    return application


def test_the_dispatcher_passes_the_whole_path_to_its_owner() -> None:
    client = Client(dispatcher({name: _named(name) for name in set(EXPECTED.values())}))
    assert client.get("/referrals/api/v1/cases/1").text == "referrals /referrals/api/v1/cases/1"
    assert client.get("/").text == "intake /"


def test_a_dispatcher_without_one_of_its_applications_is_refused() -> None:
    with pytest.raises(LookupError, match="notifications"):
        dispatcher({name: _named(name) for name in ("intake", "referrals", "front")})
