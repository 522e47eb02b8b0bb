"""Filing a request: what is stored, what is told, what stays sealed."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from services.intake.domain.errors import InvalidFiling, NoPost
from services.intake.persistence import tables
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from shared.audit import table as audit_log
from shared.events import Event, parse
from shared.identity import Forbidden
from shared.outbox.tables import outbox
from tests.builders import (
    FOUR_PROGRAMMES,
    HUT_UNIT,
    OTHER_UNIT,
    STREET,
    Installation,
    a_command,
    a_consent,
    a_person,
    a_principal,
)

HUT = a_principal("hut")
STORED = (tables.people, tables.requests, tables.legs, tables.consents, outbox, audit_log)


def rows_of(context: Context, table: sa.Table) -> list[dict[str, Any]]:
    with context.database.read() as connection:
        return [dict(row) for row in connection.execute(sa.select(table)).mappings()]


def events_of(context: Context) -> list[Event]:
    with context.database.read() as connection:
        bodies = connection.execute(sa.select(outbox.c.body).order_by(outbox.c.id)).scalars()
        return [parse(body) for body in bodies]


def test_a_request_is_filed_at_the_unit_of_the_post(context: Context) -> None:
    filed = submit_request(context, HUT, a_command())
    (stored,) = rows_of(context, tables.requests)
    assert filed["id"] == stored["id"]
    assert filed["number"] == stored["number"] == "PL-2026-000001"
    assert (stored["unit"], stored["street"], stored["status"], stored["version"]) == (
        HUT_UNIT,
        STREET,
        "submitted",
        1,
    )
    assert [leg["programme"] for leg in filed["legs"]] == list(FOUR_PROGRAMMES)
    assert {leg["status"] for leg in filed["legs"]} == {"planned"}
    assert filed["receipt_code"] == context.keyring.receipt_code(filed["id"])


def test_one_event_starts_the_referrals(context: Context) -> None:
    filed = submit_request(context, HUT, a_command(urgency="urgent"))
    (submitted,) = events_of(context)
    assert (submitted.type, submitted.subject, submitted.sequence) == ("request.submitted.v1", filed["id"], 1)
    data: Any = submitted.data
    assert data["pack"] == context.directory.current().version
    assert (data["unit"], data["street"], data["urgency"]) == (HUT_UNIT, STREET, "urgent")
    assert [leg["id"] for leg in data["legs"]] == [leg["id"] for leg in filed["legs"]]
    assert data["legs"][0]["rules"] == context.directory.current().leg_rules("dibao")


def test_outside_intake_a_clinical_leg_is_a_health_service(context: Context) -> None:
    submit_request(context, HUT, a_command("psy", "mmt"))
    for event in events_of(context):
        plain = orjson.dumps(event.data).decode()
        assert '"psy"' not in plain
        assert '"mmt"' not in plain
        assert "health-service" in plain


def test_each_agency_opens_its_own_packet_and_badge(installation: Installation, context: Context) -> None:
    person = a_person(name="李明华", id_number="990000198503120019", birth_date="1985-03-12")
    consent = a_consent("civil-affairs", ("dibao",), data_kinds=["identity", "income"])
    answers = {"income_per_head": 420, "household_size": 3}
    submit_request(context, HUT, a_command("dibao", person=person, consents=[consent], answers=answers))
    data: Any = events_of(context)[0].data
    (leg,) = data["legs"]
    agencies = installation.keyring("referrals")
    packet = agencies.open(leg["packet"], "civil-affairs", "packet", leg["id"], sender="intake").body
    assert packet["person"] == {
        "name": "李明华",
        "id_number": "990000198503120019",
        "birth_date": "1985-03-12",
    }
    assert packet["answers"] == {"income_per_head": 420}
    badge = agencies.open(leg["badge"], "civil-affairs", "badge", leg["id"]).body
    assert badge == {"programme": "dibao", "name": "李**", "id_number": "990000********0019"}
    assert leg["index"]["name"] == agencies.index.looked_for("civil-affairs", "name", "李明华")[0]
    assert leg["index"]["initials"] == agencies.index.looked_for("civil-affairs", "initials", "lmh")[0]
    assert leg["index"]["last4"] == agencies.index.looked_for("civil-affairs", "last4", "0019")[0]
    assert leg["index"]["phone"] is None, "no consent to contact data"


def test_nothing_that_names_the_person_lies_in_the_database(context: Context) -> None:
    person = a_person(name="李明华", phone="13812345678", name_pinyin="Li Minghua")
    legs = [
        {"programme": "dibao", "note": "屋顶漏雨", "beneficiary": {"relation": "child", "name": "李小雨"}}
    ]
    submit_request(
        context, HUT, a_command("dibao", person=person, legs=legs, answers={"hardship_note": "失业两年"})
    )
    words = (
        "李明华",
        "13812345678",
        "Minghua",
        person["id_number"],
        "屋顶漏雨",
        "李小雨",
        "失业两年",
        "林秋禾",
    )
    for table in STORED:
        for row in rows_of(context, table):
            for value in row.values():
                plain = value if isinstance(value, bytes) else str(value).encode()
                assert not [word for word in words if word.encode() in plain], table.name


@pytest.mark.parametrize("wrong", ["person.residence", "legs.0.programme"])
def test_a_refused_filing_stores_nothing(context: Context, wrong: str) -> None:
    before = [rows for table in STORED for rows in rows_of(context, table)]
    wrongs: dict[str, dict[str, Any]] = {
        "person.residence": {"person": a_person(residence="110101001001")},
        "legs.0.programme": {"consents": []},
    }
    with pytest.raises(InvalidFiling) as refused:
        submit_request(context, HUT, a_command("dibao", **wrongs[wrong]))
    assert [fault.field for fault in refused.value.faults] == [wrong]
    assert [rows for table in STORED for rows in rows_of(context, table)] == before


def test_the_same_need_again_at_the_same_desk_is_accepted_with_a_warning(context: Context) -> None:
    person = a_person()
    first = submit_request(context, HUT, a_command("dibao", "pension", person=person))
    again = submit_request(context, HUT, a_command("dibao", person=person))
    (warning,) = again["warnings"]
    assert (warning["code"], warning["field"], warning["number"]) == (
        "duplicate",
        "legs.0.programme",
        first["number"],
    )
    assert first["number"] in warning["messages"]["zh"]


def test_a_duplicate_at_another_desk_is_told_to_nobody_but_the_log(context: Context) -> None:
    person = a_person()
    submit_request(context, a_principal("hut", unit=OTHER_UNIT), a_command("dibao", person=person))
    filed = submit_request(context, HUT, a_command("dibao", person=person))
    assert filed["warnings"] == []
    lines = [row for row in rows_of(context, audit_log) if row["action"] == "duplicate.looked-up"]
    assert [(line["object_id"], line["detail"]) for line in lines] == [
        (filed["id"], {"found": "duplicate_of_other_unit"})
    ]


def test_another_need_of_the_same_person_is_no_duplicate(context: Context) -> None:
    person = a_person()
    submit_request(context, HUT, a_command("dibao", person=person))
    assert submit_request(context, HUT, a_command("pension", person=person))["warnings"] == []


def test_what_does_not_fit_together_is_accepted_with_a_warning(context: Context) -> None:
    person = a_person(birth_date="1970-01-01", household_registration="532300")
    filed = submit_request(context, HUT, a_command("dibao", person=person))
    assert [warning["code"] for warning in filed["warnings"]] == [
        "birth-date-differs",
        "registered-elsewhere",
    ]


def test_numbers_run_on_and_never_repeat_between_processes(installation: Installation) -> None:
    one, other = installation.intake(), installation.intake()
    numbers = [
        submit_request(process, HUT, a_command("dibao"))["number"] for process in (one, other, one, other)
    ]
    assert len(set(numbers)) == 4
    assert numbers[0] == "PL-2026-000001"
    assert numbers[2] == "PL-2026-000002"


def test_one_consent_is_stored_per_agency_and_programme(context: Context) -> None:
    consents = [a_consent("civil-affairs", ("dibao", "temp-spend", "tekun"))]
    submit_request(context, HUT, a_command("dibao", consents=consents))
    assert [row["programme"] for row in rows_of(context, tables.consents)] == ["dibao", "temp-spend", "tekun"]


@pytest.mark.parametrize("role", ["grid", "specialist", "coordinator", "auditor", "operator"])
def test_nobody_files_but_the_desk(context: Context, role: str) -> None:
    with pytest.raises(Forbidden):
        submit_request(context, a_principal(role), a_command())


def test_a_post_at_a_unit_of_another_district_files_nothing(context: Context) -> None:
    with pytest.raises(NoPost):
        submit_request(context, a_principal("hut", unit="141002201200"), a_command())
