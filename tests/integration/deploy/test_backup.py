"""A whole installation is copied while it runs and made again on empty ground: every row, packet and paper is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result

from deploy.backup import MANIFEST
from deploy.embedded.environment import SERVICES
from deploy.every_table import metadata_of
from deploy.installation import Installation as Deployed
from deploy.local import Servers
from deploy.reconcile import reconcile
from services.intake.use_cases.papers import AddPaper, add_paper
from services.intake.use_cases.read_papers import open_paper
from services.intake.use_cases.submit_request import submit_request
from shared.blobs import BlobStore
from shared.clock import FixedClock
from shared.db import Database
from shared.inbox.tables import receipts
from shared.outbox.tables import outbox
from shared.sealing import MasterKey
from shared.sealing.shares import split
from tests import databases
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


@pytest.fixture(params=["embedded", pytest.param("full", marks=pytest.mark.postgres)])
def machines(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Give a machine with an installation's tables, and an empty one."""
    if request.param == "embedded":
        originals = tmp_path / "originals"
        originals.mkdir()
        old, new = Machine(tmp_path / "old", None), Machine(tmp_path / "new", None)
        home = Path(old.settings["CAREHUT_HOME"])
        home.mkdir()
        for service in SERVICES:
            databases.sqlite(home / f"aid_{service}.sqlite", service, originals).dispose()
        yield old, new
        old.close()
        new.close()
        return
    servers: Servers = request.getfixturevalue("postgres")
    number = next(_numbers)
    kept = {service: databases.fresh(servers, service, number) for service in SERVICES}
    empty = {service: f"{name}_new" for service, name in kept.items()}
    for service, name in empty.items():
        servers.postgres.create_database(name, service)

    def on(names: dict[str, str]) -> Callable[[str, str], str]:
        return lambda service, role: servers.postgres.url(service, role, database=names[service])

    old, new = Machine(tmp_path / "old", on(kept)), Machine(tmp_path / "new", on(empty))
    yield old, new
    old.close()
    new.close()
    for name in (*kept.values(), *empty.values()):
        servers.postgres.drop_database(name)


_numbers = iter(range(9000, 9999))


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


def test_everything_comes_back_on_a_new_machine_with_the_key_from_its_shares(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    old, new = machines
    filled, copy = fill(old), tmp_path / "copy"
    before = contents(old)
    made = old.carehut("backup", str(copy))
    assert made.exit_code == 0, made.output

    # The machine is gone with its disk and its key: what there is is the copy, and three of five shares.
    shares = split(filled.ways.installation.master, 3, 5)[1:4]
    (new.folder / "typed").write_text("\n".join(shares))
    key = new.folder / "back.key"
    assert new.carehut("restore", str(copy)).exit_code == 1, "without a key nothing is begun"
    joined = new.carehut("keys", "join", str(new.folder / "typed"), "--to", str(key))
    assert joined.exit_code == 0, joined.output
    new.keep(key.read_text())
    restored = new.carehut("restore", str(copy))
    assert restored.exit_code == 0, restored.output

    after = contents(new)
    assert after == before
    assert {table for table, rows in after.items() if rows} >= {
        *("intake.requests", "intake.legs", "intake.people", "intake.papers", "intake.audit_log"),
        *("referrals.referrals", "referrals.packets", "referrals.history", "referrals.audit_log"),
    }
    again = new.ways(filled.ways.installation.master)
    assert again.opened(filled.leg)["note"] == WORDS
    assert again.seen(filled.request)["person"]["name"] == "李秀英"
    assert open_paper(again.intake, HUT, filled.request, filled.paper).content == PAPER
    assert again.referral(filled.closed).outcome == "enrolled"

    # The broker is made anew and empty; what was under way is found and published again.
    found = reconcile(new.databases(), again.installation.clock.now())
    assert found == {"intake": 1, **({"referrals": found["referrals"]} if "referrals" in found else {})}
    with again.intake.database.read() as connection:
        waiting = sa.select(outbox.c.subject).where(outbox.c.published_at.is_(None))
        assert connection.execute(waiting).scalars().all() == [filled.under_way]
    again.carry()
    (leg,) = again.seen(filled.under_way)["legs"]
    assert again.referral(leg["id"]).status == "issued"


def test_a_copy_without_its_key_says_nothing(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    old, new = machines
    filled, copy = fill(old), tmp_path / "copy"
    old.carehut("backup", str(copy))
    secret = filled.ways.installation.master
    spoken = [
        WORDS,
        PERSON["name"],
        PERSON["id_number"],
        PERSON["phone"],
        secret.written(),
        secret.secret.hex(),
    ]
    marks = [*(word.encode() for word in spoken), secret.secret, PAPER[:200]]
    files = [file for place in (copy, old.folder / "home") for file in place.rglob("*") if file.is_file()]
    assert len(files) > len(SERVICES)
    assert [(file.name, mark) for file in files for mark in marks if mark in file.read_bytes()] == []

    new.keep(MasterKey.generate().written())
    refused = new.carehut("restore", str(copy))
    assert refused.exit_code == 1
    assert "not the master key that the backup was made with" in refused.output


def test_a_copy_made_while_people_file_is_of_one_moment(
    machines: tuple[Machine, Machine], tmp_path: Path
) -> None:
    old, new = machines
    ways, copy, stop = fill(old).ways, tmp_path / "copy", threading.Event()

    def work() -> None:
        while not stop.is_set():
            ways.file("dibao")

    busy = threading.Thread(target=work)
    busy.start()
    try:
        made = old.carehut("backup", str(copy))
    finally:
        stop.set()
        busy.join()
    assert made.exit_code == 0, made.output
    new.keep(ways.installation.master.written())
    assert new.carehut("restore", str(copy)).exit_code == 0

    known: set[str] = set()
    got: set[str] = set()
    for database in new.databases(owner=True).values():
        with database.read() as connection:
            known |= set(connection.execute(sa.select(outbox.c.event_id)).scalars())
            got |= set(connection.execute(sa.select(receipts.c.event_id)).scalars())
    assert got
    assert got <= known, "somebody has received what nobody has recorded"


def test_a_changed_or_unfinished_copy_is_refused(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    old, new = machines
    filled, copy = fill(old), tmp_path / "copy"
    old.carehut("backup", str(copy))
    new.keep(filled.ways.installation.master.written())
    file = next((copy / "databases").glob("aid_referrals*"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    assert "is missing or was changed" in new.carehut("restore", str(copy)).output
    (copy / MANIFEST).unlink()
    assert "is no complete backup" in new.carehut("restore", str(copy)).output
    assert new.carehut("restore", str(tmp_path / "nowhere")).exit_code == 2


def test_nothing_is_restored_over_what_is_there(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    old, _ = machines
    fill(old)
    copy = tmp_path / "copy"
    old.carehut("backup", str(copy))
    before = contents(old)
    refused = old.carehut("restore", str(copy))
    assert "is not empty; nothing was changed" in refused.output
    assert contents(old) == before


def test_a_second_copy_adds_only_new_papers(machines: tuple[Machine, Machine], tmp_path: Path) -> None:
    old, _ = machines
    filled, copy = fill(old), tmp_path / "copy"
    old.carehut("backup", str(copy))
    (first,) = [file for file in (copy / "blobs").rglob("*") if file.is_file()]
    written = first.stat().st_mtime_ns
    more = AddPaper(request=filled.request, kind="household-book", content=a_pdf(2, size=4000))
    add_paper(filled.ways.intake, HUT, more)
    assert old.carehut("backup", str(copy)).exit_code == 0
    assert len([file for file in (copy / "blobs").rglob("*") if file.is_file()]) == 2
    assert first.stat().st_mtime_ns == written
