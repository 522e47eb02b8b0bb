"""Puts intake together: the only file that knows every part of it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import flask

from services.intake.config import Config
from services.intake.entrypoints import (
    api,
    api_account,
    api_check,
    api_contact,
    api_corrections,
    api_drafts,
    api_erasures,
    api_leads,
    api_legs,
    api_papers,
    api_people,
    api_programmes,
    api_screenings,
    api_tasks,
    auth,
    consumer,
    pages,
    pages_account,
    pages_consents,
    pages_delegating,
    pages_filing,
    pages_requests,
    sign_on,
)
from services.intake.entrypoints.errors import ERRORS
from services.intake.entrypoints.pages_requests import NOTICES
from services.intake.use_cases.context import Context
from services.intake.use_cases.move_due import TaskMover
from services.intake.use_cases.reach import reach_of
from services.intake.use_cases.sweep_papers import PaperSweep
from services.intake.use_cases.tick import tick
from shared import audit, outbox
from shared.blobs import BlobStore
from shared.clock import Clock, SystemClock
from shared.db import Database
from shared.directory import Directory
from shared.http import audit_log, audit_pages
from shared.http.app import AppSpec
from shared.http.app import create_app as make_app
from shared.identity.oidc import read_settings
from shared.inbox import Receiver
from shared.sealing import Keyring, MasterKey, initials
from shared.worker import Timer, Worker, audit_timers

if TYPE_CHECKING:
    from shared.identity.oidc.provider import Provider

SERVICE = "intake"
HERE = Path(__file__).parent
PAPERS_SECONDS = 60.0
DUE_DAYS_SECONDS = 3.0
APIS = (
    api,
    api_account,
    api_check,
    api_contact,
    api_drafts,
    api_leads,
    api_legs,
    api_corrections,
    api_papers,
    api_people,
    api_erasures,
    api_programmes,
    api_screenings,
    api_tasks,
)
PAGES = (
    auth.blueprint,
    sign_on.blueprint,
    pages.blueprint,
    pages_account.blueprint,
    pages_delegating.blueprint,
    pages_filing.blueprint,
    pages_requests.blueprint,
    pages_consents.blueprint,
)


def context(settings: Config | None = None, *, clock: Clock | None = None) -> Context:
    """Make what the use cases work with; reads the district from the database.

    Raises:
        MissingSettings: naming everything the environment lacks.
        NoDistrict: before the first ``carehut district apply``.
        MasterKeyError: when the master key is missing or in a forbidden place.
        BadBlobsUrl: when the address of the blob store is none.
        BadProviderSettings: when an identity provider is configured, and not rightly.
    """
    config = settings or Config.from_environment(os.environ)
    database = Database(
        config.database_url,
        application_name="aid-intake",
        pool_size=config.pool_size,
        flushes=(outbox.flush, audit.flush),
    )
    directory = Directory(database)
    demo = directory.current().demo
    master = MasterKey.from_environment(config.environ, config.home, demo=demo)
    keyring = Keyring(database, master)
    keyring.load()
    return Context(
        database=database,
        keyring=keyring,
        directory=directory,
        clock=clock or SystemClock(),
        source=f"/aid/{config.district}/{SERVICE}",
        blobs=BlobStore.at(config.blobs_url),
        sign_on=_provider(config, demo=demo),
    )


def _provider(config: Config, *, demo: bool) -> Provider | None:
    settings = read_settings(config.environ, demo=demo)
    if settings is None:
        return None
    # What it stands on costs every start a third of a second: only where it is wanted.
    from shared.identity.oidc.provider import Provider  # noqa: PLC0415

    return Provider(settings, public_url=config.public_url)


def create_app(settings: Config | None = None) -> flask.Flask:
    """Make the web application of intake, which is also the front desk of the installation."""
    config = settings or Config.from_environment(os.environ)
    initials("人")  # reads its dictionary now, and not while the first clerk waits
    return web(context(config), public_url=config.public_url, trusted_proxies=config.trusted_proxies)


def web(parts: Context, *, public_url: str, trusted_proxies: int = 0) -> flask.Flask:
    """Make the web application around a context that is there."""
    return make_app(
        AppSpec(
            service=SERVICE,
            database=parts.database,
            keyring=parts.keyring,
            directory=parts.directory,
            clock=parts.clock,
            blueprints=[*(made.blueprint(parts) for made in APIS), audit_log.blueprint()],
            pages=[*(make(parts) for make in PAGES), audit_pages.blueprint(SERVICE)],
            notices=NOTICES | pages_account.NOTICES,
            translations=[HERE / "translations"],
            errors=ERRORS,
            public_url=public_url,
            trusted_proxies=trusted_proxies,
            reach=reach_of,
        )
    )


def worker(settings: Config | None = None) -> Worker:
    """Make the background work of intake: its outbox to be relayed, its events to be received."""
    config = settings or Config.from_environment(os.environ)
    parts = context(config)
    receiver = Receiver(parts.database, SERVICE, consumer.subscriptions(parts))
    return Worker(
        service=SERVICE,
        source=parts.source,
        database=parts.database,
        receiver=receiver,
        timers=(
            Timer("dead-letters", 1.0, receiver.tick),
            Timer("papers", PAPERS_SECONDS, PaperSweep(parts).tick),
            Timer("due", 1.0, partial(tick, parts)),
            Timer("due-days", DUE_DAYS_SECONDS, TaskMover(parts).tick),
            *audit_timers(SERVICE, parts.source, parts.database, config, parts.directory, parts.clock),
        ),
    )
