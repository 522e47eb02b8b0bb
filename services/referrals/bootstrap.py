"""Puts referrals together: the only file that knows every part of it."""

from __future__ import annotations

import os
from pathlib import Path

import flask

from services.referrals.config import Config
from services.referrals.entrypoints import (
    api,
    api_capacities,
    api_figures,
    api_messages,
    api_papers,
    api_slips,
    consumer,
    pages,
)
from services.referrals.entrypoints.problems import ERRORS
from services.referrals.use_cases.add_up_figures import add_up
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.move_due import DueMover
from services.referrals.use_cases.no_longer import no_longer
from services.referrals.use_cases.offer_places import offer_places
from services.referrals.use_cases.slips import sweeper
from services.referrals.use_cases.tick import tick
from shared import audit, outbox
from shared.blobs import BlobStore
from shared.clock import Clock, SystemClock
from shared.db import Database
from shared.directory import Directory
from shared.http import audit_log, audit_pages
from shared.http.app import AppSpec
from shared.http.app import create_app as make_app
from shared.http.reach import by_grant
from shared.inbox import Receiver
from shared.sealing import Keyring, MasterKey
from shared.worker import Timer, Worker, audit_timers

SERVICE = "referrals"
HERE = Path(__file__).parent
REPLAY_SECONDS = 1.0
DUE_DAYS_SECONDS = 1.0
CLOCK_SECONDS = 2.0
FIGURES_SECONDS = 2.0
SLIPS_SECONDS = 60.0


def context(settings: Config | None = None, *, clock: Clock | None = None) -> Context:
    """Make what the use cases work with; reads the district from the database.

    Raises:
        MissingSettings: naming everything the environment lacks.
        NoDistrict: before the first ``carehut district apply``.
        MasterKeyError: when the master key is missing or in a forbidden place.
        BadBlobsUrl: when the address of the blob store is none.
    """
    config = settings or Config.from_environment(os.environ)

    def has_system(agency: str) -> bool:
        known = directory.current().agencies.get(agency)
        return known is not None and known.system

    database = Database(
        config.database_url,
        application_name="aid-referrals",
        pool_size=config.pool_size,
        flushes=(outbox.Writer(has_system), audit.flush),
    )
    directory = Directory(database)
    master = MasterKey.from_environment(config.environ, config.home, demo=directory.current().demo)
    return Context(
        database=database,
        keyring=Keyring(database, master),
        directory=directory,
        clock=clock or SystemClock(),
        source=f"/aid/{config.district}/{SERVICE}",
        blobs=BlobStore.at(config.blobs_url),
    )


def create_app(settings: Config | None = None) -> flask.Flask:
    """Make the web application of referrals: the agencies' and the coordinator's side."""
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
            blueprints=[
                *api.blueprints(parts),
                api_capacities.blueprint(parts),
                api_figures.blueprint(parts),
                api_messages.blueprint(parts),
                api_papers.blueprint(parts),
                api_slips.blueprint(parts),
                audit_log.blueprint(),
            ],
            pages=[pages.blueprint(parts), audit_pages.blueprint(SERVICE)],
            errors=ERRORS,
            translations=[HERE / "translations"],
            notices=pages.NOTICES,
            public_url=public_url,
            trusted_proxies=trusted_proxies,
            reach=by_grant("referrals.read"),
        )
    )


def worker(settings: Config | None = None) -> Worker:
    """Make the background work of referrals: its outbox to be relayed, its events to be received."""
    config = settings or Config.from_environment(os.environ)
    parts = context(config)
    receiver = Receiver(parts.database, SERVICE, consumer.subscriptions(parts))
    return Worker(
        service=SERVICE,
        source=parts.source,
        database=parts.database,
        receiver=receiver,
        timers=(
            Timer("dead-letters", REPLAY_SECONDS, receiver.tick),
            Timer("due-days", DUE_DAYS_SECONDS, DueMover(parts).tick),
            Timer("clocks", CLOCK_SECONDS, lambda: tick(parts)),
            Timer("places", CLOCK_SECONDS, lambda: offer_places(parts)),
            Timer("figures", FIGURES_SECONDS, lambda: add_up(parts)),
            Timer("slips", SLIPS_SECONDS, sweeper(parts).tick),
            *audit_timers(SERVICE, parts.source, parts.database, config, parts.directory, parts.clock),
        ),
        no_longer=no_longer,
    )
