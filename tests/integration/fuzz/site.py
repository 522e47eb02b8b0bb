"""An installation with something of each kind in it, for requests that are made up to have something to meet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import flask
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.intake.bootstrap import web as intake_web
from services.intake.persistence import tables as at_intake
from services.notifications.persistence import tables as at_notifications
from services.referrals.persistence import tables as at_referrals
from shared.identity import Principal
from shared.outbox.tables import outbox
from tests.builders import HUT_UNIT, OTHER_UNIT, Installation, a_filing, a_principal
from tests.integration.legs.both_ways import BothWays
from tests.integration.notifications.post_room import PostRoom
from tests.integration.referrals.desk import delivery
from tests.papers import a_form, a_pdf, a_picture

SERVICES = ("intake", "referrals", "notifications")
CALLERS = (
    a_principal("hut"),
    a_principal("hut", unit=OTHER_UNIT),
    a_principal("grid"),
    a_principal("specialist"),
    a_principal("desk", agency="civil-affairs"),
    a_principal("desk", agency="health"),
    a_principal("leader", agency="civil-affairs"),
    a_principal("coordinator"),
    a_principal("operator"),
    a_principal("auditor"),
)
MOST = 60
"""Ids of a kind are enough."""
ONWARD = ("acknowledge", "accept", "start")
"""What the desk does with the legs of three requests: with one more step in each."""

PLAUSIBLE: Mapping[str, Sequence[Any]] = {
    "agency": ("civil-affairs", "health", "employment"),
    "to_agency": ("civil-affairs", "health", "employment"),
    "programme": ("dibao", "pension", "pub-job", "psy", "temp-urgent"),
    "to_programme": ("dibao", "pub-job"),
    "programmes": (["dibao"], ["pub-job"]),
    "residence": (HUT_UNIT, OTHER_UNIT),
    "unit": (HUT_UNIT, OTHER_UNIT),
    "assignee": ("desk-civil-affairs", "desk-health"),
    "to": ("desk-civil-affairs", "hut"),
    "reason": ("not-our-duty", "withdrawn-by-person", "a look"),
    "outcome": ("approved", "refused", "withdrawn", "unreachable"),
    "expires_on": ("2027-06-30",),
    "review_on": ("2026-12-01",),
    "due_on": ("2026-12-24",),
    "version": (1, 2, 3, 4),
    "kind": ("id-card", "household-book", "income-proof"),
    "file": (a_pdf(), a_picture(), a_picture("PNG")),
    "answers": ({}, {"household_size": 3}),
}
"""By the name of a field: what really stands there, so that some requests get past its check."""

WHOLE: Mapping[str, Callable[[], dict[str, Any]]] = {
    "POST /intake/api/v1/requests": a_filing,
    "POST /intake/api/v1/drafts": a_filing,
}
"""By operation: a body that is right, where nothing that was made up would ever be."""


@dataclass
class Site:
    """Three services as they would stand beside each other, and whoever carries events between them."""

    installation: Installation
    ways: BothWays = field(init=False)
    post: PostRoom = field(init=False)
    apps: Mapping[str, flask.Flask] = field(init=False)
    _told: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ways, self.post = BothWays(self.installation), PostRoom(self.installation)
        self.apps = {
            "intake": intake_web(self.ways.intake, public_url="http://127.0.0.1"),
            "referrals": self.ways.app(),
            "notifications": self.post.app,
        }

    def fill(self) -> None:
        """File a few requests and carry their legs to different places; leave a draft, papers and a task."""
        for steps in range(len(ONWARD) + 1):
            request = self.ways.file()
            for leg in request["legs"]:
                for action in ONWARD[:steps]:
                    self.ways.at_desk(leg["id"], action)
            paper = a_form(a_pdf(), kind="id-card")
            self._desk().post(f"/intake/api/v1/requests/{request['id']}/papers", **paper)
        desk = self._desk()
        draft = desk.post("/intake/api/v1/drafts", json=a_filing()).get_json()["id"]
        desk.post(f"/intake/api/v1/drafts/{draft}/papers", **a_form(a_pdf(), kind="id-card"))
        self.carry()

    def carry(self) -> None:
        """Hand every new event to whom it concerns."""
        self.ways.carry()
        for service in ("intake", "referrals"):
            statement = (
                sa.select(outbox.c.id, outbox.c.body)
                .where(outbox.c.id > self._told.get(service, 0))
                .order_by(outbox.c.id)
            )
            with self.installation.databases[service].read() as connection:
                rows = connection.execute(statement).all()
            if rows:
                self._told[service] = rows[-1].id
                self.post.receiver(
                    [
                        replace(delivery(row.body), user_id=f"aid-{service}", queue="notifications.events")
                        for row in rows
                    ]
                )

    def places(self) -> Sequence[Mapping[str, str]]:
        """Give ids that belong together, by the names addresses have for them."""
        legs, papers, consents = at_intake.legs, at_intake.papers, at_intake.consents
        asked: Sequence[tuple[str, sa.Select[Any]]] = (
            ("intake", sa.select(legs.c.request_id.label("request"), legs.c.id.label("leg"))),
            ("intake", sa.select(papers.c.request_id.label("request"), papers.c.id.label("paper"))),
            # Of a draft's papers the request is the draft.
            ("intake", sa.select(papers.c.request_id.label("draft"), papers.c.id.label("paper"))),
            ("intake", sa.select(at_intake.drafts.c.id.label("draft"))),
            ("intake", sa.select(at_intake.tasks.c.id.label("task"))),
            ("intake", sa.select(consents.c.request_id.label("request"), consents.c.id.label("consent"))),
            (
                "referrals",
                sa.select(
                    at_referrals.referrals.c.id.label("referral_id"),
                    at_referrals.referrals.c.request_id,
                    sa.literal("1").label("which"),
                ),
            ),
            ("notifications", sa.select(at_notifications.messages.c.id.label("message"))),
        )
        found: list[Mapping[str, str]] = [{"programme": "pub-job"}]
        for service, statement in asked:
            with self.installation.databases[service].read() as connection:
                rows = connection.execute(statement.limit(MOST)).mappings()
                found += [
                    {name: str(value) for name, value in row.items()} for row in rows if all(row.values())
                ]
        return found

    def token(self, who: Principal) -> str:
        """Sign somebody in."""
        return self.installation.keyring("intake").tokens.sign(who, self.installation.clock.now())

    def _desk(self) -> FlaskClient:
        client = self.apps["intake"].test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {self.token(a_principal('hut'))}"
        return client
