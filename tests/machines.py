"""Machines for tests: a folder with an installation's data, its commands, and what happened there before it is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from click.testing import Result

from deploy.embedded.environment import SERVICES
from deploy.every_table import metadata_of
from deploy.installation import Installation as Deployed
from services.intake.use_cases.papers import AddPaper, add_paper
from services.intake.use_cases.submit_request import submit_request
from shared.blobs import BlobStore
from shared.clock import FixedClock
from shared.db import Database
from shared.outbox.tables import outbox
from shared.sealing import MasterKey
from tests.builders import MONDAY, Installation, a_command, a_person, an_installation, the_district
from tests.integration.cli.test_district import invoke
from tests.integration.legs.both_ways import HUT, BothWays
from tests.papers import a_pdf

WORDS = "母亲住院，需要人照看"
"""Free text, which no copy may show."""
PERSON = a_person(name="李秀英", phone="13800001234")
PAPER = a_pdf(size=3000)


@dataclass
class Machine:
    """A folder of one machine, with databases on it or beside it, and what its commands are told."""

    folder: Path
    address: Callable[[str, str], str] | None
    settings: dict[str, str] = field(default_factory=dict)
    _deployed: dict[tuple[tuple[str, str], ...], Deployed] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.settings = {"CAREHUT_HOME": str(self.folder / "home"), "CAREHUT_DISTRICT": "530103"}
        if self.address is not None:
            self.settings["CAREHUT_BLOBS_URL"] = (self.folder / "blobs").as_uri()
            for service in SERVICES:
                for role, name in (("web", "DATABASE"), ("owner", "OWNER")):
                    self.settings[f"CAREHUT_{service.upper()}_{name}_URL"] = self.address(service, role)

    def keep(self, master: str) -> None:
        """Put the master key where this machine looks for it, off the data's disk."""
        file = self.folder / "stick.key"
        file.write_text(master)
        self.settings["CAREHUT_MASTER_KEY_FILE"] = str(file)

    def carehut(self, *words: str) -> Result:
        """Run a command to its end."""
        return invoke(self.settings, *words)

    def databases(self, *, owner: bool = False) -> dict[str, Database]:
        """Open the databases, as whoever works with them or as their owner."""
        return self.deployed().databases(owner=owner)

    def deployed(self) -> Deployed:
        """Open the installation once for each way of telling where it is."""
        key = tuple(sorted(self.settings.items()))
        if key not in self._deployed:
            self._deployed[key] = Deployed(self.settings)
        return self._deployed[key]

    def close(self) -> None:
        """Close every connection."""
        for each in self._deployed.values():
            each.close()

    def ways(self, master: MasterKey) -> BothWays:
        """Put together what works on them."""
        clock = an_hour_after()
        made = Installation(self.databases(), master, the_district(), clock, self.blobs())
        return BothWays(made)

    def blobs(self) -> BlobStore:
        """Open the store of papers."""
        return BlobStore.at(self.deployed().blobs_url)


def an_hour_after() -> FixedClock:
    return FixedClock(MONDAY + timedelta(hours=1))


@dataclass
class Filled:
    """What happened on a machine before it was lost; ``under_way`` is a request that referrals never heard of."""

    ways: BothWays
    request: str
    leg: str
    paper: str
    closed: str
    under_way: str


def fill(machine: Machine) -> Filled:
    open_ones = machine.databases()
    made = an_installation(open_ones.__getitem__)
    made.blobs = machine.blobs()
    machine.keep(made.master.written())
    ways = BothWays(made)
    filed = ways.file("dibao", person=PERSON, legs=[{"programme": "dibao", "note": WORDS}])
    leg = filed["legs"][0]["id"]
    added = add_paper(ways.intake, HUT, AddPaper(request=filed["id"], kind="id-card", content=PAPER))
    ways.carry()
    ways.at_desk(leg, "acknowledge")
    other = ways.file("pension")["legs"][0]["id"]
    for action, fields in (("acknowledge", {}), ("accept", {}), ("close", {"outcome": "enrolled"})):
        ways.at_desk(other, action, fields)
    lost = submit_request(ways.intake, HUT, a_command("dibao"))
    for database in open_ones.values():
        with database.unit_of_work() as uow:
            uow.connection.execute(sa.update(outbox).values(published_at=made.clock.now()))
    return Filled(ways, filed["id"], leg, added["paper_id"], other, lost["id"])


def contents(machine: Machine) -> dict[str, list[str]]:
    """Give every row of every table."""
    found = {}
    for service, database in machine.databases(owner=True).items():
        with database.read() as connection:
            for table in (table for each in metadata_of(service) for table in each.sorted_tables):
                rows = connection.execute(sa.select(table)).all()
                found[f"{service}.{table.name}"] = sorted(map(repr, rows))
    return found
