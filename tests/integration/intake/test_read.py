"""Reading requests: who sees which, masked lists, and that each look is written down."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from services.intake.domain.errors import NotThere
from services.intake.use_cases.context import Context
from services.intake.use_cases.read_requests import (
    ListRequests,
    count_requests,
    list_requests,
    read_consents,
    read_history,
    read_request,
)
from services.intake.use_cases.submit_request import submit_request
from shared.audit import table as audit_log
from shared.identity import Forbidden, Principal
from tests.builders import OTHER_UNIT, STREET, Installation, a_command, a_person, a_principal

HUT = a_principal("hut")
NEIGHBOUR = a_principal("hut", unit=OTHER_UNIT)
SPECIALIST = a_principal("specialist")


def actions(context: Context) -> list[str]:
    with context.database.read() as connection:
        return list(connection.execute(sa.select(audit_log.c.action).order_by(audit_log.c.id)).scalars())


def test_the_desk_reads_back_what_it_filed(context: Context) -> None:
    legs = [
        {"programme": "dibao", "note": "屋顶漏雨", "beneficiary": {"relation": "child", "name": "李小雨"}}
    ]
    person = a_person(name="李明华")
    filed = submit_request(
        context, HUT, a_command("dibao", person=person, legs=legs, answers={"household_size": 3})
    )
    read = read_request(context, HUT, filed["id"])
    assert read["person"] == person
    assert read["answers"] == {"household_size": 3}
    assert read["receipt_code"] == filed["receipt_code"]
    assert read["legs"][0]["note"] == "屋顶漏雨"
    assert read["legs"][0]["beneficiary"] == {"relation": "child", "name": "李小雨"}
    assert read["consents"][0]["witnessed_by"] == "林秋禾"
    assert read["consents"][0]["programmes"] == ["dibao"]
    assert actions(context)[-1] == "request.opened"


@pytest.mark.parametrize("reader", [HUT, SPECIALIST], ids=["own desk", "street"])
def test_a_request_is_seen_by_its_desk_and_its_street(context: Context, reader: Principal) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    assert read_request(context, reader, filed["id"])["id"] == filed["id"]
    assert [item["id"] for item in list_requests(context, reader, ListRequests())] == [filed["id"]]


@pytest.mark.parametrize(
    "reader",
    [NEIGHBOUR, a_principal("specialist", unit="530103001")],
    ids=["neighbouring desk", "another street"],
)
def test_to_others_it_does_not_exist(context: Context, reader: Principal) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    for read in (read_request, read_history):
        with pytest.raises(NotThere):
            read(context, reader, filed["id"])
    assert list_requests(context, reader, ListRequests()) == []
    assert count_requests(context, reader) == {}


@pytest.mark.parametrize("role", ["grid", "coordinator", "operator", "auditor"])
def test_other_roles_read_no_requests(context: Context, role: str) -> None:
    with pytest.raises(Forbidden):
        list_requests(context, a_principal(role), ListRequests())


def test_what_is_no_id_does_not_exist(context: Context) -> None:
    with pytest.raises(NotThere):
        read_request(context, HUT, "PL-2026-000001")


def test_a_list_masks_names_and_is_written_down_once(context: Context) -> None:
    submit_request(context, HUT, a_command("dibao", person=a_person(name="李明华")))
    (item,) = list_requests(context, HUT, ListRequests())
    assert item["person"] == {"name": "李**"}
    assert actions(context).count("requests.listed") == 1


def test_pages_follow_each_other_without_gap_or_repeat(installation: Installation, context: Context) -> None:
    filed = []
    for _ in range(5):
        filed.append(submit_request(context, HUT, a_command("dibao"))["id"])
        installation.clock.move_to(installation.clock.now() + timedelta(minutes=1))
    seen: list[str] = []
    after = None
    while True:
        rows = list_requests(context, HUT, ListRequests(limit=2, after=after))
        seen += [row["id"] for row in rows[:2]]
        if len(rows) <= 2:
            break
        after = (rows[1]["created_at"], rows[1]["id"])
    assert seen == filed[::-1]


def test_requests_filed_in_the_same_moment_are_paged_too(context: Context) -> None:
    filed = {submit_request(context, HUT, a_command("dibao"))["id"] for _ in range(3)}
    first = list_requests(context, HUT, ListRequests(limit=1))[0]
    rest = list_requests(context, HUT, ListRequests(limit=5, after=(first["created_at"], first["id"])))
    assert {first["id"], *(row["id"] for row in rest)} == filed


def test_a_list_is_filtered_by_status(context: Context) -> None:
    submit_request(context, HUT, a_command("dibao"))
    assert len(list_requests(context, HUT, ListRequests(statuses=("submitted",)))) == 1
    assert list_requests(context, HUT, ListRequests(statuses=("ended", "withdrawn"))) == []


@pytest.mark.parametrize("what", ["number", "receipt_code", "name", "id_number", "phone"])
def test_a_request_is_found_by_whatever_the_desk_has_at_hand(context: Context, what: str) -> None:
    person = a_person()
    filed = submit_request(context, HUT, a_command("dibao", person=person))
    submit_request(context, HUT, a_command("dibao"))
    found = list_requests(context, HUT, ListRequests(search=f" {({**person, **filed})[what].lower()} "))
    assert [item["id"] for item in found] == [filed["id"]]
    assert actions(context)[-1] == "requests.searched"


def test_a_neighbours_person_is_not_found(context: Context) -> None:
    person = a_person()
    submit_request(context, NEIGHBOUR, a_command("dibao", person=person))
    assert list_requests(context, HUT, ListRequests(search=person["id_number"])) == []


def test_the_history_begins_with_the_filing(context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    (line,) = read_history(context, HUT, filed["id"])
    assert (line["fact"], line["staff"]) == ("submitted", "hut")


def test_consents_are_printed_by_the_desk_alone(context: Context) -> None:
    filed = submit_request(context, HUT, a_command("dibao"))
    head, consents = read_consents(context, HUT, filed["id"])
    assert head["number"] == filed["number"]
    assert len(consents) == 1
    assert actions(context)[-1] == "consent.printed"
    with pytest.raises(Forbidden):
        read_consents(context, SPECIALIST, filed["id"])


def test_counts_are_of_ones_own_unit_or_street(context: Context) -> None:
    submit_request(context, HUT, a_command("dibao"))
    submit_request(context, NEIGHBOUR, a_command("dibao"))
    assert count_requests(context, HUT) == {"submitted": 1}
    assert count_requests(context, a_principal("specialist", unit=STREET)) == {"submitted": 2}
