"""Somebody deletes a queue at the broker: it is put back without help, and what went past it is sent again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from deploy.local import Servers
from deploy.upkeep import Upkeep
from shared.db import Database
from shared.messaging.admin import Admin
from shared.messaging.topology import topology
from shared.outbox.tables import outbox
from tests.integration.outbox.conftest import event
from tests.integration.outbox.test_upkeep import publish

SERVICES = ("intake", "referrals", "notifications")


@pytest.mark.rabbitmq
def test_a_deleted_queue_is_put_back_and_what_it_missed_is_published_again(
    rabbitmq: Servers, sqlite_database: Callable[[str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.upkeep.GRACE", timedelta(0))
    monkeypatch.setattr("deploy.reconcile.GRACE", timedelta(0))
    databases = {service: sqlite_database(service) for service in SERVICES}
    admin = Admin(rabbitmq.admin_url, topology(rabbitmq.district), {})
    admin.apply()
    rabbitmq.rabbitmq.rabbitmqctl(
        "delete_queue", "notifications.events", "--vhost", f"aid-{rabbitmq.district}"
    )
    missed = event("a", 1)
    publish(databases["intake"], missed, at=missed.time)
    upkeep = Upkeep(databases)
    upkeep.hold_up(admin)
    assert not [problem for problem in admin.check() if problem.can_be_put_right]
    upkeep.hold_up(admin)
    with databases["intake"].read() as connection:
        waiting = connection.execute(sa.select(outbox.c.event_id).where(outbox.c.published_at.is_(None)))
        assert waiting.scalars().all() == [missed.id]
