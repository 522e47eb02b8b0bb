"""What strangers and agencies may see never says what some of the people are in; being listed proves nothing."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import flask
import orjson
import pytest
from werkzeug.test import Client

from deploy.embedded.environment import SERVICES
from deploy.front import FrontApp, FrontSettings, remote, render_nginx
from deploy.local import names
from deploy.local.ports import free_port
from shared.directory.neutral import FORBIDDEN, forbidden_word, strings_in
from shared.events import CATALOGUE, example_bytes
from shared.http import problems
from shared.identity import POLICY
from shared.messaging.topology import definitions, topology
from shared.telemetry.sayings import SAYINGS
from tests.architecture.tree import name_of, with_suffix

# Rooms from which words go to agencies' pages, mails and answers. Comments and docstrings are not sent.
OUTWARD = ("shared/web/", "services/referrals/", "services/notifications/", "deploy/front/nginx.conf.in")
OUTWARD_FILES = [
    file
    for file in with_suffix(".html", ".po", ".css", ".svg", ".txt", ".in", ".json")
    if name_of(file).startswith(OUTWARD)
]


def _said(value: Any) -> list[str]:
    return [text for _, text in strings_in(value) if forbidden_word(text)]


@pytest.mark.parametrize("word", FORBIDDEN)
def test_every_word_of_the_list_is_noticed(word: str) -> None:
    assert forbidden_word(f"x {word.upper()} y")


@pytest.mark.parametrize("file", OUTWARD_FILES, ids=name_of)
def test_no_page_and_no_catalogue_says_it(file: Path) -> None:
    # A template's own comments stay here; that nginx.conf names the command that renders it is for its operator.
    lines = [line for line in file.read_text().splitlines() if not line.lstrip().startswith(("#", "{#"))]
    assert not [line.strip() for line in lines if forbidden_word(line)]


def test_nothing_at_the_broker_says_it() -> None:
    wanted = topology("530103", ["civil-affairs", "health"])
    users = {user.name: "secret" for user in wanted.users}
    assert not _said(definitions(wanted, users))


@pytest.mark.parametrize("type_", CATALOGUE)
def test_no_event_says_it(type_: str) -> None:
    assert not _said(orjson.loads(example_bytes(type_)))
    assert not forbidden_word(CATALOGUE[type_].summary)


def test_no_database_role_or_user_says_it() -> None:
    made = [names.broker_user("admin"), *POLICY]
    for service in SERVICES:
        made += [names.database(service), names.broker_user(service)]
        made += [names.database_role(service, role) for role in names.ROLES]
    assert not _said(made)


def _problems() -> Iterator[problems.Problem]:
    for _, kind in inspect.getmembers(problems, inspect.isclass):
        if hasattr(kind, "STATUS") and kind is not problems.OutOfReach:
            problem = kind()
            assert isinstance(problem, problems.Problem)
            yield problem


def test_no_problem_and_no_remedy_says_it() -> None:
    words = [problem.body(language, "1") for problem in _problems() for language in ("zh", "en")]
    assert len(words) > 20
    assert not _said(words)
    assert len(SAYINGS) > 20
    assert not _said([text.both() for saying in SAYINGS.values() for text in (saying.what, saying.remedy)])


@pytest.mark.parametrize("path", ["/live", "/ready", "/asyncapi.json", "/elsewhere"])
def test_the_front_door_says_nothing(path: str) -> None:
    nowhere = {service: [f"127.0.0.1:{free_port()}"] for service in SERVICES}
    answer = Client(FrontApp(remote(nowhere))).get(path)
    assert not forbidden_word(answer.text)
    assert not _said([list(pair) for pair in answer.headers])


def test_nginx_says_nothing_but_to_its_operator() -> None:
    rendered = render_nginx(FrontSettings.from_environment({}))
    assert not [line for line in rendered.splitlines()[1:] if forbidden_word(line)]


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_open_to_a_stranger_says_it(applications: Mapping[str, flask.Flask], service: str) -> None:
    client = applications[service].test_client()
    paths = [
        "/",
        f"/{service}/openapi.json",
        f"/{service}/ready",
        f"/{service}/api/v1/nothing",
        "/auth/token",
    ]
    for path in paths:
        for language in ("zh", "en"):
            answer = client.get(path, headers={"Accept-Language": language})
            assert not forbidden_word(answer.text), f"{path}: {forbidden_word(answer.text)}"
            assert not _said([list(pair) for pair in answer.headers])
