"""Both ends of the road in one place: file at intake, carry the events over, and work at an agency's desk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import flask
import orjson
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from services.referrals.bootstrap import web
from services.referrals.entrypoints.consumer import subscriptions
from services.referrals.use_cases.act import Action, take_action
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.views import ReferralView
from shared import audit
from shared.events import Event, parse
from shared.identity import Principal
from shared.inbox import Receiver
from shared.inbox.tables import dead_letters
from shared.messaging import Delivery
from shared.outbox.tables import outbox
from tests.builders import HUT_UNIT, Installation, a_command, a_principal

PERSON = {
    "name": "李秀英",
    "phone": "13800001234",
    "residence": HUT_UNIT,
}
"""Somebody to look for; a number is added where it matters."""


@dataclass
class Road:
    """An installation and what carries events from intake to referrals, as the relay and the consumer would."""

    installation: Installation
    parts: Context = field(init=False)
    receiver: Receiver = field(init=False)
    _carried: int = 0

    def __post_init__(self) -> None:
        installation = self.installation
        self.parts = Context(
            database=installation.databases["referrals"],
            keyring=installation.keyring("referrals"),
            directory=installation.directory("referrals"),
            clock=installation.clock,
            source=installation.source("referrals"),
            blobs=installation.blobs,
        )
        self.receiver = Receiver(self.parts.database, "referrals", subscriptions(self.parts))

    def file(self, *programmes: str, **changes: Any) -> dict[str, Any]:
        """File a request at the hut and carry it over; gives intake's answer."""
        answer = submit_request(self.installation.intake(), a_principal(), a_command(*programmes, **changes))
        self.carry()
        return answer

    def withdraw(self, request: str, *legs: str) -> None:
        """Withdraw a request at the hut, or some of its legs, and carry what follows."""
        command = WithdrawRequest(request=request, reason="withdrawn-by-person", legs=legs)
        withdraw_request(self.installation.intake(), a_principal(), command)
        self.carry()

    def carry(self) -> None:
        """Hand every new event of intake to referrals, in one batch."""
        with self.installation.databases["intake"].read() as connection:
            rows = connection.execute(
                sa.select(outbox.c.id, outbox.c.body).where(outbox.c.id > self._carried).order_by(outbox.c.id)
            ).all()
        if rows:
            self._carried = rows[-1].id
            self.receiver([delivery(row.body) for row in rows])

    def act(
        self, referral: str, action: str, version: int, fields: Mapping[str, Any] | None = None, **who: Any
    ) -> ReferralView:
        """Take an action at an agency's desk."""
        principal = a_principal(who.pop("role", "desk"), agency=who.pop("agency", "civil-affairs"), **who)
        command = Action(referral_id=referral, action=action, version=version, fields=fields or {})
        return take_action(self.parts, principal, command)

    def told(self, subject: str | None = None) -> list[Event]:
        """Give the events referrals has recorded, of one referral or all."""
        statement = sa.select(outbox.c.body).order_by(outbox.c.id)
        if subject is not None:
            statement = statement.where(outbox.c.subject == subject)
        with self.parts.database.read() as connection:
            return [parse(body) for body in connection.execute(statement).scalars()]

    def audited(self, action: str) -> Sequence[audit.AuditRecord]:
        """Give the lines of referrals' audit log for one action, newest first."""
        with self.parts.database.read() as connection:
            return audit.search(connection, audit.AuditQuery(action=action), limit=100)

    def letters(self) -> list[tuple[str, str]]:
        """Give (state, reason) of every dead letter at referrals."""
        with self.parts.database.read() as connection:
            return [(row.state, row.reason) for row in connection.execute(sa.select(dead_letters)).all()]

    def app(self) -> flask.Flask:
        """Make the web application of referrals."""
        return web(self.parts, public_url="http://127.0.0.1")

    def caller(self, app: flask.Flask, role: str, **place: Any) -> Caller:
        """Sign somebody in with a bearer token."""
        principal = a_principal(role, **place)
        token = self.installation.keyring("intake").tokens.sign(principal, self.installation.clock.now())
        return Caller(app.test_client(), principal, token)


@dataclass
class Caller:
    """Somebody with a token at the JSON API."""

    client: FlaskClient
    principal: Principal
    token: str

    def get(self, path: str, **query: Any) -> Any:
        """Ask for something under the service's API."""
        return self.client.get(f"/referrals/api/v1{path}", query_string=query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, version: int | None = None, key: str | None = None) -> Any:
        """Send something, with If-Match and Idempotency-Key where given."""
        headers = self._headers()
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        if key is not None:
            headers["Idempotency-Key"] = key
        data = orjson.dumps({} if body is None else body)
        return self.client.post(
            f"/referrals/api/v1{path}", data=data, content_type="application/json", headers=headers
        )

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def leg_of(answer: dict[str, Any], agency: str = "civil-affairs") -> str:
    """Find the leg of an agency in intake's answer."""
    return next(str(leg["id"]) for leg in answer["legs"] if leg["agency"] == agency)


def delivery(body: bytes) -> Delivery:
    """Make what the broker would hand out for an event of intake."""
    event = parse(body)
    return Delivery(
        body=body,
        routing_key=event.routing_key,
        user_id="aid-intake",
        redelivered=False,
        content_type="application/cloudevents+json",
        tag=1,
        queue="referrals.events",
    )
