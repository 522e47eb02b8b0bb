"""What a service hands to the application factory, as one frozen value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import flask

from shared.clock import Clock
from shared.db import Database
from shared.directory import Directory
from shared.http.blueprint import Blueprint
from shared.http.problems import Problem
from shared.identity import Grant, Principal
from shared.sealing import Keyring
from shared.telemetry.trouble import Trouble
from shared.text import Text

NEUTRAL_TITLE = Text("区级帮扶救助转介", "District aid coordination")
"""What the pages and the API call themselves while no pack says otherwise."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing ``/ready`` asks: ``holds()`` is true, or ``trouble`` is reported.

    ``needed``: without it the web cannot take requests, so that ``/ready`` answers 503. A probe that raises does
    not hold.
    """

    trouble: Trouble
    holds: Callable[[], bool]
    needed: bool = True


@dataclass(frozen=True, kw_only=True)
class AppSpec:
    """The parts of one service's web.

    ``blueprints`` are mounted under ``/<service>/api/v1``; ``pages`` where their own prefix says.
    ``checks``, and the heartbeats of the worker's ``parts``, are what ``/ready`` reads.
    ``errors`` translates a service's own exceptions to problems, once for all its views.
    ``translations`` are folders of catalogues; ``notices`` the words shown once after a form was sent
    (``shared.http.redirects``). ``public_url`` decides the cookie's name (``__Host-sid`` over https, else ``sid``)
    and is an allowed Origin. ``trusted_proxies`` is how many proxies in front are ours. ``reach`` writes down how far
    somebody may see rows who has been granted an action, for the database's own check; without it there is none.
    """

    service: str
    database: Database
    keyring: Keyring
    directory: Directory
    clock: Clock
    blueprints: Sequence[Blueprint] = ()
    pages: Sequence[flask.Blueprint] = ()
    checks: Sequence[Check] = ()
    parts: Sequence[str] = ("relay", "consumer", "timers")
    errors: Mapping[type[Exception], Callable[[Any], Problem]] = field(default_factory=dict)
    translations: Sequence[Path] = ()
    notices: Mapping[str, Text] = field(default_factory=dict)
    public_url: str = "http://127.0.0.1"
    trusted_proxies: int = 0
    reach: Callable[[Principal, Grant], bytes] | None = None
    title: Text = NEUTRAL_TITLE
