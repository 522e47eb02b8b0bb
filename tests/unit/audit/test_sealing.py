"""The log is sealed batch by batch, whatever commits late and whoever else seals, and its heads are published."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from shared import audit
from shared.audit import keep_heads, kept
from shared.audit.retention import forget_old_batches
from shared.audit.tables import lists, seals, table
from tests.unit.audit.log import BATCH, SERVICE, Log, a_log, an_entry

YEAR = timedelta(days=366)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path)
    yield made
    made.database.dispose()


def test_what_was_written_is_sealed_in_batches_and_found_whole(log: Log) -> None:
    log.write(*(an_entry(object_id=f"r-{number}") for number in range(2 * BATCH + 1)))

    assert log.verified().unsealed == 2 * BATCH + 1
    assert log.seal() == 2 * BATCH + 1

    report = log.verified()
    assert (report.findings, report.entries, report.batches, report.unsealed) == ([], 2 * BATCH + 1, 3, 0)
    assert log.seal() == 0


def test_what_commits_late_with_an_earlier_id_goes_into_a_later_batch(log: Log) -> None:
    log.write(an_entry())
    log.seal()
    log.write_made(log.now - timedelta(seconds=6))
    log.pass_time(timedelta(seconds=2))

    assert log.seal() == 1

    assert log.verified().findings == []


def test_what_commits_minutes_late_is_found_by_a_sweep(log: Log) -> None:
    log.write(an_entry())
    log.seal()
    log.seal()
    log.write_made(log.now - timedelta(minutes=4))
    log.pass_time(timedelta(seconds=2))
    assert log.seal() == 0
    log.pass_time(timedelta(minutes=10))

    assert log.seal() == 1

    assert log.verified().findings == []


def test_a_clock_that_was_ahead_hides_nothing_once_it_is_right(log: Log) -> None:
    log.write_made(log.now + timedelta(days=2))
    log.seal()
    log.write(an_entry())

    assert log.seal() == 1

    assert log.verified().findings == []


def test_an_id_beyond_the_calendar_is_told_and_stops_nobody_from_sealing(log: Log) -> None:
    beyond = "ffffffff-ffff-7fff-bfff-ffffffffffff"
    log.write(an_entry())
    log.write_made(log.now, id=beyond)
    (finding,) = log.verified().findings
    assert (finding.kind, finding.entry) == ("entry-unlisted", beyond)
    assert log.seal() == 2
    log.pass_time(timedelta(hours=1))
    log.write_made(log.now - timedelta(minutes=50))

    assert log.seal() == 1

    assert log.verified().findings == []


def test_two_workers_seal_each_entry_once(log: Log) -> None:
    other = log.another_sealer()
    log.write(an_entry(), an_entry())
    log.seal()
    assert other.seal() == 0
    log.write(an_entry())
    assert (other.seal(), log.seal()) == (1, 0)

    report = log.verified()
    assert (report.findings, report.entries, report.batches) == ([], 3, 2)


def test_one_event_a_minute_tells_the_newest_head(log: Log) -> None:
    for _ in range(3):
        log.write(an_entry())
        log.seal()
        log.pass_time(timedelta(seconds=2))
    assert [event.sequence for event in log.told] == [1]

    log.pass_time(timedelta(minutes=1))
    log.seal()
    log.seal()

    assert [event.sequence for event in log.told] == [1, 2]
    assert log.told[-1].type == "audit.referrals-sealed.v1"
    assert log.told[-1].data["number"] == 3
    assert log.told[-1].data["head"] == log.verified().head.hex()


def test_the_heads_another_service_keeps_show_a_tail_cut_off(log: Log, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Log(tmp_path / "other")
    log.write(an_entry())
    log.seal()
    with other.database.unit_of_work() as uow:
        told = log.told[0]
        object.__setattr__(told, "data", {**told.data, "sealed_at": log.now})
        keep_heads(uow, [told])
        keep_heads(uow, [told])
    with log.database.unit_of_work() as uow:
        for one in (table, seals, lists):
            uow.connection.execute(sa.delete(one))

    with other.database.read() as connection:
        witnessed = kept(connection, "referrals")
    assert [finding.kind for finding in log.verified(witnesses=witnessed).findings] == ["cut-off"]
    other.database.dispose()


def test_the_file_of_heads_is_only_added_to_and_outlives_a_line_cut_short(log: Log) -> None:
    log.write(an_entry())
    log.seal()
    with log.file.path.open("ab") as file:
        file.write(b'{"service":"referr')
    again = Log(log.path.parent)
    again.write(an_entry())
    again.seal()

    assert [head.number for head in again.file.read()] == [1, 2]
    assert again.verified().findings == []
    assert log.file.path.stat().st_mode & 0o777 == 0o600
    again.database.dispose()


def test_heads_for_which_the_disk_has_no_room_are_written_later(log: Log) -> None:
    log.write(an_entry())
    log.seal()
    log.write(an_entry())
    log.sealer.seal()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with log.database.read() as connection:
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.file.path.stat().st_size + 20, before[1]))
        try:
            with pytest.raises(OSError, match="No space"):
                log.file.catch_up(connection)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert log.file.catch_up(connection) == 1

    assert [head.number for head in log.file.read()] == [1, 2]


def test_a_witness_that_makes_no_sense_is_said(log: Log) -> None:
    log.write(an_entry())
    log.seal()
    log.file.path.write_bytes(b"{}\n")
    with pytest.raises(ValueError, match="no head"):
        list(log.file.read())

    report = audit.verify(log.database, SERVICE, {"file": None}, log.now)
    assert [finding.kind for finding in report.findings] == ["witness-unreadable"]


def test_entries_that_wait_long_are_a_worker_that_does_not_run(log: Log) -> None:
    log.write(an_entry())
    assert not log.verified().waits(log.now)
    assert log.verified().waits(log.now + timedelta(minutes=11))


def test_old_batches_go_and_the_chain_stays_whole(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    long_ago = log.now
    log.pass_time(7 * YEAR)
    log.write_made(log.now)
    log.seal()

    assert forget_old_batches(log.database, 6, long_ago + 5 * YEAR) == 0
    forgotten = forget_old_batches(log.database, 6, log.now)

    report = log.verified(years=6)
    assert (report.findings, report.entries, forgotten) == ([], 1, 60)
    assert report.gone == report.batches - 1
    log.database.dispose()


def test_what_is_gone_before_its_time_is_missed(tmp_path: Path) -> None:
    log = a_log(tmp_path)
    log.pass_time(7 * YEAR)
    forget_old_batches(log.database, 6, log.now)

    assert "list-missing" in log.kinds(years=10)
    log.database.dispose()


def test_a_list_that_was_spoilt_stops_nobody_from_sealing_what_is_new(log: Log) -> None:
    log.write(an_entry())
    log.seal()
    with log.database.unit_of_work() as uow:
        uow.connection.execute(sa.update(lists).values(entries=b"spoilt"))
    log.write(an_entry())

    assert log.seal() == 2
    assert log.kinds() == {"list-changed"}
