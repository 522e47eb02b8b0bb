"""What the database does for a page and for a job: their statements as they are sent, and the plans of these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

from services.intake.entrypoints.consumer import subscriptions as of_intake
from services.notifications.entrypoints.consumer import subscriptions as of_notifications
from shared.db import Database
from shared.events import parse
from shared.inbox import Receiver
from shared.messaging import Delivery
from shared.outbox.tables import outbox
from tests.builders import FOUR_PROGRAMMES, Installation
from tests.integration.referrals.desk import Road

PAGES: Mapping[str, tuple[str, str | None, str]] = {
    "queue": ("desk", "civil-affairs", "/referrals/queue"),
    "queue, in hand": ("desk", "civil-affairs", "/referrals/queue?tab=doing"),
    "queue, done": ("desk", "civil-affairs", "/referrals/queue?tab=done"),
    "queue, overdue": ("desk", "civil-affairs", "/referrals/queue?light=red"),
    "queue, done and overdue": ("desk", "civil-affairs", "/referrals/queue?tab=done&light=red"),
    "queue, of nothing yet": ("desk", "medical-insurance", "/referrals/queue"),
    "board": ("coordinator", None, "/referrals/board"),
    "board, overdue": ("coordinator", None, "/referrals/board?light=red"),
    "board, waiting": ("coordinator", None, "/referrals/board?light=grey"),
    "board, ended": ("coordinator", None, "/referrals/board?light=blue"),
    "board, one agency": ("coordinator", None, "/referrals/board?agency=employment"),
    "board, an agency without any": ("coordinator", None, "/referrals/board?agency=medical-insurance"),
    "board, one street": ("coordinator", None, "/referrals/board?unit=530103004"),
    "board, a unit without any": ("coordinator", None, "/referrals/board?unit=530103"),
    "board, of one desk": ("hut", None, "/referrals/board"),
    "board, one street overdue": ("coordinator", None, "/referrals/board?unit=530103004&light=red"),
    "figures": ("coordinator", None, "/referrals/api/v1/statistics"),
    "figures, by month": ("coordinator", None, "/referrals/api/v1/statistics?by=month"),
    "figures, by street": ("coordinator", None, "/referrals/api/v1/statistics?by=street"),
    "figures, of one agency": ("leader", "civil-affairs", "/referrals/api/v1/statistics?by=month"),
    "figures, of one desk": ("hut", None, "/referrals/api/v1/statistics?by=month"),
    "figures, on the wall": ("coordinator", None, "/referrals/api/v1/statistics?for=wall&by=street"),
}
"""Name → whose page it is (role, agency) and its address."""

GROWING = frozenset(
    (
        "referrals", "packets", "history", "people", "requests", "legs", "leg_events", "consents", "messages",
        "read_marks", "outbox", "outbox_ledger", "inbox_receipts", "audit_log", "idempotency_keys", "figure_people",
    )
)  # fmt: skip
"""The tables that hold more with every year."""

Sent = tuple[str, Any]
"""A statement in the driver's own form, and its values."""


@dataclass(frozen=True)
class Read:
    """How a plan comes by the rows of one table: the kind of scan, and how many rows it looked at in all."""

    table: str
    scan: str
    rows: int


@contextmanager
def watched(database: Database) -> Iterator[list[Sent]]:
    """Note every statement that is sent to a database meanwhile."""
    sent: list[Sent] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, many: Any) -> None:
        sent.append((statement, values[0] if many else values))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


def page_statements(road: Road, page: str) -> list[Sent]:
    """Give what the database is asked for one page of ``PAGES``."""
    role, agency, address = PAGES[page]
    place = {} if agency is None else {"agency": agency}
    caller = road.caller(road.app(), role, **place)
    with watched(road.parts.database) as sent:
        answer = caller.client.get(address, headers={"Authorization": f"Bearer {caller.token}"})
    assert answer.status_code == 200, answer.text
    return sent


def job_statements(installation: Installation) -> dict[str, list[Sent]]:
    """Do one job by hand and give what each database was asked: filing, opening, mirroring and telling."""
    road = Road(installation)
    databases = installation.databases
    before = {service: _last(databases[service]) for service in ("intake", "referrals")}
    road._carried = before["intake"]
    with watched(databases["intake"]) as filing, watched(databases["referrals"]) as opening:
        road.file(*FOUR_PROGRAMMES)
    facts = _since(databases["referrals"], before["referrals"])
    with watched(databases["intake"]) as mirroring:
        Receiver(databases["intake"], "intake", of_intake(installation.intake()))(facts)
    with watched(databases["notifications"]) as telling:
        Receiver(databases["notifications"], "notifications", of_notifications())(facts)
    return {"intake": filing + mirroring, "referrals": opening, "notifications": telling}


def plan(database: Database, sent: Sent) -> dict[str, Any]:
    """Give PostgreSQL's plan of a statement; of one that only reads, with what it really read."""
    statement, values = sent
    with database.engine.connect() as connection:  # ends without a commit
        analyze = "analyze, " if statement.lstrip().lower().startswith("select") else ""
        (found,) = connection.exec_driver_sql(
            f"explain ({analyze}format json) {statement}", values
        ).scalar_one()
    made: dict[str, Any] = found["Plan"]
    return made


def in_words(database: Database, sent: Sent) -> str:
    """Give the same for people to read."""
    statement, values = sent
    with database.engine.connect() as connection:
        analyze = (
            "analyze, timing off, summary off, " if statement.lstrip().lower().startswith("select") else ""
        )
        lines = connection.exec_driver_sql(f"explain ({analyze}costs off) {statement}", values).scalars()
        return "\n".join(lines)


def explainable(sent: Sequence[Sent]) -> list[Sent]:
    """Leave out what has no plan, and statements that were sent more than once."""
    verbs = ("select", "insert", "update", "delete", "with")
    return list(
        {
            statement: (statement, values)
            for statement, values in sent
            if statement.lstrip("( \n").lower().startswith(verbs)
        }.values()
    )


def reads(node: Mapping[str, Any]) -> Iterator[Read]:
    """Give every place in a plan where rows of a table are looked at."""
    if "Relation Name" in node:
        looked = node.get("Actual Rows", 0) + node.get("Rows Removed by Filter", 0)
        yield Read(node["Relation Name"], node["Node Type"], round(looked * node.get("Actual Loops", 1)))
    for inner in node.get("Plans", []):
        yield from reads(inner)


def _last(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.coalesce(sa.func.max(outbox.c.id), 0))).scalar_one())


def _since(database: Database, last: int) -> list[Delivery]:
    with database.read() as connection:
        bodies = connection.execute(
            sa.select(outbox.c.body).where(outbox.c.id > last).order_by(outbox.c.id)
        ).scalars()
        return [
            Delivery(
                body=body,
                routing_key=parse(body).routing_key,
                user_id="aid-referrals",
                redelivered=False,
                content_type="application/cloudevents+json",
                tag=1,
                queue="",
            )
            for body in bodies
        ]
