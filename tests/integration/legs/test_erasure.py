"""A person is erased everywhere, or kept where a law says so; nothing that comes late or again brings them back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from deploy.erasures import reapply, tombstones
from services.intake.domain.breaches import Breach
from services.intake.persistence import tables
from services.intake.persistence.rights_tables import contact_consents
from services.intake.use_cases.erase_person import (
    approve_erasure,
    ask_erasure,
    decline_erasure,
    list_erasures,
)
from services.intake.use_cases.erasure_answers import read_erasures, record_answer
from services.intake.use_cases.tick import tick
from services.notifications.persistence.tables import messages as told_messages
from services.referrals.domain.errors import PersonErased
from services.referrals.persistence.tables import history, messages, packets, referrals
from services.referrals.use_cases.no_longer import no_longer
from services.referrals.use_cases.open_packet import open_packet
from shared import ids
from shared.events import example
from shared.inbox.tables import receipts
from shared.outbox.tables import outbox
from shared.sealing.columns import sealed_tables
from tests.builders import a_principal, an_installation, the_district
from tests.conftest import MakeDatabase
from tests.integration.intake.paper_desk import caller
from tests.integration.legs.both_ways import HUT, BothWays
from tests.integration.notifications.post_room import PostRoom
from tests.integration.referrals.desk import delivery
from tests.integration.resent.site import PROGRAMME, with_system

AUDITOR = a_principal("auditor")
DESK = a_principal("desk", agency="civil-affairs")
SEALED = {
    "intake": (
        (tables.people, ("name_pinyin", "id_number", "phone", "birth_date", "household_registration")),
        (tables.people, ("name_index", "id_index", "phone_index")),
        (tables.requests, ("answers",)),
        (tables.legs, ("beneficiary", "note", "answer")),
        (tables.leg_events, ("answer", "words")),
        (tables.request_events, ("words",)),
        (tables.consents, ("particulars",)),
        (tables.former_consents, ("particulars",)),
        (tables.tasks, ("words",)),
        (tables.objections, ("words", "answer")),
        (contact_consents, ("mail",)),
    ),
    "referrals": (
        (packets, ("packet", "badge")),
        (messages, ("sealed",)),
        (referrals, ("index_name", "index_phone", "index_last4", "index_key")),
    ),
}


BESIDE = {"people.name", "drafts.body", "blobs.content_key", "blobs.sha256"}
"""A name of nobody; what was not filed; the keys of papers, whose rows go with the last paper."""


def left(ways: BothWays) -> dict[str, int]:
    """Count what is left in columns that told who somebody is, or what was said of them."""
    found = {}
    for service, listed in SEALED.items():
        with ways.installation.databases[service].read() as connection:
            for table, names in listed:
                for name in names:
                    count = connection.execute(sa.select(sa.func.count(table.c[name]))).scalar_one()
                    if count:
                        found[f"{service}.{table.name}.{name}"] = count
    return found


def withdrawn(ways: BothWays, **filing: Any) -> tuple[str, str, str]:
    """File, with words and a message, and withdraw before anybody has accepted; gives request, leg and person."""
    leg = {"programme": "dibao", "note": "门牌号有变"}
    made = ways.file("dibao", legs=[leg], answers={"household_size": 3}, **filing)
    request, leg_id = made["id"], made["legs"][0]["id"]
    ways.at_desk(leg_id, "acknowledge")
    ways.ask(request, leg_id, "message", {"text": "请上午来电"})
    ways.withdraw(request)
    return request, leg_id, str(ways.seen(request)["person_id"])


def erase(ways: BothWays, person: str) -> dict[str, Any]:
    asked = ask_erasure(ways.intake, HUT, person, "no-longer-needed")
    ways.later(minutes=1)
    done = approve_erasure(ways.intake, AUDITOR, asked["id"])
    ways.carry()
    return done


def post(ways: BothWays) -> PostRoom:
    """Hand everything referrals has told to notifications."""
    room = PostRoom(ways.installation)
    room.receive(*ways.told())
    return room


def test_whatever_intake_encrypts_about_a_request_is_looked_at_here() -> None:
    sealed = {
        f"{one.table.name}.{column.name}"
        for one in sealed_tables(tables.metadata)
        for column in one.columns
        if one.table is not tables.second_factors
    }
    looked_at = {f"{table.name}.{name}" for table, names in SEALED["intake"] for name in names}
    assert sealed - BESIDE <= looked_at


def test_nothing_that_tells_of_an_erased_person_is_left_anywhere(ways: BothWays) -> None:
    request, leg, person = withdrawn(ways)
    assert post(ways).letters() == []
    done = erase(ways, person)
    assert (done["state"], done["hold"]) == ("erased", None)
    assert left(ways) == {}
    room = post(ways)
    with room.parts.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(told_messages)).scalar_one() == 0
    read = ways.seen(request)
    assert (read["person"]["name"], read["answers"], read["possible"]) == ("", {}, [])
    assert read["history"][-1]["fact"] == "erased"
    assert ways.all_letters() == []
    with pytest.raises(PersonErased):
        open_packet(ways.parts, DESK, leg, "核对材料")


def test_events_that_lie_here_still_lose_what_is_sealed_in_them(ways: BothWays) -> None:
    _, leg, person = withdrawn(ways)
    erase(ways, person)
    for database in (ways.intake.database, ways.parts.database):
        with database.read() as connection:
            bodies = connection.execute(sa.select(outbox.c.body)).scalars().all()
        # A compact JWE begins with the base64 of {"alg": it would stand there in every one.
        assert not [body for body in bodies if b"eyJ" in body]
    assert ways.referral(leg).life.erased_at is not None
    assert ways.facts(leg)[-1] == "erased"


def test_open_legs_are_withdrawn_first(ways: BothWays, filed: tuple[str, str]) -> None:
    request, _ = filed
    seen = ways.seen(request)
    with pytest.raises(Breach) as refused:
        ask_erasure(ways.intake, HUT, seen["person_id"], "consent-withdrawn")
    assert refused.value.id == "legs-open"
    assert seen["legs"][0]["number"] in refused.value.explanation.en


def test_whoever_asked_does_not_decide_and_nothing_is_decided_twice(ways: BothWays) -> None:
    _, _, person = withdrawn(ways)
    asked = ask_erasure(ways.intake, HUT, person, "unlawful")
    assert [one["id"] for one in list_erasures(ways.intake, AUDITOR, after=None, limit=5)] == [asked["id"]]
    with pytest.raises(Breach, match="already"):
        ask_erasure(ways.intake, HUT, person, "unlawful")
    with pytest.raises(Breach, match="another person"):
        approve_erasure(ways.intake, replace(AUDITOR, staff=HUT.staff), asked["id"])
    declined = decline_erasure(ways.intake, AUDITOR, asked["id"], "identity-unclear")
    assert (declined["state"], declined["declined"]) == ("declined", "identity-unclear")
    with pytest.raises(Breach, match="decided already"):
        approve_erasure(ways.intake, AUDITOR, asked["id"])


def test_what_a_law_has_kept_is_stored_until_the_hold_ends_and_used_for_nothing(ways: BothWays) -> None:
    made = ways.file("dibao")
    request, leg = made["id"], made["legs"][0]["id"]
    for action, fields in (
        *(("acknowledge", {}), ("accept", {})),
        ("close", {"outcome": "approved", "amount": 650, "period": "monthly"}),
    ):
        ways.at_desk(leg, action, fields)
    person = str(ways.seen(request)["person_id"])
    done = erase(ways, person)
    assert (done["state"], done["hold"]["basis"]) == ("held", "closed-case")
    until = done["hold"]["until"]
    assert until - ways.installation.clock.now() > timedelta(days=5 * 365 - 30)
    read = ways.seen(request)
    assert (read["person"].get("id_number"), read["person"]["name"]) == (None, "")
    assert read["restricted_until"] == until
    with pytest.raises(Breach):
        ways.ask(request, leg, "rate", {"grade": 5})
    assert left(ways)
    ways.installation.clock.move_to(until - timedelta(days=1))
    tick(ways.intake)
    assert left(ways)
    ways.installation.clock.move_to(until)
    tick(ways.intake)
    ways.carry()
    assert left(ways) == {}
    assert [one["state"] for one in read_erasures(ways.intake, HUT, person)] == ["erased"]


def test_the_desk_takes_down_what_an_agency_answers(ways: BothWays) -> None:
    _, leg, person = withdrawn(ways)
    with pytest.raises(Breach, match="Nothing has been erased"):
        record_answer(ways.intake, HUT, person, leg=leg, answer="deleted")
    erase(ways, person)
    (holder,) = read_erasures(ways.intake, HUT, person)[0]["holders"]
    assert (holder["state"], holder["keys"]) == ("deleted", "platform")
    (holder,) = record_answer(ways.intake, HUT, person, leg=leg, answer="kept-by-law")["holders"]
    assert (holder["state"], holder["answer"]) == ("answered", "kept-by-law")


def test_delivering_everything_again_brings_nobody_back(ways: BothWays) -> None:
    _, leg, person = withdrawn(ways)
    erase(ways, person)
    bodies = said_by_intake(ways)
    ways.receiver([delivery(body) for body in bodies])
    ways.carry()
    assert (left(ways), ways.all_letters()) == ({}, [])
    # As after an empty database was put in its place: nothing of it had ever been received.
    with ways.parts.database.unit_of_work() as uow:
        for table in (packets, messages, history, referrals, receipts, outbox):
            uow.connection.execute(sa.delete(table))
    ways.receiver([delivery(body) for body in bodies])
    assert (left(ways), ways.letters()) == ({}, [])
    assert ways.referral(leg).life.erased_at is not None


def test_a_command_that_comes_after_the_tombstone_has_no_effect(ways: BothWays) -> None:
    request, leg, person = withdrawn(ways)
    reseal = example("referral.reseal-requested.v1")
    erase(ways, person)
    last = ways.asked(request)[-1]
    late = replace(
        reseal,
        id=ids.new(),
        subject=request,
        sequence=last.sequence + 1,
        correlation=request,
        data={**reseal.data, "referral": leg},
    )
    ways.receiver([delivery(late.internal())])
    assert (left(ways), ways.facts(leg)[-1]) == ({}, "reseal-refused")


def test_what_an_older_copy_brings_back_is_erased_again_from_the_list(ways: BothWays) -> None:
    request, _, person = withdrawn(ways)
    with ways.intake.database.read() as connection:
        before = {
            table: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in (tables.people, tables.requests)
        }
    erase(ways, person)
    listed = tombstones(ways.installation.databases)
    assert [one for one, _ in listed] == [request]
    with ways.intake.database.unit_of_work() as uow:
        for table, rows in before.items():
            for row in rows:
                uow.connection.execute(sa.update(table).where(table.c.id == row["id"]).values(**row))
        uow.connection.execute(sa.delete(tables.erasures))
        uow.connection.execute(
            sa.update(tables.requests).values(event_sequence=tables.requests.c.event_sequence + 10)
        )
    assert left(ways)
    assert reapply(ways.intake, ways.parts, PostRoom(ways.installation).parts, listed) == 1
    assert left(ways) == {}
    assert reapply(ways.intake, ways.parts, PostRoom(ways.installation).parts, listed) == 0


def said_by_intake(ways: BothWays) -> list[bytes]:
    with ways.intake.database.read() as connection:
        return list(connection.execute(sa.select(outbox.c.body).order_by(outbox.c.id)).scalars())


def test_the_page_says_that_the_person_was_erased_and_not_that_time_was_over(ways: BothWays) -> None:
    request, _, person = withdrawn(ways)
    erase(ways, person)
    page = caller(ways.intake)("GET", f"/intake/requests/{request}")
    assert page.status_code == 200
    assert "The person was erased on" in page.text
    assert "is over" not in page.text


def test_an_agency_with_a_key_of_its_own_is_asked_and_it_is_said_that_we_cannot_delete_there(
    database: MakeDatabase,
) -> None:
    ways = BothWays(an_installation(database, district=with_system(the_district())))
    made = ways.file(PROGRAMME)
    leg = made["legs"][0]["id"]
    person = str(ways.seen(made["id"])["person_id"])
    ways.withdraw(made["id"])
    erase(ways, person)
    (holder,) = read_erasures(ways.intake, HUT, person)[0]["holders"]
    assert (holder["keys"], holder["state"]) == ("own", "asked")
    assert "We can neither see nor delete it there" in holder["statement"]["en"]
    assert ways.told(leg)[-1].data["keys"] == "own"
    with ways.parts.database.read() as connection:
        assert no_longer(connection, [leg]) == {leg: "erased"}
    (holder,) = record_answer(ways.intake, HUT, person, leg=leg, answer="refused")["holders"]
    assert (holder["state"], holder["answer"]) == ("answered", "refused")
