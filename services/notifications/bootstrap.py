"""Puts notifications together: the only file that knows every part of it."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import flask

from services.notifications.config import Config
from services.notifications.domain.errors import NoSuchMessage
from services.notifications.entrypoints import api, consumer, pages
from services.notifications.use_cases.context import Context
from services.notifications.use_cases.reach import reach_of
from services.notifications.use_cases.retire import retire
from services.notifications.use_cases.send import Sender
from shared import audit, outbox
from shared.channels import channels_from
from shared.clock import Clock, SystemClock
from shared.db import Database
from shared.directory import Directory
from shared.http import audit_log, audit_pages
from shared.http.app import AppSpec
from shared.http.app import create_app as make_app
from shared.inbox import Receiver
from shared.sealing import Keyring, MasterKey
from shared.worker import Timer, Worker, audit_timers

SERVICE = "notifications"
SENDER_SECONDS = 5.0
RETENTION_SECONDS = 6 * 3600.0
HERE = Path(__file__).parent


def context(settings: Config | None = None, *, clock: Clock | None = None) -> Context:
    """Make what the use cases work with; reads the district from the database.

    Raises:
        MissingSettings: naming everything the environment lacks.
        NoDistrict: before the first ``carehut district apply``.
        MasterKeyError: when the master key is missing or in a forbidden place.
    """
    config = settings or Config.from_environment(os.environ)
    database = Database(
        config.database_url,
        application_name="aid-notifications",
        pool_size=config.pool_size,
        flushes=(outbox.flush, audit.flush),
    )
    directory = Directory(database)
    master = MasterKey.from_environment(config.environ, config.home, demo=directory.current().demo)
    return Context(
        database=database,
        keyring=Keyring(database, master),
        directory=directory,
        clock=clock or SystemClock(),
        source=f"/aid/{config.district}/{SERVICE}",
    )


def create_app(settings: Config | None = None) -> flask.Flask:
    """Make the web application of this service."""
    config = settings or Config.from_environment(os.environ)
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
            blueprints=[api.blueprint(parts), audit_log.blueprint()],
            pages=[pages.blueprint(parts), audit_pages.blueprint(SERVICE)],
            errors={NoSuchMessage: api.not_found},
            translations=[HERE / "translations"],
            notices=pages.NOTICES,
            public_url=public_url,
            trusted_proxies=trusted_proxies,
            reach=reach_of,
        )
    )


def worker(settings: Config | None = None) -> Worker:
    """Make the background work of this service: its outbox to be relayed, its events to be received."""
    config = settings or Config.from_environment(os.environ)
    parts = context(config)
    receiver = Receiver(parts.database, SERVICE, consumer.subscriptions())
    return Worker(
        service=SERVICE,
        source=parts.source,
        database=parts.database,
        receiver=receiver,
        timers=(
            Timer("dead-letters", 1.0, receiver.tick),
            Timer("sender", SENDER_SECONDS, Sender(parts, channels_from(config.environ)).tick),
            Timer("retention", RETENTION_SECONDS, partial(retire, parts)),
            *audit_timers(SERVICE, parts.source, parts.database, config, parts.directory, parts.clock),
        ),
    )
