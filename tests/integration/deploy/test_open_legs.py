"""Whoever takes a programme or an agency out of a pack is told how many open referrals that leaves."""

from __future__ import annotations

from dataclasses import replace

from deploy.open_legs import left_open
from tests.builders import an_installation
from tests.conftest import MakeDatabase
from tests.integration.legs.both_ways import BothWays


def test_open_referrals_of_what_is_gone_are_counted(sqlite_database: MakeDatabase) -> None:
    ways = BothWays(an_installation(sqlite_database))
    for _ in range(2):
        ways.file("dibao")
    ended = ways.file("dibao")
    ways.withdraw(ended["id"], ended["legs"][0]["id"])
    old = ways.installation.district
    without = replace(
        old, programmes={name: each for name, each in old.programmes.items() if name not in {"dibao", "edu"}}
    )
    assert not list(left_open(ways.intake.database, None, without))
    (said,) = left_open(ways.intake.database, old, without)
    assert "programmes.dibao" in said.en
    assert "with 2 open referrals" in said.en
    without = replace(
        old, agencies={name: each for name, each in old.agencies.items() if name != "civil-affairs"}
    )
    (said,) = left_open(ways.intake.database, old, without)
    assert "agencies.civil-affairs" in said.en
    assert "nobody can work" in said.en
