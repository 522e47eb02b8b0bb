"""Years after its last leg has ended a request is emptied, once; who asked is forgotten with the last of theirs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from services.intake.domain.breaches import Breach
from services.intake.persistence import tables
from services.intake.use_cases.context import Context
from services.intake.use_cases.read_requests import ListRequests, list_requests, read_request
from services.intake.use_cases.tick import tick
from services.intake.use_cases.withdraw_consent import WithdrawConsent, withdraw_consent
from shared.audit import AuditQuery, search
from tests import papers
from tests.builders import Installation, a_consent, a_person, a_principal
from tests.integration.intake.paper_desk import caller, file, hand_in
from tests.integration.intake.test_mirror import Tell, tell

__all__ = ["tell"]  # a fixture

HUT = a_principal()
ENDED = ["issued", "acknowledged", "accepted", "closed"]
GUARDIAN = {"given_by": "guardian", "guardian": {"name": "李建国", "relation": "parent"}}
SEALED = {
    tables.requests: ["answers"],
    tables.legs: ["beneficiary", "beneficiary_index", "note", "answer"],
    tables.leg_events: ["answer", "words"],
    tables.request_events: ["words"],
    tables.consents: ["particulars"],
    tables.people: ["id_number", "phone", "birth_date", "name_index", "id_index", "phone_index"],
}


def years(installation: Installation, number: float) -> None:
    installation.clock.move_to(installation.clock.now() + timedelta(days=366 * number))


def filed(context: Context, **changes: Any) -> tuple[str, str]:
    leg = {
        "programme": "dibao",
        "note": "门牌号有变",
        "beneficiary": {"relation": "spouse", "name": "李小雨"},
    }
    given = {"legs": [leg], "answers": {"household_size": 3}, **changes}
    until = (context.clock.now() + timedelta(300)).date().isoformat()
    given["consents"] = [a_consent("civil-affairs", ("dibao",), expires_on=until, **GUARDIAN)]
    made = file(caller(context), "dibao", **given)
    return made["id"], made["legs"][0]["id"]


def left(context: Context) -> dict[str, int]:
    """Count what is left in sealed columns and indexes of all requests there are."""
    with context.database.read() as connection:
        return {
            f"{table.name}.{name}": count
            for table, names in SEALED.items()
            for name in names
            if (count := connection.execute(sa.select(sa.func.count(table.c[name]))).scalar_one())
        }


def audited(context: Context, action: str) -> int:
    with context.database.read() as connection:
        return len(search(connection, AuditQuery(action=action), limit=10))


def timer(context: Context, request: str) -> tuple[str | None, datetime | None]:
    with context.database.read() as connection:
        columns = sa.select(tables.requests.c.timer, tables.requests.c.timer_at)
        row = connection.execute(columns.where(tables.requests.c.id == request)).one()
    return row.timer, row.timer_at


def let_it_be(context: Context, installation: Installation) -> None:
    """Let the days of the call pass without one."""
    for _ in range(3):
        installation.clock.move_to(installation.clock.now() + timedelta(30))
        tick(context)


def test_a_request_whose_time_is_over_keeps_its_codes_alone(
    context: Context, installation: Installation, tell: Tell
) -> None:
    request, leg = filed(context)
    assert hand_in(caller(context), request, "id-card", papers.a_pdf()).status_code == 201
    tell(ENDED, leg)
    let_it_be(context, installation)
    assert timer(context, request)[0] == "forget"
    years(installation, 4)
    tick(context)
    assert read_request(context, HUT, request)["forgotten_at"] is None
    years(installation, 1)
    assert tick(context) == 1
    assert left(context) == {}
    read = read_request(context, HUT, request)
    assert (read["person"]["name"], read["answers"], read["possible"]) == ("", {}, [])
    assert read["forgotten_at"] == installation.clock.now()
    assert [(one["programme"], one["status"], one["note"]) for one in read["legs"]] == [
        ("dibao", "closed", None)
    ]
    assert [one["given_by"] for one in read["consents"]] == ["guardian"]
    assert read["history"][-1]["fact"] == "content-removed"
    with context.database.read() as connection:
        assert not connection.execute(sa.select(tables.papers)).all()
        assert not connection.execute(sa.select(tables.blobs)).all()
    years(installation, 1)
    assert tick(context) == 0
    assert (audited(context, "request.forgotten"), audited(context, "person.forgotten")) == (1, 1)


def test_what_was_emptied_can_only_be_filed_anew(
    context: Context, installation: Installation, tell: Tell
) -> None:
    request, leg = filed(context)
    tell(ENDED, leg)
    let_it_be(context, installation)
    years(installation, 6)
    tick(context)
    consent = read_request(context, HUT, request)["consents"][0]["id"]
    with pytest.raises(Breach) as refused:
        withdraw_consent(context, HUT, WithdrawConsent(request=request, consent=consent))
    assert refused.value.id == "content-removed"
    (listed,) = list_requests(context, HUT, ListRequests())
    assert listed["person"]["name"] == "**"
    page = caller(context)("GET", f"/intake/requests/{request}")
    assert page.status_code == 200
    assert "have been removed" in page.text


def test_a_person_is_kept_while_another_request_of_theirs_is(
    context: Context, installation: Installation, tell: Tell
) -> None:
    person = a_person()
    first, leg = filed(context, person=person)
    tell(ENDED, leg)
    let_it_be(context, installation)
    years(installation, 4)
    second, later = filed(context, person=person)
    years(installation, 1.5)
    tick(context)
    read = read_request(context, HUT, first)
    assert (read["forgotten_at"] is not None, read["person"]["name"]) == (True, person["name"])
    tell(ENDED, later)
    let_it_be(context, installation)
    years(installation, 4)
    tick(context)
    assert read_request(context, HUT, first)["person"]["name"] == person["name"]
    years(installation, 2)
    tick(context)
    assert [read_request(context, HUT, one)["person"]["name"] for one in (first, second)] == ["", ""]
    assert left(context) == {}
