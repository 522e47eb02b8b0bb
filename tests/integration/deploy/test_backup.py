"""A whole installation is copied while it runs and made again on empty ground: every row, packet and paper is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from deploy import snapshots
from deploy.backup import MANIFEST, back_up
from deploy.cli.faults import refusal_for
from deploy.embedded.environment import SERVICES
from deploy.local import Servers
from deploy.reconcile import reconcile
from services.intake.use_cases.papers import AddPaper, add_paper
from services.intake.use_cases.read_papers import open_paper
from shared.blobs import BlobsAway, BlobStore
from shared.inbox.tables import receipts
from shared.outbox.tables import outbox
from shared.sealing import MasterKey
from shared.sealing.shares import split
from tests import databases
from tests.integration.legs.both_ways import HUT
from tests.machines import PAPER, PERSON, WORDS, Machine, contents, fill
from tests.papers import a_pdf


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Give a machine with an installation's tables in files, and an empty one."""
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


@pytest.fixture
def full(postgres: Servers, tmp_path: Path) -> Iterator[tuple[Machine, Machine]]:
    """Give the same on PostgreSQL: the new machine has databases and roles, and nothing in them."""
    servers = postgres
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


@pytest.fixture(params=["embedded", pytest.param("full", marks=pytest.mark.postgres)])
def machines(request: pytest.FixtureRequest) -> tuple[Machine, Machine]:
    """Give both machines of one run and of the other."""
    found: tuple[Machine, Machine] = request.getfixturevalue(request.param)
    return found


_numbers = iter(range(9000, 9999))


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


def test_a_changed_or_unfinished_copy_is_refused(embedded: tuple[Machine, Machine], tmp_path: Path) -> None:
    old, new = embedded
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


def test_a_second_copy_adds_only_new_papers(embedded: tuple[Machine, Machine], tmp_path: Path) -> None:
    old, _ = embedded
    filled, copy = fill(old), tmp_path / "copy"
    old.carehut("backup", str(copy))
    (first,) = [file for file in (copy / "blobs").rglob("*") if file.is_file()]
    written = first.stat().st_mtime_ns
    more = AddPaper(request=filled.request, kind="household-book", content=a_pdf(2, size=4000))
    add_paper(filled.ways.intake, HUT, more)
    assert old.carehut("backup", str(copy)).exit_code == 0
    assert len([file for file in (copy / "blobs").rglob("*") if file.is_file()]) == 2
    assert first.stat().st_mtime_ns == written


class _Swept(BlobStore):
    """Somebody deletes each paper just after it was listed."""

    def written(self, shard: int) -> Iterator[tuple[str, datetime]]:
        for blob, at in super().written(shard):
            self.delete(blob)
            yield blob, at


def test_a_paper_that_is_deleted_meanwhile_is_left_out_of_the_copy(
    embedded: tuple[Machine, Machine], tmp_path: Path
) -> None:
    old, _ = embedded
    master = fill(old).ways.installation.master
    made = back_up(
        old.databases(owner=True),
        _Swept.at(old.deployed().blobs_url),
        tmp_path / "copy",
        district="530103",
        master=master.identity,
        now=datetime.now(UTC),
    )
    assert made.blobs == {"": 0, "slips": 0}
    assert not [file for file in (tmp_path / "copy" / "blobs").rglob("*") if file.is_file()]


def test_a_copy_that_lacks_a_paper_is_refused_before_anything_is_written(
    embedded: tuple[Machine, Machine], tmp_path: Path
) -> None:
    old, new = embedded
    filled, copy = fill(old), tmp_path / "copy"
    old.carehut("backup", str(copy))
    new.keep(filled.ways.installation.master.written())
    (paper,) = [file for file in (copy / "blobs").rglob("*") if file.is_file()]
    # What a backup cut short has left half written is no paper.
    half = paper.rename(paper.with_name(f"{paper.name}.new"))
    refused = new.carehut("restore", str(copy))
    assert (refused.exit_code, "should hold 1 papers and holds 0" in refused.output) == (1, True)
    half.rename(paper)
    half.write_bytes(b"half")
    restored = new.carehut("restore", str(copy))
    assert restored.exit_code == 0, restored.output
    assert [blob for shard in range(256) for blob, _ in new.blobs().written(shard)] == [paper.name]
    assert not list((new.folder / "home").rglob(half.name))


@pytest.mark.postgres
def test_databases_that_never_stand_still_are_no_fault_but_a_reason_to_try_later(
    full: tuple[Machine, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = full
    fill(old)
    monkeypatch.setattr(snapshots, "TRIES", 1)
    with old.databases()["referrals"].unit_of_work() as uow:
        uow.connection.execute(sa.update(outbox).values(published_at=None))
        made = old.carehut("backup", str(tmp_path / "copy"))
    assert (made.exit_code, "Try again later" in made.output) == (1, True)


def test_files_that_somebody_writes_to_for_too_long_are_a_reason_to_try_later(
    embedded: tuple[Machine, Machine], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, _ = embedded
    fill(old)
    monkeypatch.setattr(snapshots, "WAIT_SECONDS", 0)
    with old.databases()["referrals"].unit_of_work():
        made = old.carehut("backup", str(tmp_path / "copy"))
    assert (made.exit_code, "Try again later" in made.output) == (1, True)


def test_a_store_that_does_not_answer_is_told_in_words() -> None:
    told = refusal_for(BlobsAway("folder 00"))
    assert told is not None
    assert "CAREHUT_BLOBS_URL" in told.message
