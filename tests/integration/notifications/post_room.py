"""Notifications with its inbox open: hand it events, and look at it as one of its readers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import flask
from flask.testing import FlaskClient

from services.notifications.bootstrap import web
from services.notifications.entrypoints.consumer import subscriptions
from services.notifications.use_cases.context import Context
from shared import ids
from shared.events import Event, example
from shared.identity import Principal
from shared.inbox import Receiver
from shared.inbox.tables import dead_letters
from shared.messaging import Delivery
from tests.builders import Installation, a_principal

API = "/notifications/api/v1"


@dataclass
class PostRoom:
    """One service with its receiver and its web application."""

    installation: Installation
    parts: Context = field(init=False)
    receiver: Receiver = field(init=False)
    app: flask.Flask = field(init=False)

    def __post_init__(self) -> None:
        installation = self.installation
        self.parts = Context(
            database=installation.databases["notifications"],
            keyring=installation.keyring("notifications"),
            directory=installation.directory("notifications"),
            clock=installation.clock,
            source=installation.source("notifications"),
        )
        self.receiver = Receiver(self.parts.database, "notifications", subscriptions())
        self.app = web(self.parts, public_url="http://127.0.0.1")

    def receive(self, *events: Event) -> None:
        """Deliver events in one batch."""
        self.receiver([delivery(event) for event in events])

    def letters(self) -> list[str]:
        """Give the reasons of all dead letters."""
        with self.parts.database.read() as connection:
            return list(connection.execute(dead_letters.select()).scalars())

    def reader(self, role: str, **place: Any) -> Reader:
        """Sign somebody in."""
        principal = a_principal(role, **place)
        token = self.installation.keyring("intake").tokens.sign(principal, self.installation.clock.now())
        return Reader(self.app.test_client(), principal, token)


@dataclass
class Reader:
    """Somebody with a token."""

    client: FlaskClient
    principal: Principal
    token: str

    def get(self, path: str, *, language: str = "zh", **query: Any) -> Any:
        """Ask for something under the service's API."""
        return self.client.get(f"{API}{path}", query_string=query, headers=self._headers(language))

    def page(self, path: str, *, language: str = "zh") -> Any:
        """Ask for a page."""
        return self.client.get(path, headers=self._headers(language))

    def mark(self, message: str) -> Any:
        """Mark a message as read."""
        return self.client.post(f"{API}/messages/{message}/read", headers=self._headers("zh"))

    def texts(self, **query: Any) -> list[str]:
        """Give the texts of one page of messages."""
        return [item["text"] for item in self.get("/messages", **query).json["items"]]

    def _headers(self, language: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", "Accept-Language": language}


def delivery(event: Event) -> Delivery:
    """Make what the broker would hand out."""
    return Delivery(
        body=event.internal(),
        routing_key=event.routing_key,
        user_id="aid-referrals",
        redelivered=False,
        content_type="application/cloudevents+json",
        tag=1,
        queue="notifications.events",
    )


def issued(count: int = 1, *, agency: str = "civil-affairs") -> Sequence[Event]:
    """Make the first event of so many legs."""
    golden = example("referral.issued.v1")
    return [
        replace(
            golden,
            id=ids.new(),
            subject=ids.new(),
            agency=agency,
            data={**golden.data, "number": f"MZ-2026-{number:08d}"},
        )
        for number in range(count)
    ]


def then(first: Event, type_: str, sequence: int) -> Event:
    """Make a later event of the same leg."""
    golden = example(type_)
    return replace(
        golden,
        id=ids.new(),
        subject=first.subject,
        agency=first.agency,
        sequence=sequence,
        data={**golden.data, "number": first.data["number"]},
    )
