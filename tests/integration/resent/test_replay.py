"""carehut replay and reconcile: shown before done, audited, without second effect, and no sealed data to strangers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from shared.events import Event, parse
from shared.inbox.tables import dead_letters, receipts
from shared.messaging.topology import inbox_of
from shared.outbox.tables import outbox
from tests.builders import SERVICES
from tests.integration.resent.site import AGENCY, HEADS, PROGRAMME, Site
from tests.messaging.brokers import Inbox, Rabbit, Running
from tests.waiting import until

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
WHY = ("--yes", "--reason", "restored from yesterday's copy")


def settle(site: Site, status: str) -> None:
    """Run every worker until intake shows the one leg so, and everything has left and arrived."""
    with site.working(*SERVICES):
        until(lambda: site.shown() == [status])
        site.until_published("intake", "referrals")


def rows(site: Site, service: str) -> int:
    """Count what a service still has to publish."""
    return site.count(
        service,
        sa.select(sa.func.count())
        .select_from(outbox)
        .where(outbox.c.published_at.is_(None), outbox.c.subject.not_like(HEADS)),
    )


def forget(site: Site, service: str) -> None:
    """Take a service's receipts and letters away, as a lost queue or an old copy of its database would."""
    with site.databases[service].unit_of_work() as uow:
        for table in (receipts, dead_letters):
            uow.connection.execute(sa.delete(table))


def read(rabbit: Rabbit, number: int) -> Sequence[Event]:
    """Read what lies in the agency's inbox, as its own system would."""
    inbox = Inbox()
    with Running(rabbit.url("admin"), [inbox_of(AGENCY)], inbox):
        until(lambda: len(inbox.bodies) == number, what=f"{number} messages for {AGENCY}")
    return [parse(body) for body in inbox.bodies]


def test_nothing_is_sent_before_the_operator_says_so_and_then_it_is_audited(site: Site) -> None:
    request = str(site.file("dibao")["id"])
    settle(site, "issued")
    shown = site.carehut("replay", "--subject", request)
    assert "intake → referrals: 1, 0 of which it does not have yet" in shown
    assert "Nothing has been sent" in shown
    assert rows(site, "intake") == 0
    assert "1 events again" in site.carehut("replay", "--subject", request, *WHY)
    assert rows(site, "intake") == 1
    (entry,) = site.audited("intake", "events.replayed")
    assert (entry.object_id, entry.reason, entry.detail["count"]) == (request, WHY[-1], 1)


def test_what_was_delivered_again_has_no_second_effect(site: Site) -> None:
    site.file("dibao")
    settle(site, "issued")
    before = [site.receipts(name) for name in SERVICES]
    site.carehut("replay", "--since", "2026-01-01", *WHY)
    assert rows(site, "referrals") == 1
    settle(site, "issued")
    assert [site.receipts(name) for name in SERVICES] == before
    assert site.statuses() == ["issued"]


def test_one_receiver_alone_can_be_named_and_a_stranger_is_refused(site: Site) -> None:
    site.file("dibao")
    settle(site, "issued")
    forget(site, "notifications")
    heads = site.heads("referrals")
    shown = site.carehut("replay", "--to", "notifications")
    assert f"referrals → notifications: {1 + heads}, {1 + heads} of which it does not have yet" in shown
    assert "→ intake" not in shown
    assert "→ referrals" not in shown
    assert "receives no events" in site.carehut("replay", "--to", "police", code=1)
    assert "at least one" in site.carehut("replay", code=2)
    assert "needs --reason" in site.carehut("replay", "--to", "intake", "--yes", code=2)
    assert "nothing to deliver" in site.carehut("replay", "--until", "2020-01-01")


def test_a_request_lost_on_its_way_and_withdrawn_meanwhile_never_stands_open(
    site: Site,
) -> None:
    request = str(site.file("dibao")["id"])
    site.withdraw(request)
    with site.databases["intake"].unit_of_work() as uow:
        # Published long ago, to a queue that has been deleted since.
        uow.connection.execute(sa.update(outbox).values(published_at=LONG_AGO))
    site.carehut("reconcile")
    assert [state for _, state, _ in site.letters("referrals")] == ["waiting"]
    settle(site, "cancelled")
    assert site.statuses() == ["cancelled"]


@pytest.mark.postgres
@pytest.mark.rabbitmq
def test_an_agencys_system_gets_it_again_and_without_the_packet_once_the_leg_is_cancelled(
    full: Site, rabbit: Rabbit
) -> None:
    request = str(full.file(PROGRAMME)["id"])
    settle(full, "issued")
    (first,) = read(rabbit, 1)
    assert {"packet", "badge"} <= set(first.data)

    shown = full.carehut("replay", "--to", AGENCY, *WHY)
    assert f"referrals → {AGENCY}: 1" in shown
    assert "without" not in shown
    settle(full, "issued")
    assert [event.data for event in read(rabbit, 1)] == [first.data]

    full.withdraw(request)
    settle(full, "cancelled")
    assert [event.type for event in read(rabbit, 2)] == ["referral.cancelled.v1", "referral.cancel-done.v1"]
    shown = full.carehut("replay", "--to", AGENCY, *WHY)
    assert f"referrals → {AGENCY}: 3" in shown
    assert "1 of them without what is sealed in them: cancelled" in shown
    settle(full, "cancelled")
    again = read(rabbit, 3)
    assert [event.sequence for event in again] == [1, 2, 3]
    assert again[0].id == first.id
    assert set(first.data) - set(again[0].data) == {"packet", "badge"}
    (entry,) = full.audited("referrals", "event.withheld")
    assert (entry.object_id, entry.detail["reason"]) == (first.id, "cancelled")


@pytest.mark.postgres
@pytest.mark.rabbitmq
def test_a_packet_that_has_not_left_when_its_leg_is_cancelled_never_leaves(
    full: Site, rabbit: Rabbit
) -> None:
    request = str(full.file(PROGRAMME)["id"])
    full.withdraw(request)
    broken = {"referrals": "request.submitted.v1"}
    with full.working("intake", "referrals", broken=broken):
        until(lambda: len(full.letters("referrals")) == 2)
    ((number, _, _), _) = full.letters("referrals")
    full.carehut("dead-letters", "replay", f"referrals/{number}")
    settle(full, "cancelled")
    told = read(rabbit, 3)
    assert [event.sequence for event in told] == [1, 2, 3]
    assert not {"packet", "badge"} & set(told[0].data)
    assert len(full.audited("referrals", "event.withheld")) == 1
