"""Why a packet is opened is kept in the log, which is to name nobody."""

from __future__ import annotations

import pytest

from services.referrals.domain.errors import BadFields
from services.referrals.use_cases.open_packet import open_packet
from tests.builders import a_principal
from tests.integration.referrals.desk import PERSON, Road, leg_of

NAMING = [f"核对{PERSON['name']}的材料", f"电话 {PERSON['phone'][:3]} {PERSON['phone'][3:]}"]


@pytest.mark.parametrize("reason", NAMING)
def test_a_reason_that_says_who_opens_nothing_and_is_not_kept(road: Road, reason: str) -> None:
    leg = leg_of(road.file("dibao", person=PERSON))
    with pytest.raises(BadFields) as refused:
        open_packet(road.parts, a_principal("desk", agency="civil-affairs"), leg, reason)
    assert [fault.field for fault in refused.value.faults] == ["reason"]
    assert not road.audited("packet.opened")
    (line,) = road.audited("access.refused")
    assert (line.object_id, line.reason) == (leg, None)


@pytest.mark.parametrize("reason", ["核对收入材料", "核对戒毒情况"])
def test_any_other_reason_opens_it_and_is_kept(road: Road, reason: str) -> None:
    # A desk that was refused a telling word would learn from that which words tell.
    leg = leg_of(road.file("dibao", person=PERSON))
    opened = open_packet(road.parts, a_principal("desk", agency="civil-affairs"), leg, reason)
    assert opened.body["person"]["name"] == PERSON["name"]
    (line,) = road.audited("packet.opened")
    assert (line.object_id, line.reason) == (leg, reason)
