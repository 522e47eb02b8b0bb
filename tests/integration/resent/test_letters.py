"""Dead letters by command: tried again or passed over; what waited goes on in order, and nothing comes to life."""

from __future__ import annotations

import sqlalchemy as sa

from shared.inbox.tables import receipts
from tests.builders import SERVICES
from tests.integration.resent.site import HEADS, Site
from tests.waiting import until

SUBMITTED = "request.submitted.v1"
CANCEL = "referral.cancel-requested.v1"


def dead_at_referrals(site: Site) -> str:
    """File a request whose event is refused by a defect at referrals; gives the request's id."""
    filed = site.file("dibao")
    with site.working("intake", "referrals", broken={"referrals": SUBMITTED}):
        until(lambda: [state for _, state, _ in site.letters("referrals")] == ["dead"])
    return str(filed["id"])


def test_a_replayed_letter_opens_the_referral_and_everybody_is_told_in_order(site: Site) -> None:
    dead_at_referrals(site)
    ((number, _, _),) = site.letters("referrals")
    site.carehut("dead-letters", "replay", f"referrals/{number}")
    with site.working(*SERVICES):
        until(lambda: site.shown() == ["issued"])
    assert [state for _, state, _ in site.letters("referrals")] == ["replayed"]
    assert [entry.object_id for entry in site.audited("referrals", "dead-letter.replayed")] == [str(number)]


def test_a_replayed_letter_whose_withdrawal_waits_behind_it_opens_nothing(site: Site) -> None:
    request = dead_at_referrals(site)
    site.withdraw(request)
    with site.working("intake", "referrals", broken={"referrals": SUBMITTED}):
        until(lambda: len(site.letters("referrals")) == 2)
    (number, _, _), (_, waiting, type_) = site.letters("referrals")
    assert (waiting, type_) == ("waiting", CANCEL)
    site.carehut("dead-letters", "replay", f"referrals/{number}")
    with site.working(*SERVICES):
        until(lambda: site.shown() == ["cancelled"])
    assert site.statuses() == ["cancelled"]
    assert [state for _, state, _ in site.letters("referrals")] == ["replayed", "replayed"]


def test_a_withdrawal_that_has_not_left_yet_is_laid_beside_the_letter_that_is_replayed(site: Site) -> None:
    request = dead_at_referrals(site)
    site.withdraw(request)
    ((number, _, _),) = site.letters("referrals")
    said = site.carehut("dead-letters", "replay", f"referrals/{number}")
    assert "1 later events" in said
    with site.working("referrals"):
        until(lambda: site.statuses() == ["cancelled"])
    with site.working(*SERVICES):
        site.until_published("intake")
        until(lambda: site.shown() == ["cancelled"])
    assert site.receipts("referrals") == 2


def test_a_letter_that_waits_is_not_tried_before_its_predecessor(site: Site) -> None:
    site.withdraw(dead_at_referrals(site))
    with site.working("intake", "referrals", broken={"referrals": SUBMITTED}):
        until(lambda: len(site.letters("referrals")) == 2)
    (_, (number, _, _)) = site.letters("referrals")
    site.carehut("dead-letters", "replay", f"referrals/{number}")
    with site.working("referrals"):
        until(lambda: [state for _, state, _ in site.letters("referrals")] == ["dead", "waiting"])
    assert site.statuses() == []


def test_a_dismissed_letter_leaves_its_place_taken_and_what_waited_goes_on(site: Site) -> None:
    site.file("dibao")
    broken = {"intake": "referral.issued.v1"}
    with site.working(*SERVICES, broken=broken):
        until(lambda: [state for _, state, _ in site.letters("intake")] == ["dead"])
    site.acknowledge("civil-affairs")
    with site.working(*SERVICES, broken=broken):
        until(lambda: [state for _, state, _ in site.letters("intake")] == ["dead", "waiting"])
    (number, _, _), (behind, _, _) = site.letters("intake")
    refused = site.carehut("dead-letters", "dismiss", f"intake/{behind}", "--reason", "not now", code=1)
    assert "Event 1 of the same chain" in refused
    said = site.carehut("dead-letters", "dismiss", f"intake/{number}", "--reason", "told by telephone")
    assert "goes on" in said
    with site.working("intake"):
        until(lambda: site.shown() == ["received"])
    assert [state for _, state, _ in site.letters("intake")] == ["dismissed", "replayed"]
    with site.databases["intake"].read() as connection:
        taken = connection.execute(
            sa.select(receipts.c.sequence, receipts.c.dismissed)
            .where(receipts.c.subject.not_like(HEADS))
            .order_by(receipts.c.sequence)
        )
        assert [tuple(row) for row in taken] == [(1, True), (2, False)]
    (entry,) = site.audited("intake", "dead-letter.dismissed")
    assert (entry.reason, entry.detail["sequence"]) == ("told by telephone", 1)
    site.carehut("dead-letters", "replay", f"intake/{number}", code=1)
    assert "Nothing is missing" in site.carehut("reconcile")
