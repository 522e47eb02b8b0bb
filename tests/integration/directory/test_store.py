"""Applying a pack to a database and reading the one in force."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from shared.db import Database
from shared.directory import (
    Directory,
    District,
    NoDistrict,
    UnknownVersion,
    apply,
    district_packs,
    load_pack,
)
from shared.directory.content import district_from, version_of

NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def packs(request: pytest.FixtureRequest) -> Database:
    """A database of referrals without a pack; on PostgreSQL as its owner, who alone applies packs."""
    if request.param == "sqlite":
        made: Database = request.getfixturevalue("sqlite_database")("referrals")
    else:
        made = request.getfixturevalue("postgres_database")("referrals", "owner")
    return made


def put_in_force(packs: Database, district: District) -> bool:
    with packs.unit_of_work() as uow:
        return apply(uow, district, NOW)


class Ticks:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the seconds."""
        return self.now


def test_what_was_applied_is_in_force_and_complete(packs: Database) -> None:
    pack = load_pack("530103").for_service("referrals")
    assert put_in_force(packs, pack)
    read = Directory(packs).current()
    assert read == pack
    assert read.leg_rules("dibao") == pack.leg_rules("dibao")
    assert list(read.programmes) == list(pack.programmes)


def test_applying_the_same_pack_again_changes_nothing(packs: Database) -> None:
    pack = load_pack("530103").for_service("intake")
    assert put_in_force(packs, pack)
    assert not put_in_force(packs, pack)


def test_a_new_pack_is_in_force_without_a_restart_and_the_old_version_stays_known(packs: Database) -> None:
    ticks = Ticks()
    directory = Directory(packs, fresh_for=3.0, monotonic=ticks)
    first, second = (load_pack(code).for_service("intake") for code in ("530103", "141002"))
    put_in_force(packs, first)
    assert directory.current().version == first.version
    put_in_force(packs, second)
    assert directory.current().version == first.version  # still trusted for a moment
    ticks.now = 3.1
    assert directory.current().version == second.version
    assert directory.version(first.version).code == "530103"
    put_in_force(packs, first)
    ticks.now = 6.3
    assert directory.current().version == first.version
    with packs.read() as connection:
        active = connection.scalars(sa.select(district_packs.c.version).where(district_packs.c.active)).all()
    assert active == [first.version]


def test_a_pack_that_was_read_once_costs_no_query_while_fresh(packs: Database) -> None:
    put_in_force(packs, load_pack("530103").for_service("intake"))
    directory = Directory(packs)
    first = directory.current()
    statements: list[str] = []
    sa.event.listen(packs.engine, "before_cursor_execute", lambda *arguments: statements.append(arguments[2]))
    assert directory.current() is first
    assert directory.version(first.version) is first
    assert statements == []


def test_an_unknown_version_and_an_empty_database_are_told_with_a_remedy(packs: Database) -> None:
    directory = Directory(packs)
    with pytest.raises(NoDistrict) as empty:
        directory.current()
    assert "carehut district apply" in empty.value.text.en
    with pytest.raises(UnknownVersion) as unknown:
        directory.version("0123456789abcdef")
    assert "0123456789abcdef" in unknown.value.text.zh


def test_a_whole_pack_is_never_stored(packs: Database) -> None:
    with pytest.raises(ValueError, match="for_service"), packs.unit_of_work() as uow:
        apply(uow, load_pack("530103"), NOW)


def test_order_survives_a_database_that_sorts_keys() -> None:
    pack = load_pack("530103")
    stored = json.loads(json.dumps(pack.content, sort_keys=True))
    again = district_from(stored, version=pack.version, service=None)
    assert version_of(stored) == pack.version
    assert list(again.programmes) == list(pack.programmes)
    assert list(again.fields["aid_status"].options) == list(pack.fields["aid_status"].options)
    assert again.leg_rules("dibao") == pack.leg_rules("dibao")
    assert list(again.programmes["dibao"].outcomes) == list(pack.programmes["dibao"].outcomes)


def test_what_a_pack_has_no_more_keeps_its_name_and_is_offered_no_more(packs: Database) -> None:
    pack = load_pack("530103").for_service("referrals")
    put_in_force(packs, pack)
    left = {"programmes": [each for each in pack.content["programmes"] if each["id"] != "edu"]}
    left["agencies"] = [each for each in pack.content["agencies"] if each["id"] != "education"]
    without = {**pack.content, **left}
    put_in_force(packs, district_from(without, version=version_of(without), service="referrals"))
    read = Directory(packs).current()
    assert "edu" not in read.programmes
    assert read.programme_name("edu") == pack.programme_name("edu")
    agency = read.agency_ever("education")
    assert agency is not None
    assert agency.name == pack.agencies["education"].name
    put_in_force(packs, pack)
    assert Directory(packs).current().former.programmes == {}
