"""The desk where papers are handed in, over HTTP, and what lies in the store and the tables afterwards."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from werkzeug.test import TestResponse

from services.intake.bootstrap import web
from services.intake.persistence.tables import leg_commands
from services.intake.use_cases.context import Context
from shared.blobs.store import SHARDS
from shared.identity import Principal
from tests.builders import a_filing, a_principal
from tests.papers import a_form

URL = "/intake/api/v1/requests"
DRAFTS = "/intake/api/v1/drafts"
PLENTY = ["identity", "contact", "household", "income", "health", "employment", "housing", "education"]
Call = Callable[..., TestResponse]


def caller(context: Context) -> Call:
    """Give what calls the web of intake with method, path and, if not the hut, who asks."""
    client = web(context, public_url="http://127.0.0.1").test_client()

    def ask(method: str, path: str, who: Principal | None = None, **arguments: Any) -> TestResponse:
        token = context.keyring.tokens.sign(who or a_principal(), context.clock.now())
        headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
        return client.open(path, method=method, headers=headers | arguments.pop("headers", {}), **arguments)

    return ask


def file(call: Call, *programmes: str, **changes: Any) -> dict[str, Any]:
    """File a request whose consents cover every kind of data."""
    filing = a_filing(*programmes, **changes)
    for consent in filing["consents"]:
        consent["data_kinds"] = changes.get("data_kinds", PLENTY)
    filing.pop("data_kinds", None)
    answer = call("POST", URL, json=filing)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.get_json()
    return made


def hand_in(call: Call, request: str, kind: str, content: bytes, **more: Any) -> TestResponse:
    """Hand in a file as a kind of paper."""
    where = more.pop("where", URL)
    headers = more.pop("headers", {})
    return call("POST", f"{where}/{request}/papers", headers=headers, **a_form(content, kind=kind, **more))


def listed(call: Call, request: str, where: str = URL) -> dict[str, Any]:
    """Give the papers of a request or draft with its checklists."""
    answer = call("GET", f"{where}/{request}/papers")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def line(leg: dict[str, Any], kind: str) -> dict[str, Any]:
    """Give one line of a checklist."""
    found: dict[str, Any] = next(row for row in leg["papers"] if row["kind"] == kind)
    return found


def problem(answer: TestResponse) -> tuple[int, str, str]:
    """Give status, type and field of a refusal that speaks both languages."""
    body = answer.get_json()
    (error,) = body["errors"]
    assert error["messages"]["zh"] != error["messages"]["en"]
    return answer.status_code, body["type"].rpartition(":")[2], error["field"]


def stored(context: Context) -> list[str]:
    """Give the blobs in the store."""
    return [blob for shard in range(SHARDS) for blob, _ in context.blobs.written(shard)]


def count(context: Context, table: sa.Table) -> int:
    """Count the rows of a table."""
    with context.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def asked(context: Context) -> list[str]:
    """Give what was asked of legs, oldest first."""
    with context.database.read() as connection:
        rows = connection.execute(sa.select(leg_commands.c.verb).order_by(leg_commands.c.id))
        return list(rows.scalars())
