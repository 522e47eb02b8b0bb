"""What tests stand on: private servers, fresh databases, a browser; and that nothing is left behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

from deploy.local import Missing, Servers
from tests import databases, examples, leftovers
from tests.chromium import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from shared.db import Database

MakeDatabase = Callable[..., "Database"]
SCREEN = {"width": 1366, "height": 768}

examples.register()


def absent(what: str) -> NoReturn:
    """Skip the test on a developer's machine without ``what``; in CI a missing server is a failure."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}; in CI nothing may be missing: deploy/local/install brings it", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="session", autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """Fail the run if any process that a test started outlives the tests. Set up first, so ended last."""
    mark = leftovers.mark()
    yield
    left = leftovers.running(mark)
    assert not left, "a test left processes behind:\n" + "\n".join(left)


@pytest.fixture(scope="session")
def private_servers() -> Iterator[Servers]:
    """Servers in a folder of their own; none is started until somebody asks for it."""
    with Servers.temporary(durable=False) as servers:
        yield servers


@pytest.fixture(scope="session")
def postgres(private_servers: Servers) -> Servers:
    """A running private PostgreSQL, the same for the whole run."""
    try:
        private_servers.postgres.wait()
    except Missing as error:
        absent(str(error))
    return private_servers


@pytest.fixture(scope="session")
def rabbitmq(private_servers: Servers) -> Servers:
    """A running private RabbitMQ, the same for the whole run."""
    try:
        private_servers.rabbitmq.wait()
    except Missing as error:
        absent(str(error))
    return private_servers


@pytest.fixture(scope="session")
def _originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("originals")


@pytest.fixture
def sqlite_database(tmp_path: Path, _originals: Path) -> Iterator[MakeDatabase]:
    """Call with a service's name for a fresh SQLite database with all its tables."""
    with databases.kept_open() as opened:
        yield databases.OnSqlite(tmp_path, _originals, opened)


@pytest.fixture
def postgres_database(postgres: Servers) -> Iterator[MakeDatabase]:
    """Call with a service's name, and a role if not ``web``, for a fresh PostgreSQL database with its tables.

    Asked twice for one service it gives the same database, so that a test may look at it in two roles.
    """
    with databases.kept_open() as opened:
        made = databases.OnPostgres(postgres, opened)
        yield made
    made.drop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> MakeDatabase:
    """Call with a service's name for a fresh database; the test runs once on SQLite and once on PostgreSQL."""
    wanted = {"sqlite": "sqlite_database", "postgresql": "postgres_database"}[request.param]
    make: MakeDatabase = request.getfixturevalue(wanted)
    return make


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium of this machine."""
    try:
        with chromium() as started:
            yield started
    except Missing as error:
        absent(str(error))


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page of an office screen, in Chinese.

    The test fails if a script breaks or the page asks anything of a machine that is not this one.
    """
    context = browser.new_context(viewport=SCREEN, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(f"script: {error}"))
    opened.on(
        "request",
        lambda asked: (
            None if databases.is_local(asked.url) else broken.append(f"asked of outside: {asked.url}")
        ),
    )
    yield opened
    context.close()
    assert not broken, "\n".join(broken)
