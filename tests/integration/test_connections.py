"""Connections that died while nobody used them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from deploy.local import Servers
from shared.db import Database
from tests.conftest import MakeDatabase

END = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'seldom used'"


@pytest.mark.postgres
def test_what_is_seldom_used_does_not_meet_a_session_that_the_server_has_ended(
    postgres: Servers, postgres_database: MakeDatabase
) -> None:
    url = postgres_database("intake").url
    database = Database(url, application_name="seldom used", seldom=True)
    try:
        for _ in range(3):
            with database.read() as connection:
                assert connection.execute(sa.text("select 1")).scalar_one() == 1
            with postgres.postgres.connect("postgres") as admin:
                assert admin.execute(END).fetchall() == [(True,)]
    finally:
        database.dispose()
