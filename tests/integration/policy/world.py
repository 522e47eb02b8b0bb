"""A district in which two help desks have filed, with one of everything at each, and the three webs of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import flask
import sqlalchemy as sa
from flask.testing import FlaskClient

from services.intake.bootstrap import web as intake_web
from services.intake.use_cases.context import Context as IntakeContext
from services.notifications.bootstrap import web as notifications_web
from services.notifications.entrypoints.consumer import subscriptions as told_to_notifications
from services.notifications.persistence.tables import messages
from services.notifications.use_cases.context import Context as NotificationsContext
from services.referrals.bootstrap import web as referrals_web
from services.referrals.persistence.slip_tables import slips
from services.referrals.use_cases.context import Context as ReferralsContext
from shared.db import Database
from shared.identity import Principal
from shared.inbox import Receiver
from shared.outbox.tables import outbox
from tests.builders import HUT_UNIT, SERVICES, Installation, a_filing, a_person, a_principal
from tests.integration.legs.both_ways import BothWays
from tests.integration.referrals.desk import delivery
from tests.papers import a_form, a_picture

HERE, THERE = HUT_UNIT, "530103001001"
"""Where the two help desks are: communities of two streets."""
AGENCIES: Mapping[str, str] = {"dibao": "civil-affairs", "pension": "social-security", "psy": "health"}
KINDS = ["identity", "contact", "household", "income", "health", "employment"]
URL = "http://127.0.0.1"


@dataclass
class World(BothWays):
    """Everything filed, and clients of the three webs, which may see it through databases of their own."""

    webs: Mapping[str, Database] = field(default_factory=dict)
    apps: dict[str, flask.Flask] = field(init=False)
    clients: dict[str, FlaskClient] = field(init=False)
    filed: dict[str, dict[str, Any]] = field(default_factory=dict)
    drafts: dict[str, str] = field(default_factory=dict)
    said: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    _post: Receiver = field(init=False)
    _posted: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        made = self.installation
        seen = dict(made.databases) | dict(self.webs)
        common = {service: _common(made, service, seen[service]) for service in SERVICES}
        stores: dict[str, Any] = {"blobs": made.blobs}
        self.apps = {
            "intake": intake_web(IntakeContext(**common["intake"], **stores), public_url=URL),
            "referrals": referrals_web(ReferralsContext(**common["referrals"], **stores), public_url=URL),
            "notifications": notifications_web(
                NotificationsContext(**common["notifications"]), public_url=URL
            ),
        }
        self.clients = {service: app.test_client() for service, app in self.apps.items()}
        self._post = Receiver(made.databases["notifications"], "notifications", told_to_notifications())

    def carry(self) -> None:
        """Carry what was said to and fro, and tell those whom it concerns."""
        super().carry()
        for service in ("intake", "referrals"):
            with self.installation.databases[service].read() as connection:
                new = sa.select(outbox.c.id, outbox.c.body).where(outbox.c.id > self._posted.get(service, 0))
                rows = connection.execute(new.order_by(outbox.c.id)).all()
            if rows:
                self._posted[service] = rows[-1].id
                queue = "notifications.events"
                told = [replace(delivery(row.body), user_id=f"aid-{service}", queue=queue) for row in rows]
                self._post(told)

    def request(self, who: Principal, method: str, path: str, **given: Any) -> Any:
        """Ask one of the webs something as somebody; every request has the same id."""
        token = self.installation.keyring("intake").tokens.sign(who, self.installation.clock.now())
        headers = {
            "Authorization": f"Bearer {token}",
            "X-Request-ID": "the-same-request",
            "Accept-Language": "en",
        }
        service = path.split("/")[1]
        client = self.clients.get(service, self.clients["intake"])
        return client.open(path, method=method, headers=headers | given.pop("headers", {}), **given)

    def settle(self, place: str, *programmes: str) -> None:
        """File a request at a place, for these programmes, and leave one of everything there."""
        hut, grid = a_principal("hut", unit=place), a_principal("grid", unit=place)
        person = a_person(residence=place)
        self.said[place] = (person["name"], person["phone"], person["id_number"])
        filing = a_filing(*programmes, person=person)
        for consent in filing["consents"]:
            consent["data_kinds"] = KINDS
        requests = "/intake/api/v1/requests"
        self.filed[place] = request = _made(self.request(hut, "POST", requests, json=filing))
        lead = {"name": "沈小雨", "errand": "家中困难", "community": place, "phone": "13800005678"}
        _made(self.request(grid, "POST", "/intake/api/v1/leads", json=lead))
        errand = {"kind": "visit", "name": "沈小雨", "errand": "帮忙取材料"}
        _made(self.request(hut, "POST", "/intake/api/v1/tasks", json=errand))
        scan = a_form(a_picture(seed=len(self.filed)), kind="id-card")
        drafts = "/intake/api/v1/drafts"
        self.drafts[place] = draft = _made(self.request(hut, "POST", drafts, json=filing))["id"]
        for where in (f"{requests}/{request['id']}", f"{drafts}/{draft}"):
            _made(self.request(hut, "POST", f"{where}/papers", **scan))
        self.carry()
        for number, leg in enumerate(request["legs"]):
            slip = f"/referrals/api/v1/referrals/{leg['id']}/slips"
            scan = a_form(a_picture(seed=100 * len(self.filed) + number))
            _made(self.request(a_principal("coordinator"), "POST", slip, **scan))

    def leg_at(self, place: str, agency: str) -> str:
        """Give the id of an agency's leg of what was filed at a place."""
        return next(str(leg["id"]) for leg in self.filed[place]["legs"] if leg["agency"] == agency)

    def thing(self, table: sa.Table, place: str, **where: Any) -> str | None:
        """Give the id of one row of intake at a place."""
        chosen = [table.c.unit == place] if "unit" in table.c else []
        return self._first(
            "intake", table, *chosen, *(table.c[name] == value for name, value in where.items())
        )

    def slip(self, leg: str) -> str | None:
        """Give the id of the slip of a leg."""
        return self._first("referrals", slips, slips.c.referral_id == leg)

    def message(self, inboxes: list[str], *, within: bool) -> str | None:
        """Give the id of a message that lies in one of these inboxes, or in none of them."""
        there = messages.c.inbox.in_(inboxes)
        return self._first("notifications", messages, there if within else sa.not_(there))

    def _first(self, service: str, table: sa.Table, *where: sa.ColumnElement[bool]) -> str | None:
        with self.installation.databases[service].read() as connection:
            found = (
                connection.execute(sa.select(table.c.id).where(*where).order_by(table.c.id)).scalars().first()
            )
        return None if found is None else str(found)


def _common(made: Installation, service: str, database: Database) -> dict[str, Any]:
    return {
        "database": database,
        "keyring": made.keyring(service),
        "directory": made.directory(service),
        "clock": made.clock,
        "source": made.source(service),
    }


def _made(answer: Any) -> dict[str, Any]:
    assert answer.status_code in {200, 201, 202}, (answer.status_code, answer.text)
    found: dict[str, Any] = answer.get_json()
    return found
