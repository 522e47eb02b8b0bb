"""Nothing that was published and never settled is forgotten, and nothing grows for ever."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from deploy.reconcile import reconcile
from shared.db import Database
from shared.events import Event
from shared.inbox import Receiver
from shared.inbox.tables import receipts
from shared.outbox.tables import ledger, outbox
from shared.outbox.upkeep import purge_outbox, purge_receipts
from tests.integration.inbox.deliveries import delivery
from tests.integration.outbox.conftest import event

MakeDatabase = Callable[[str], Database]
LONG_AGO = datetime.now(UTC) - timedelta(days=40)


def publish(database: Database, *events: Event, at: datetime) -> None:
    with database.unit_of_work() as uow:
        for item in events:
            uow.record(item)
    with database.unit_of_work() as uow:
        uow.connection.execute(sa.update(outbox).values(published_at=at))


def count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_what_one_of_two_consumers_never_settled_is_published_again(database: MakeDatabase) -> None:
    databases = {service: database(service) for service in ("intake", "referrals", "notifications")}
    first, second = event("a", 1), event("a", 2)
    publish(databases["intake"], first, second, at=LONG_AGO + timedelta(days=39))
    Receiver(databases["referrals"], "referrals", [])([delivery(first), delivery(second)])
    Receiver(databases["notifications"], "notifications", [])([delivery(first)])
    assert reconcile(databases, datetime.now(UTC)) == {"intake": 1}
    with databases["intake"].read() as connection:
        again = connection.execute(
            sa.select(outbox.c.event_id).where(outbox.c.published_at.is_(None))
        ).scalars()
        assert list(again) == [second.id]


def test_what_is_still_on_its_way_is_not_published_again(database: MakeDatabase) -> None:
    databases = {service: database(service) for service in ("intake", "referrals", "notifications")}
    publish(databases["intake"], event("a", 1), at=datetime.now(UTC))
    assert reconcile(databases, datetime.now(UTC)) == {}


def test_what_is_kept_as_a_letter_counts_as_settled(database: MakeDatabase) -> None:
    databases = {service: database(service) for service in ("intake", "referrals", "notifications")}
    early = event("a", 2)
    publish(databases["intake"], early, at=LONG_AGO)
    for consumer in ("referrals", "notifications"):
        Receiver(databases[consumer], consumer, [])([delivery(early)])
    assert reconcile(databases, datetime.now(UTC)) == {}


def test_rows_published_long_ago_become_a_line_in_the_ledger(database: MakeDatabase) -> None:
    intake = database("intake")
    publish(intake, event("a", 1), at=LONG_AGO)
    assert purge_outbox(intake, datetime.now(UTC)) == 1
    assert (count(intake, outbox), count(intake, ledger)) == (0, 1)
    publish(intake, event("a", 2), at=datetime.now(UTC))
    assert purge_outbox(intake, datetime.now(UTC)) == 0


def test_the_last_receipt_of_a_chain_is_kept_however_old(database: MakeDatabase) -> None:
    referrals = database("referrals")
    receive = Receiver(referrals, "referrals", [])
    receive([delivery(event("a", 1)), delivery(event("a", 2))])
    assert purge_receipts(referrals, datetime.now(UTC) + timedelta(days=38)) == 1
    with referrals.read() as connection:
        assert connection.execute(sa.select(receipts.c.sequence)).scalars().all() == [2]
    receive([delivery(event("a", 3))])
    assert count(referrals, receipts) == 2
