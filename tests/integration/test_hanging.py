"""A process that hangs in the middle of a transaction holds nobody else up for long."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from shared.db import Database, engine


@pytest.mark.postgres
def test_a_transaction_in_which_nothing_happens_is_ended_and_its_locks_are_free(
    postgres_database: Callable[[str, str], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = str(postgres_database("intake", "owner").url)
    monkeypatch.setattr(engine, "HANGING_SECONDS", 1)
    hanging, going_on = Database(url), Database(url)
    goes_on = threading.Event()
    ended: list[type[Exception]] = []

    def hang() -> None:
        try:
            with hanging.unit_of_work() as uow:
                uow.connection.execute(sa.text("lock table outbox"))
                locked.set()
                goes_on.wait()
                uow.connection.execute(sa.text("select 1"))
        except OperationalError as error:
            ended.append(type(error))

    locked = threading.Event()
    thread = threading.Thread(target=hang)
    thread.start()
    assert locked.wait(30)
    with going_on.unit_of_work() as uow:
        uow.connection.execute(sa.text("lock table outbox"))
    goes_on.set()
    thread.join()
    assert ended == [OperationalError]
    hanging.dispose()
    going_on.dispose()
