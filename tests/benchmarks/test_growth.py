"""An office filled at once is one that works, and what its pages and jobs read does not grow with the years."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
import sqlalchemy as sa

from deploy.local import Servers
from services.intake.persistence.tables import leg_events, legs
from services.notifications.persistence.tables import messages
from services.referrals.persistence.tables import referrals
from tests import databases
from tests.benchmarks.growth_load import Gathered, gather
from tests.benchmarks.growth_plans import (
    GROWING,
    PAGES,
    explainable,
    job_statements,
    page_statements,
    plan,
    reads,
)
from tests.builders import MONDAY, Installation, an_installation
from tests.integration.referrals.desk import Road

pytestmark = pytest.mark.postgres

FEW = Gathered(referrals=100, open=40)
MANY = Gathered(referrals=10_000, open=400)
READ_AT_MOST = 3 * MANY.open
"""What is open is counted, and looked at leg by leg; what has ended is not."""
MOST_SUMS = 6000
"""Sums are by month, programme and street: five years of four programmes, and no more however many were helped."""

_numbers = itertools.count(9000)
Make = Callable[[Gathered], Installation]


@pytest.fixture(scope="module")
def office(postgres: Servers) -> Iterator[Make]:
    """Call with how much there is, for an installation that has it in place."""
    with ExitStack() as stack:
        keep = stack.enter_context(databases.kept_open())

        def make(gathered: Gathered) -> Installation:
            made = {
                service: databases.fresh(postgres, service, next(_numbers))
                for service in ("intake", "referrals", "notifications")
            }
            for name in made.values():
                stack.callback(postgres.postgres.drop_database, name)
            # As the web sees them: its rows are limited, and that too must be decided from an index.
            installation = an_installation(
                lambda service: keep(
                    databases.postgresql(postgres.postgres.url(service, "web", database=made[service]))
                )
            )

            def connect(service: str) -> psycopg.Connection:
                return psycopg.connect(postgres.postgres.admin_dsn(made[service]))

            gather(connect, installation.keyring("intake"), installation.district, gathered, MONDAY)
            return installation

        yield make


@pytest.fixture(scope="module")
def small(office: Make) -> Installation:
    """A little work in place."""
    return office(FEW)


@pytest.fixture(scope="module")
def old(office: Make) -> Installation:
    """Years of work in place."""
    return office(MANY)


def count(installation: Installation, service: str, table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
    with installation.databases[service].read() as connection:
        counted = sa.select(sa.func.count()).select_from(table).where(*where)
        return int(connection.execute(counted).scalar_one())


def test_what_is_filled_in_at_once_is_the_same_story_in_every_service(small: Installation) -> None:
    assert count(small, "referrals", referrals) == count(small, "intake", legs) == FEW.referrals
    assert count(small, "referrals", referrals, referrals.c.ended_at.is_(None)) == FEW.open
    assert count(small, "intake", legs, legs.c.ended_at.is_(None)) == FEW.open
    told = count(small, "intake", leg_events, leg_events.c.fact != "cancel-done")
    assert count(small, "notifications", messages) == told


def test_a_queue_filled_at_once_shows_rows_that_can_be_read(small: Installation) -> None:
    road = Road(small)
    caller = road.caller(road.app(), "desk", agency="civil-affairs")
    for tab in ("todo", "doing", "done"):
        page = caller.client.get(
            f"/referrals/queue?tab={tab}", headers={"Authorization": f"Bearer {caller.token}"}
        )
        assert "李**" in page.text


def test_an_office_filled_at_once_takes_another_job_to_its_end(small: Installation) -> None:
    before = count(small, "notifications", messages)
    assert all(job_statements(small).values())
    assert count(small, "notifications", messages) == before + 4
    assert count(small, "intake", legs, legs.c.status == "issued", legs.c.version == 1) >= 4


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_what_is_open_and_not_what_has_ended(old: Installation, page: str) -> None:
    database = old.databases["referrals"]
    for sent in explainable(page_statements(Road(old), page)):
        for read in reads(plan(database, sent)):
            if read.table in GROWING:
                assert read.scan != "Seq Scan", (read, sent[0])
                assert read.rows <= READ_AT_MOST, (read, sent[0])


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("figures")])
def test_figures_are_read_from_sums_and_no_referral_is_looked_at(old: Installation, page: str) -> None:
    database = old.databases["referrals"]
    looked = [
        read for sent in explainable(page_statements(Road(old), page)) for read in reads(plan(database, sent))
    ]
    of_figures = [read for read in looked if read.table.startswith("figure")]
    assert {read.table for read in looked}.isdisjoint({"referrals", "history", "packets", "figure_people"})
    assert sum(read.rows for read in of_figures) <= MOST_SUMS, of_figures


def test_figures_filled_at_once_are_those_of_the_referrals(small: Installation) -> None:
    road = Road(small)
    caller = road.caller(road.app(), "coordinator")
    total = caller.get("/statistics").json["total"]
    closed = count(small, "referrals", referrals, referrals.c.status == "closed")
    cancelled = count(small, "referrals", referrals, referrals.c.status == "cancelled")
    assert total["received"] == count(small, "referrals", referrals)
    assert (total["granted"]["people_by_programme"], total["ended_otherwise"]) == (closed, cancelled)


def test_no_statement_of_a_job_reads_a_table_as_a_whole(old: Installation) -> None:
    for service, statements in job_statements(old).items():
        for sent in explainable(statements):
            whole = [
                read.table
                for read in reads(plan(old.databases[service], sent))
                if read.scan == "Seq Scan" and read.table in GROWING
            ]
            assert not whole, sent[0]
