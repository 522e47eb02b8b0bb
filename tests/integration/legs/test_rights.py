"""What a person may ask for: who was given what and who looked, a copy of it all, objection."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import NotThere, OutOfReach
from services.intake.use_cases.disclosures import read_disclosures
from services.intake.use_cases.export_person import export_person
from services.intake.use_cases.object_to import answer_objection, object_to
from services.intake.use_cases.submit_request import submit_request
from services.referrals.use_cases.desk_messages import read_messages
from services.referrals.use_cases.open_packet import open_packet
from shared.audit import AuditQuery, search
from shared.audit.quota import QuotaSpent
from shared.identity import Forbidden
from tests.builders import a_command, a_person, a_principal, id_number
from tests.integration.legs.both_ways import HUT, BothWays

DESK = a_principal("desk", agency="civil-affairs")
OTHER_UNIT = "530103004008"


def person_of(ways: BothWays, request: str) -> str:
    return str(ways.seen(request)["person_id"])


def look(ways: BothWays, leg: str, reason: str = "核对材料") -> None:
    ways.later(minutes=1)
    open_packet(ways.parts, DESK, leg, reason)
    ways.carry()


def test_the_person_is_told_who_was_given_what_and_who_looked_for_what_reason(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    look(ways, leg)
    sent, opened = read_disclosures(ways.intake, HUT, person_of(ways, request))
    assert (sent["kind"], sent["agency"], sent["what"], sent["basis"]) == (
        *("sent", "civil-affairs", "packet", "consent"),
    )
    assert "identity" in sent["data_kinds"]
    assert {"name", "id_number"} <= set(sent["fields"])
    assert (opened["kind"], opened["what"], opened["post"], opened["reason"]) == (
        *("opened", "packet", "desk", "核对材料"),
    )


def test_that_somebody_looked_crosses_over_without_a_word_of_why(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    _, leg = filed
    version = ways.referral(leg).version
    look(ways, leg, "电话核实住址")
    told = ways.told(leg)[-1]
    assert told.type == "referral.opened.v1"
    assert "电话" not in told.internal().decode()
    assert ways.referral(leg).version == version
    assert ways.all_letters() == []


def test_a_message_that_was_read_is_told_too(ways: BothWays, filed: tuple[str, str]) -> None:
    request, leg = filed
    ways.ask(request, leg, "message", {"text": "请上午来电"})
    ways.later(minutes=1)
    read_messages(ways.parts, DESK, leg)
    ways.carry()
    lines = read_disclosures(ways.intake, HUT, person_of(ways, request))
    assert [(line["kind"], line["what"]) for line in lines] == [
        *(("sent", "packet"), ("sent", "message"), ("opened", "messages")),
    ]


def test_a_copy_holds_all_requests_of_the_person_at_the_desk_in_plain_words(ways: BothWays) -> None:
    person = a_person(id_number=id_number())
    made, again = ways.file("dibao", person=person), ways.file("pension", person=person)
    request, leg = made["id"], made["legs"][0]["id"]
    look(ways, leg)
    copy = export_person(ways.intake, HUT, person_of(ways, request), "本人申请查阅")
    assert {one["id"] for one in copy["requests"]} == {request, again["id"]}
    (first,) = (one for one in copy["requests"] if one["id"] == request)
    assert first["person"]["id_number"] == person["id_number"]
    assert [line["kind"] for line in first["disclosures"]] == ["sent", "opened"]
    assert [(one["agency"], one["state"]) for one in first["holders"]] == [("civil-affairs", "holds")]
    assert any(line["fact"] == "opened" for line in first["history"])


def test_other_desks_are_asked_for_theirs_and_neither_learns_of_the_other(ways: BothWays) -> None:
    person = a_person(id_number=id_number())
    here = ways.file("dibao", person=person)["id"]
    elsewhere = a_principal("hut", unit=OTHER_UNIT)
    there = submit_request(ways.intake, elsewhere, a_command("pension", person=person))["id"]
    copy = export_person(ways.intake, HUT, person_of(ways, here), "本人申请查阅")
    assert [one["id"] for one in copy["requests"]] == [here]
    assert ways.tasks(there)[-1] == "copy-elsewhere"
    assert "copy-elsewhere" not in ways.tasks(here)
    with pytest.raises(OutOfReach):
        export_person(ways.intake, elsewhere, person_of(ways, here), "本人申请查阅")


def test_only_the_own_desk_may(ways: BothWays, filed: tuple[str, str]) -> None:
    request, _ = filed
    person = person_of(ways, request)
    for role in ("specialist", "auditor", "coordinator"):
        with pytest.raises(Forbidden):
            export_person(ways.intake, a_principal(role), person, "本人申请查阅")
    with pytest.raises(NotThere):
        read_disclosures(ways.intake, HUT, "019aae10-4c01-7c42-8a10-6d5b3e9f7cff")


def test_nobody_takes_more_copies_in_a_day_than_a_desk_needs(
    ways: BothWays, filed: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shared.audit.quota.QUOTAS", {"person.exported": 2})
    person = person_of(ways, filed[0])
    for _ in range(2):
        export_person(ways.intake, HUT, person, "本人申请查阅")
    with pytest.raises(QuotaSpent) as refused:
        export_person(ways.intake, HUT, person, "本人申请查阅")
    assert 0 < refused.value.again_in <= 24 * 3600
    with ways.intake.database.read() as connection:
        (line,) = search(connection, AuditQuery(action="export.refused"), limit=10)
    assert line.actor == HUT.staff
    ways.later(days=1)
    assert export_person(ways.intake, HUT, person, "本人申请查阅")["requests"]


def test_an_objection_reaches_whoever_holds_the_data_and_is_answered(
    ways: BothWays, filed: tuple[str, str]
) -> None:
    request, leg = filed
    person = person_of(ways, request)
    ways.later(minutes=1)
    made = object_to(ways.intake, HUT, person, "请不要电话联系我的邻居")
    ways.carry()
    assert [(one["agency"], one["sent"]) for one in made["legs"]] == [("civil-affairs", True)]
    assert [one.text for one in read_messages(ways.parts, DESK, leg)] == ["请不要电话联系我的邻居"]
    assert "objection" in ways.tasks(request)
    ways.later(minutes=1)
    done = answer_objection(ways.intake, HUT, person, made["id"], "upheld", "今后只打本人电话")
    assert (done["outcome"], done["answer"]) == ("upheld", "今后只打本人电话")
    assert "objection" not in ways.tasks(request)
    with pytest.raises(Breach, match="answered already"):
        answer_objection(ways.intake, HUT, person, made["id"], "rejected", "另一个答复")


def test_what_is_objected_to_lies_nowhere_in_the_clear(ways: BothWays, filed: tuple[str, str]) -> None:
    object_to(ways.intake, HUT, person_of(ways, filed[0]), "不要再联系旧单位")
    ways.carry()
    for name, database in ways.installation.databases.items():
        with database.read() as connection:
            tables = sa.MetaData()
            tables.reflect(connection)
            stored = [
                value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
                for table in tables.sorted_tables
                for row in connection.execute(sa.select(table))
                for value in row
            ]
        assert stored
        assert [value for value in stored if "旧单位" in value] == [], name
