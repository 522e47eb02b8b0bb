"""Goes through the books after the kills: each accepted request, its legs, events, receipts and messages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
import sqlalchemy as sa

from services.intake.persistence import tables as intake
from services.notifications.persistence import tables as notifications
from services.referrals.persistence import tables as referrals
from shared.db import Database
from shared.inbox.tables import dead_letters, receipts
from shared.outbox.tables import outbox
from tests.faults.load import LEGS, Journal

Databases = Mapping[str, Database]


def rows(database: Database, table: sa.Table) -> list[sa.RowMapping]:
    """Read a whole table."""
    with database.read() as connection:
        return list(connection.execute(sa.select(table)).mappings())


def at_rest(databases: Databases) -> bool:
    """Tell whether every event written has been published and settled by all who follow it."""
    waiting = sa.select(sa.func.count()).select_from(outbox).where(outbox.c.published_at.is_(None))
    for database in databases.values():
        with database.read() as connection:
            if connection.execute(waiting).scalar_one():
                return False
    submitted = _count(databases["intake"], outbox, outbox.c.type == "request.submitted.v1")
    issued = _count(databases["referrals"], outbox, outbox.c.type == "referral.issued.v1")
    told = _count(databases["notifications"], receipts, receipts.c.source.endswith("/referrals"))
    mirrored = _count(databases["intake"], receipts, receipts.c.source.endswith("/referrals"))
    return issued == len(LEGS) * submitted and told == mirrored == issued


def _count(database: Database, table: sa.Table, where: sa.ColumnElement[bool]) -> int:
    with database.read() as connection:
        return int(
            connection.execute(sa.select(sa.func.count()).select_from(table).where(where)).scalar_one()
        )


def faults(databases: Databases, journal: Journal) -> list[str]:
    """Give every broken promise as a sentence; an empty list is what is wanted.

    Every accepted key has one request, the same in each answer, with its four referrals, each issued once and told
    once to its desk; no request is there that nobody filed; every chain of events is without gap; no letter is kept.
    """
    found = [f"{key} was answered {status}: {text[:200]}" for key, status, text in journal.other]
    found += _answers(journal)
    found += _legs(databases, journal)
    found += _chains(databases)
    for service, database in databases.items():
        found += [f"{service} keeps a letter: {row['reason']}" for row in rows(database, dead_letters)]
    return found


def _answers(journal: Journal) -> list[str]:
    return [
        f"{key} got two different answers"
        for key, answers in journal.accepted.items()
        if len({(answer["id"], answer["receipt_code"]) for answer in answers}) != 1
    ]


def _legs(databases: Databases, journal: Journal) -> list[str]:
    told: dict[str, Any] = {answers[0]["id"]: answers[0] for answers in journal.accepted.values()}
    filed = {row["id"] for row in rows(databases["intake"], intake.requests)}
    found = [f"request {lost} was accepted and is gone" for lost in set(told) - filed]
    found += [f"request {extra} is there, and nobody was told of it" for extra in filed - set(told)]
    issued = Counter(row["request_id"] for row in rows(databases["referrals"], referrals.referrals))
    found += [f"request {id_} has {issued[id_]} referrals" for id_ in told if issued[id_] != len(LEGS)]
    found += [f"referrals of the unknown request {id_}" for id_ in set(issued) - filed]
    legs = {leg["id"] for answer in told.values() for leg in answer["legs"]}
    messages = Counter(
        row["subject"]
        for row in rows(databases["notifications"], notifications.messages)
        if row["type"].startswith("referral.issued") or row["type"] == "issued"
    )
    found += [f"leg {leg} was told to its desk {messages[leg]} times" for leg in legs if messages[leg] != 1]
    mirror = {row["id"]: row["status"] for row in rows(databases["intake"], intake.legs)}
    found += [f"intake shows leg {leg} as {mirror.get(leg)}" for leg in legs if mirror.get(leg) != "issued"]
    return found


def _chains(databases: Databases) -> list[str]:
    found = []
    for service, database in databases.items():
        chains: dict[str, list[int]] = {}
        for row in rows(database, outbox):
            chains.setdefault(row["subject"], []).append(row["sequence"])
            if orjson.loads(row["body"])["sequence"] != row["sequence"]:
                found.append(f"{service}: an event of {row['subject']} says another sequence than its row")
        found += [
            f"{service}: the chain of {subject} is {sorted(chain)}"
            for subject, chain in chains.items()
            if sorted(chain) != list(range(1, len(chain) + 1))
        ]
    return found
