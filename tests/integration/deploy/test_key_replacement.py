"""Keys that sign and receive are replaced in the middle of things: nobody is signed out, every packet still opens."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn

import pytest
import sqlalchemy as sa

from deploy.key_life import SETTLED, By, KeyRefused, listed, retire, rotate
from deploy.key_moves import move_over
from deploy.key_needs import needs
from deploy.keys import provision
from services.intake.use_cases.sign_in import IDLE
from services.intake.use_cases.submit_request import submit_request
from services.referrals.persistence.tables import packets
from shared.db import Database, Once
from shared.identity import Principal
from shared.sealing import CannotOpen, Key, Keyring, Use
from shared.sealing.encryption import start_of
from tests.builders import SERVICES, a_command, an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import HUT, BothWays
from tests.rotation import ground

BY = By("operator", approver="auditor")
TO_THE_AGENCY = (Use.PACKET_RECEIVING, "civil-affairs")
TO_INTAKE = (Use.PACKET_RECEIVING, "intake")


@pytest.fixture
def ways(sqlite_database: MakeDatabase) -> BothWays:
    return BothWays(an_installation(sqlite_database))


def put_in_place(ways: BothWays, place: tuple[Use, str]) -> Key:
    """Replace a key, let the time go by, and have every process look at its keys again; gives the one before."""
    made, clock = ways.installation, ways.installation.clock
    ways.later(minutes=1)
    old = next(
        one.key
        for one in listed(made.databases, made.master, clock.now())
        if (one.key.use, one.key.owner) == place and one.state == "current"
    )
    rotate(made.databases, made.master, made.district, place, clock.now(), BY)
    clock.move_to(clock.now() + SETTLED + timedelta(seconds=1))
    look_again(ways)
    return old


def look_again(ways: BothWays) -> None:
    for keyring in (*ways.installation.keyrings.values(), ways.parts.keyring):
        keyring.load()


def destroy(ways: BothWays, key: Key) -> None:
    made = ways.installation
    retire(made.databases, made.master, key.kid, made.clock.now(), BY)
    look_again(ways)


def move(ways: BothWays, place: tuple[Use, str]) -> int:
    return sum(step.rows for _, step in move_over(ground(ways.installation), place, BY))


def test_nobody_who_is_signed_in_notices_a_new_signing_key(ways: BothWays) -> None:
    made, clock = ways.installation, ways.installation.clock
    place = (Use.TOKEN_SIGNING, made.district.code)
    session = Principal("s-1", "a-session", ())
    clock.move_to(clock.now() + timedelta(minutes=5))
    before = made.keyring("intake").tokens.sign(session, clock.now())
    old = put_in_place(ways, place)
    signed = clock.now()
    after = made.keyring("intake").tokens.sign(session, signed)

    for service in SERVICES:
        for token in (before, after):
            assert made.keyring(service).tokens.verify(token, clock.now()).staff == "s-1"
    assert before.split(".")[0] != after.split(".")[0], "another key signed"
    with pytest.raises(KeyRefused, match="is still shown until"):
        destroy(ways, old)

    clock.move_to(signed + IDLE)
    destroy(ways, old)
    later = made.keyring("intake").tokens.sign(session, clock.now())
    assert made.keyring("referrals").tokens.verify(later, clock.now()).staff == "s-1"


def test_packets_of_before_are_read_until_the_key_is_destroyed(ways: BothWays) -> None:
    leg = ways.file("dibao")["legs"][0]["id"]
    old = put_in_place(ways, TO_THE_AGENCY)
    later = ways.file("dibao")["legs"][0]["id"]

    assert ways.opened(leg)["programme"] == ways.opened(later)["programme"] == "dibao"
    with pytest.raises(KeyRefused, match=r"referrals\.packets \(1\)"):
        destroy(ways, old)


def test_packets_move_over_to_the_new_key_with_their_senders_signature(ways: BothWays) -> None:
    leg = ways.file("dibao")["legs"][0]["id"]
    with ways.parts.database.read() as connection:
        (kept,) = connection.execute(sa.select(packets.c.packet)).scalars()
    old = put_in_place(ways, TO_THE_AGENCY)

    assert move(ways, TO_THE_AGENCY) == 1
    assert needs(ways.installation.databases, old) == {}
    destroy(ways, old)

    assert ways.opened(leg)["programme"] == "dibao"
    with pytest.raises(CannotOpen):
        ways.parts.keyring.open(kept, "civil-affairs", "packet", leg)


def test_what_agencies_answered_moves_over_too(ways: BothWays) -> None:
    made = ways.file("dibao")
    leg = made["legs"][0]["id"]
    ways.at_desk(leg, "acknowledge")
    ways.at_desk(leg, "request-documents", {"papers": ["id-card"], "note": "请补交身份证"})
    old = put_in_place(ways, TO_INTAKE)
    before = ways.seen(made["id"])

    assert move(ways, TO_INTAKE)
    destroy(ways, old)

    assert ways.seen(made["id"])["legs"] == before["legs"]


def test_an_event_on_its_way_keeps_the_key_it_is_sealed_to(ways: BothWays) -> None:
    submit_request(ways.intake, HUT, a_command("dibao"))
    old = put_in_place(ways, TO_THE_AGENCY)
    with pytest.raises(KeyRefused, match=r"intake\.outbox \(1\)"):
        destroy(ways, old)
    ways.carry()
    move(ways, TO_THE_AGENCY)
    destroy(ways, old)


def test_what_was_signed_before_can_be_checked_for_good(ways: BothWays) -> None:
    leg = ways.file("dibao")["legs"][0]["id"]
    old = put_in_place(ways, (Use.PACKET_SIGNING, "intake"))
    destroy(ways, old)
    later = ways.file("dibao")["legs"][0]["id"]

    assert ways.opened(leg)["programme"] == ways.opened(later)["programme"]


def test_a_replacement_cut_short_is_completed_by_the_next_look(ways: BothWays) -> None:
    made, clock = ways.installation, ways.installation.clock
    ways.later(minutes=1)
    taken_away = {**made.databases, "intake": ReadOnly(made.databases["intake"].url)}
    with pytest.raises(ConnectionError):
        rotate(taken_away, made.master, made.district, TO_THE_AGENCY, clock.now(), BY)
    assert len(held(ways)) == 2

    provision(made.databases, made.master, made.district, clock.now())

    assert held(ways) == [{"intake": False, "referrals": True}] * 2


class ReadOnly(Database):
    """A database that goes away when somebody wants to write."""

    def unit_of_work(self, *, once: Once | None = None) -> NoReturn:
        """Go away."""
        raise ConnectionError(once)


def held(ways: BothWays) -> list[dict[str, bool]]:
    found = listed(ways.installation.databases, ways.installation.master, ways.installation.clock.now())
    return [dict(one.held) for one in found if (one.key.use, one.key.owner) == TO_THE_AGENCY]


@pytest.mark.parametrize("use", [Use.RECEIPT_CODE, Use.INDEX])
def test_by_what_people_are_recognised_for_years_stays(ways: BothWays, use: Use) -> None:
    made = ways.installation
    with pytest.raises(KeyRefused, match="what was printed or counted"):
        rotate(made.databases, made.master, made.district, (use, "intake"), made.clock.now(), BY)


def test_every_jwe_of_a_key_begins_alike(ways: BothWays) -> None:
    keyring: Keyring = ways.installation.keyring("intake")
    now = ways.installation.clock.now()
    kid = keyring._now().current(*TO_THE_AGENCY).kid
    sealed = [keyring.seal("civil-affairs", "intake", "leg", "badge", {"n": n}, now=now) for n in range(20)]

    assert all(one.startswith(start_of(kid)) for one in sealed)
