"""Changing a district's pack: at once where nothing is disclosed further, else after a second person's approval."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from deploy.apply import NotApproved, OthersWait, approve, decline, in_force, put_forward
from deploy.keys import provision
from services.intake.persistence import staff
from services.intake.schemas.http import to_submit
from services.intake.use_cases.context import Context
from services.intake.use_cases.submit_request import submit_request
from shared import audit, directory
from shared.db import Database
from shared.directory import District, changes
from shared.directory.content import district_from, version_of
from shared.directory.neutral import forbidden_word, strings_in
from shared.sealing import MissingKey
from shared.sealing.tables import keys
from tests.builders import (
    SERVICES,
    Installation,
    a_consent,
    a_filing,
    a_principal,
    an_installation,
    submit_body,
    the_district,
)
from tests.conftest import MakeDatabase

NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)


def edited(*edits: Callable[[dict[str, Any]], object]) -> District:
    """Change a copy of the demo district, whose staff have no passwords here: hashing them takes long."""
    content = orjson.loads(orjson.dumps(the_district().content))
    for member in content["staff"]:
        member["demo_password"] = None
    for edit in edits:
        edit(content)
    return district_from(content, version=version_of(content), service=None)


BEFORE = edited()


@pytest.fixture
def place(database: MakeDatabase) -> Installation:
    """An installation with the demo district in force."""
    return an_installation(database, district=BEFORE)


def quicker(content: dict[str, Any]) -> None:
    content["clocks"]["decide"]["total"] = 15


def more_told(content: dict[str, Any]) -> None:
    next(item for item in content["programmes"] if item["id"] == "pension")["fields"].append("diagnosed")


def another_agency(content: dict[str, Any]) -> None:
    content["agencies"].append({**content["agencies"][0], "id": "archive", "letters": "DA"})
    content["staff"].append(
        {
            "id": "desk-archive",
            "name": "冯小雅",
            "posts": [{"role": "desk", "agency": "archive"}],
            "demo_password": None,
        }
    )


def its_programme(content: dict[str, Any]) -> None:
    pension = next(item for item in content["programmes"] if item["id"] == "pension")
    content["programmes"].append({**pension, "id": "papers-found", "agency": "archive", "excludes": []})


def filed(desk: Context) -> str:
    """File for the new agency's programme; gives the number."""
    consent = a_consent("archive", ("papers-found",))
    command = to_submit(submit_body.load(a_filing(legs=[{"programme": "papers-found"}], consents=[consent])))
    return str(submit_request(desk, a_principal(), command)["number"])


def versions(place: Installation) -> set[str]:
    return {directory.Directory(place.databases[service]).current().version for service in SERVICES}


def log_of(database: Database) -> list[changes.Change]:
    with database.read() as connection:
        return list(changes.log(connection))


def told(place: Installation) -> list[tuple[str, str]]:
    """Give what intake's audit log tells of packs, in order: action and by whom."""
    with place.databases["intake"].read() as connection:
        rows = connection.execute(
            sa.select(audit.table.c.action, audit.table.c.actor)
            .where(audit.table.c.object_type == "district")
            .order_by(audit.table.c.id)
        )
        return [(row.action, row.actor) for row in rows]


def test_the_first_version_of_an_installation_is_in_force_at_once(place: Installation) -> None:
    (first,) = log_of(place.databases["intake"])
    assert (first.state, first.previous, first.applied_by) == ("in-force", None, "system")
    assert list(first.changes) == []


def test_what_widens_nothing_is_in_force_at_once_and_logged_in_every_service(place: Installation) -> None:
    new = edited(quicker)
    done = put_forward(place.databases, place.master, new, NOW, by="operator")
    assert (done.widens, done.services) == ((), SERVICES[:1] + SERVICES[:0:-1])
    assert versions(place) == {new.version}
    for service in SERVICES:
        last = log_of(place.databases[service])[0]
        assert (last.state, last.applied_by, last.settled_by) == ("in-force", "operator", None)
        assert (last.previous, last.settled_at) == (BEFORE.version, NOW)
        assert [each["key"] for each in last.changes] == ["clocks.decide.total"]
        assert [(each["old"], each["new"]) for each in last.changes] == [(20, 15)]
    assert told(place)[-1] == ("district.applied", "operator")


def test_what_widens_waits_and_nothing_is_made_for_it(place: Installation) -> None:
    new = edited(another_agency)
    done = put_forward(place.databases, place.master, new, NOW, by="operator")
    assert [each.key for each in done.widens] == ["agencies.archive"]
    assert versions(place) == {BEFORE.version}
    with place.databases["intake"].read() as connection:
        assert connection.scalar(sa.select(keys.c.kid).where(keys.c.owner == "archive")) is None
        assert staff.find(connection, "desk-archive") is None
    assert log_of(place.databases["intake"])[0].state == "proposed"
    assert len(log_of(place.databases["referrals"])) == 1
    again = put_forward(place.databases, place.master, new, NOW, by="auditor")
    assert again.widens == done.widens
    assert [each.applied_by for each in log_of(place.databases["intake"])] == ["operator", "system"]


def test_a_second_person_puts_it_in_force_and_both_are_named(place: Installation) -> None:
    new = edited(another_agency)
    put_forward(place.databases, place.master, new, NOW, by="operator")
    done = approve(place.databases, place.master, new.version, NOW, by="auditor")
    assert set(done.services) == set(SERVICES)
    assert versions(place) == {new.version}
    with place.databases["intake"].read() as connection:
        assert connection.scalar(sa.select(keys.c.kid).where(keys.c.owner == "archive"))
        assert staff.find(connection, "desk-archive") is not None
    for service in SERVICES:
        last = log_of(place.databases[service])[0]
        assert (last.state, last.applied_by, last.settled_by) == ("in-force", "operator", "auditor")
    assert [each["key"] for each in log_of(place.databases["intake"])[0].widens] == ["agencies.archive"]
    assert told(place)[-3:] == [
        ("district.proposed", "operator"),
        ("district.applied", "operator"),
        ("district.approved", "auditor"),
    ]


def test_a_new_agency_is_sealed_to_from_the_moment_its_pack_is_in_force(place: Installation) -> None:
    for service in SERVICES:
        place.keyring(service).load()
    new = edited(another_agency, its_programme)
    put_forward(place.databases, place.master, new, NOW, by="operator")
    approve(place.databases, place.master, new.version, NOW, by="auditor")
    desk = place.intake()
    assert filed(desk).endswith("000001")
    with place.databases["intake"].unit_of_work() as uow:
        uow.connection.execute(sa.delete(keys).where(keys.c.owner == "archive"))
    desk.keyring.load()
    with pytest.raises(MissingKey, match="archive"):
        filed(desk)
    provision(place.databases, place.master, new, NOW)
    assert filed(desk).endswith("000002")


@pytest.mark.parametrize(
    ("applies", "approves", "said"),
    [
        ("auditor", "auditor", "applied this version"),
        ("operator", "operator", "data-protection"),
        ("operator", "leader-health", "data-protection"),
        ("operator", "nobody", "data-protection"),
    ],
)
def test_nobody_else_approves(place: Installation, applies: str, approves: str, said: str) -> None:
    new = edited(more_told)
    put_forward(place.databases, place.master, new, NOW, by=applies)
    with pytest.raises(NotApproved) as refused:
        approve(place.databases, place.master, new.version, NOW, by=approves)
    assert said in refused.value.problem.en + refused.value.remedy.en
    assert versions(place) == {BEFORE.version}


def test_who_would_become_an_approver_by_a_version_cannot_approve_that_version(place: Installation) -> None:
    def myself(content: dict[str, Any]) -> None:
        hut = next(item for item in content["staff"] if item["id"] == "hut")
        hut["posts"].append({"role": "auditor", "agency": None, "unit": None, "duty": "data-protection"})

    new = edited(myself)
    assert put_forward(place.databases, place.master, new, NOW, by="operator").widens
    with pytest.raises(NotApproved):
        approve(place.databases, place.master, new.version, NOW, by="hut")


def test_a_version_that_nobody_proposed_cannot_be_approved(place: Installation) -> None:
    with pytest.raises(NotApproved, match="waits"):
        approve(place.databases, place.master, "0123456789abcdef", NOW, by="auditor")


def test_what_was_compared_with_a_version_that_has_gone_is_overtaken(place: Installation) -> None:
    wide, quick = edited(more_told), edited(quicker)
    put_forward(place.databases, place.master, wide, NOW, by="operator")
    with pytest.raises(OthersWait, match=wide.version):
        put_forward(place.databases, place.master, quick, NOW, by="operator")
    assert versions(place) == {BEFORE.version}
    done = put_forward(place.databases, place.master, quick, NOW, by="operator", overtake=True)
    assert [change.version for change in done.overtaken] == [wide.version]
    with pytest.raises(NotApproved):
        approve(place.databases, place.master, wide.version, NOW, by="auditor")
    assert versions(place) == {quick.version}
    assert [each.state for each in log_of(place.databases["intake"])] == ["in-force", "overtaken", "in-force"]
    assert put_forward(place.databases, place.master, wide, NOW, by="operator").widens
    approve(place.databases, place.master, wide.version, NOW, by="auditor")
    assert versions(place) == {wide.version}


def test_what_is_declined_is_over_and_says_why(place: Installation) -> None:
    new = edited(more_told)
    put_forward(place.databases, place.master, new, NOW, by="operator")
    decline(place.databases, new.version, NOW, by="auditor", reason="not needed for a pension")
    last = log_of(place.databases["intake"])[0]
    assert (last.state, last.settled_by, last.reason) == ("declined", "auditor", "not needed for a pension")
    with pytest.raises(NotApproved):
        approve(place.databases, place.master, new.version, NOW, by="auditor")
    with place.databases["intake"].read() as connection:
        assert changes.proposal(connection, new.version) is None


def test_an_approval_that_was_cut_short_is_finished_when_it_is_given_again(place: Installation) -> None:
    new = edited(more_told)
    put_forward(place.databases, place.master, new, NOW, by="operator")
    with place.databases["referrals"].unit_of_work() as uow:
        directory.apply(uow, new.for_service("referrals"), NOW, by="operator", approved_by="auditor")
    approve(place.databases, place.master, new.version, NOW, by="auditor")
    assert versions(place) == {new.version}
    assert len(log_of(place.databases["referrals"])) == 2


def test_the_log_outside_intake_knows_nothing_of_clinical_programmes(place: Installation) -> None:
    def clinical(content: dict[str, Any]) -> None:
        for item in content["programmes"]:
            if item["disclosure"] == "clinical":
                item["clocks"]["decide"] = {**content["clocks"]["decide"], "total": 4}
                item["name"]["zh"] += "（社区）"
        content["hut_title"]["zh"] = "爱心小屋二号台"

    new = edited(clinical)
    put_forward(place.databases, place.master, new, NOW, by="operator")
    approve(place.databases, place.master, new.version, NOW, by="auditor")
    inside, outside = (log_of(place.databases[service])[0] for service in ("intake", "referrals"))
    assert any("mmt" in each["key"] for each in inside.changes)
    for _, text in strings_in([list(outside.changes), list(outside.widens)]):
        assert forbidden_word(text) is None
        assert "mmt" not in text
        assert "psy" not in text


def test_under_a_version_of_an_earlier_release_every_auditor_may_approve(place: Installation) -> None:
    def as_before(content: dict[str, Any]) -> None:
        for member in content["staff"]:
            for post in member["posts"]:
                post.pop("duty", None)

    old = edited(as_before)
    with place.databases["intake"].unit_of_work() as uow:
        directory.apply(uow, old.for_service("intake"), NOW)
    assert in_force(place.databases) == old.for_service("intake")
    assert put_forward(place.databases, place.master, edited(more_told), NOW, by="operator").widens
    approve(place.databases, place.master, edited(more_told).version, NOW, by="auditor")
    assert versions(place) == {edited(more_told).version}
