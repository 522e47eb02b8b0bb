"""What was exchanged in the databases for another sealed packet is refused where it is read, and written down."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from services.intake.bootstrap import web
from services.intake.persistence import tables as at_intake
from services.referrals.persistence import tables as at_referrals
from shared import audit
from tests.builders import a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays
from tests.integration.referrals.desk import leg_of

NAME = "李秀英"


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    """An installation on SQLite."""
    return BothWays(an_installation(sqlite_database))


def exchange(ways: BothWays, one: str, other: str) -> None:
    packets = at_referrals.packets
    with ways.parts.database.unit_of_work() as uow:
        found = {
            row.referral_id: row.packet
            for row in uow.connection.execute(sa.select(packets.c.referral_id, packets.c.packet))
        }
        for to, of in ((one, other), (other, one)):
            statement = sa.update(packets).where(packets.c.referral_id == to).values(packet=found[of])
            uow.connection.execute(statement)


def test_a_packet_put_with_another_leg_is_not_opened(ways: BothWays) -> None:
    legs = [leg_of(ways.file("dibao", person={**_somebody(), "name": name})) for name in (NAME, "王建国")]
    exchange(ways, *legs)
    desk = ways.caller(ways.app(), "desk", agency="civil-affairs")

    answer = desk.post(f"/referrals/{legs[0]}/packet/open", {"reason": "to decide"})

    assert answer.status_code == 409
    assert NAME not in answer.text
    assert "王建国" not in answer.text
    (written,) = ways.audited("access.refused")
    assert (written.object_id, written.actor) == (legs[0], desk.principal.staff)


def test_an_answer_another_agency_has_sealed_is_not_shown_and_darkens_nothing(ways: BothWays) -> None:
    filed = ways.file("dibao")
    leg = leg_of(filed)
    forged = ways.parts.keyring.seal(
        "intake",
        "health",
        leg,
        "answer",
        {"action": "close", "note": "不是民政写的"},
        now=ways.installation.clock.now(),
    )
    with ways.intake.database.unit_of_work() as uow:
        statement = sa.update(at_intake.legs).where(at_intake.legs.c.id == leg).values(answer=forged)
        uow.connection.execute(statement)

    answer = (
        web(ways.intake, public_url="http://127.0.0.1")
        .test_client()
        .get(f"/intake/api/v1/requests/{filed['id']}", headers=_hut(ways))
    )

    assert answer.status_code == 200
    assert "不是民政写的" not in answer.text
    with ways.intake.database.read() as connection:
        (written,) = audit.search(connection, audit.AuditQuery(action="packet.refused"), limit=5)
    assert (written.object_id, written.detail) == (leg, {"reason": "wrong-sender"})


def _somebody() -> dict[str, Any]:
    return {"phone": "13800001234", "residence": "530103004007"}


def _hut(ways: BothWays) -> dict[str, str]:
    token = ways.intake.keyring.tokens.sign(a_principal(), ways.installation.clock.now())
    return {"Authorization": f"Bearer {token}"}
