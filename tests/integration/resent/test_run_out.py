"""A consent that has merely run out: nothing sealed is sent again under it, and all goes on with a new one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from deploy.reconcile import reconcile
from deploy.work import Memory
from services.intake.persistence.tables import consents
from shared.messaging.memory import MemoryTransport
from shared.messaging.topology import topology
from shared.outbox.tables import outbox
from tests.builders import an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.resent.site import AGENCY, PROGRAMME, Site, with_system
from tests.integration.resent.test_replay import LONG_AGO, WHY, read, rows, settle
from tests.messaging.brokers import Rabbit
from tests.waiting import until

OVER, RUNNING = date(2026, 1, 31), date(2100, 1, 1)
SUBMITTED = "request.submitted.v1"


def consent_until(site: Site, day: date) -> None:
    """Let the one consent there is end on a day."""
    with site.databases["intake"].unit_of_work() as uow:
        uow.connection.execute(sa.update(consents).values(expires_on=day))


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.postgres, pytest.mark.rabbitmq])]
)
def written(request: pytest.FixtureRequest, sqlite_database: MakeDatabase, tmp_path: Path) -> Iterator[Site]:
    """An agency with a system of its own on either database, where commands alone are at work."""
    if request.param == "postgresql":
        yield request.getfixturevalue("full")
        return
    installation = an_installation(sqlite_database, district=with_system(the_district()))
    site = Site(installation, Memory(MemoryTransport(topology("530103")), installation.databases), tmp_path)
    yield site
    site.close()


def test_what_would_open_a_leg_at_such_an_agency_waits_for_a_new_consent(written: Site) -> None:
    request = str(written.file(PROGRAMME)["id"])
    with written.databases["intake"].unit_of_work() as uow:
        # Published long ago, to a queue that has been deleted since.
        uow.connection.execute(sa.update(outbox).values(published_at=LONG_AGO))
    consent_until(written, OVER)
    assert "consent has run out" in written.carehut("replay", "--subject", request, *WHY)
    assert "held-back" in written.carehut("reconcile")
    assert rows(written, "intake") == 0
    consent_until(written, RUNNING)
    assert reconcile(written.databases, datetime.now(UTC)) == {"intake": 1}
    assert rows(written, "intake") == 1


def test_a_withdrawal_behind_it_waits_for_no_consent(written: Site) -> None:
    written.withdraw(str(written.file(PROGRAMME)["id"]))
    with written.databases["intake"].unit_of_work() as uow:
        uow.connection.execute(sa.update(outbox).values(published_at=LONG_AGO))
    consent_until(written, OVER)
    assert reconcile(written.databases, datetime.now(UTC)) == {"intake": 2}


@pytest.mark.postgres
@pytest.mark.rabbitmq
def test_its_system_is_sent_nothing_sealed_again_and_no_letter_opens_a_leg(
    full: Site, rabbit: Rabbit
) -> None:
    full.file(PROGRAMME)
    with full.working("intake", "referrals", broken={"referrals": SUBMITTED}):
        until(lambda: [state for _, state, _ in full.letters("referrals")] == ["dead"])
    ((number, _, _),) = full.letters("referrals")
    consent_until(full, OVER)
    assert "consent has run out" in full.carehut("dead-letters", "replay", f"referrals/{number}", code=1)
    consent_until(full, RUNNING)
    full.carehut("dead-letters", "replay", f"referrals/{number}")
    settle(full, "issued")
    (first,) = read(rabbit, 1)
    assert {"packet", "badge"} <= set(first.data)

    consent_until(full, OVER)
    shown = full.carehut("replay", "--to", AGENCY, *WHY)
    assert "1 of them without what is sealed in them: consent has run out" in shown
    settle(full, "issued")
    (again,) = read(rabbit, 1)
    assert (again.id, again.sequence) == (first.id, first.sequence)
    assert set(first.data) - set(again.data) == {"packet", "badge"}
    (entry,) = full.audited("referrals", "event.withheld")
    assert (entry.object_id, entry.detail["reason"]) == (first.id, "expired")
