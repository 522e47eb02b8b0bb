"""The checker is itself checked: silent about what is clean, never silent about what is not."""

from __future__ import annotations

import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.faults.history import Recorder, check
from tests.faults.history.book import Book
from tests.faults.history.carrier import Original
from tests.faults.history.checker import breaches
from tests.faults.history.mutations import MUTATIONS, mutate
from tests.faults.history.mutations.draft import Draft
from tests.faults.history.mutations.skipping import a_step_without_a_trace
from tests.faults.history.rules import RULES
from tests.faults.history.runs import record

RUNS, IN_BATCHES_OF, IN_CI = 200, 20, 60
MUTANTS = 1000
KEPT = 20
"""So many of the clean histories are made wrong."""


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Original:
    """Prepare an installation of which every run takes a copy."""
    return Original.make(tmp_path_factory.mktemp("original"))


@pytest.fixture(scope="module")
def books(original: Original, tmp_path_factory: pytest.TempPathFactory) -> list[Book]:
    """Record the histories that are made wrong."""
    folder = tmp_path_factory.mktemp("histories")
    for seed in range(KEPT):
        record(original, folder / str(seed), f"mutant {seed}")
    return [Book.read(folder / str(seed)) for seed in range(KEPT)]


@pytest.fixture
def history(original: Original, tmp_path: Path) -> Path:
    """Record one history."""
    record(original, tmp_path / "history", "one history")
    return tmp_path / "history"


@pytest.mark.parametrize(
    "first",
    [
        pytest.param(first, marks=[pytest.mark.long] if first >= IN_CI else [])
        for first in range(0, RUNS, IN_BATCHES_OF)
    ],
)
def test_clean_runs_raise_no_alarm(original: Original, tmp_path: Path, first: int) -> None:
    for seed in range(first, first + IN_BATCHES_OF):
        folder = tmp_path / str(seed)
        record(original, folder, f"clean {seed}")
        found = check(folder)
        assert not found, f"seed {seed}: {[finding.what for finding in found]}\n{found[0].story}"
        shutil.rmtree(folder)


@pytest.mark.parametrize("kind", MUTATIONS)
def test_what_was_made_wrong_is_found(books: list[Book], kind: str) -> None:
    missed = []
    for seed in range(-(-MUTANTS // len(MUTATIONS))):
        chance = random.Random(f"{kind} {seed}")
        mutant, said = mutate(chance.choice(books), kind, chance)
        if next(breaches(mutant), None) is None:
            missed.append(f"seed {seed}: {said}")
    assert not missed
    assert not [breach for book in books for breach in breaches(book)], "a mutation wrote in its original"


def test_a_state_skipped_in_all_files_alike_is_found_by_the_table_of_transitions_alone(
    books: list[Book],
) -> None:
    found = [
        breach
        for seed, book in enumerate(books)
        if a_step_without_a_trace(draft := Draft(book), random.Random(seed))
        for breach in breaches(Book(draft.files))
    ]
    by_table = {"referrals go legal ways", "no illegal step is overwritten"}
    assert {rule for rule, _, _ in found} == by_table, [
        breach for breach in found if breach[0] not in by_table
    ]


def test_no_rule_is_idle(books: list[Book]) -> None:
    idle = set(RULES)
    for seed in range(MUTANTS):
        chance = random.Random(f"rules {seed}")
        mutant, _ = mutate(chance.choice(books), chance.choice(list(MUTATIONS)), chance)
        idle -= {rule for rule, _, _ in breaches(mutant)}
        if not idle:
            return
    pytest.fail(f"nothing that was made wrong was found by {sorted(idle)}")


def test_a_finding_tells_the_life_of_its_referral_from_all_files(history: Path) -> None:
    book = Book.read(history)
    accepted = next(op for op in book.operations if op.op == "accept" and op.answers())
    leg = str(accepted.about["referral"])
    event = next(event for event in book.chains["referrals", leg] if event["type"] == "referral.accepted.v1")
    _lose(history / "notifications.messages.jsonl", event["event_id"])
    with Recorder(history) as recorder:
        recorder.fault("kill", "work-notifications", signal="SIGKILL")

    found = check(history)

    assert {finding.subject for finding in found} == {leg}
    assert "each fact is told once" in {finding.rule for finding in found}
    story = found[0].story
    assert book.legs[leg]["number"] in story.splitlines()[1]
    moments = [line[:28] for line in story.splitlines() if line.startswith("  2")]
    assert moments == sorted(moments)
    for part in (
        f"sent accept with key {accepted.key}",
        f"heard ok 200 to accept with key {accepted.key}",
        "status issued → accepted",
        f"wrote outbox {event['event_id']}",
        f"wrote inbox_receipts {event['event_id']}/notifications",
        "wrote leg_events",
        "FAULT kill",
        "request.filed",
    ):
        assert part in story, part


def test_the_checker_needs_the_files_alone_and_says_by_its_exit_code_what_it_found(history: Path) -> None:
    moved = history.rename(history.with_name("moved"))
    shutil.rmtree(moved / "databases")
    assert _checked(moved) == (0, f"{moved}: every promise was kept\n")

    lost = orjson.loads((moved / "referrals.history.jsonl").read_bytes().splitlines()[0])
    _lose(moved / "referrals.history.jsonl", lost["id"])
    code, said = _checked(moved)

    assert code == 1
    assert said.startswith("BROKEN: ")
    assert lost["referral_id"] in said


def test_a_file_that_cannot_be_read_to_its_end_is_named(history: Path) -> None:
    file = history / "effects.intake.jsonl"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(ValueError, match=r"effects\.intake\.jsonl, line \d+ is no JSON"):
        check(history)


@pytest.mark.parametrize("name", ["clients", "effects.referrals", "intake.requests", "referrals.outbox"])
def test_a_history_without_one_of_its_files_is_not_taken_for_a_clean_one(history: Path, name: str) -> None:
    (history / f"{name}.jsonl").unlink()
    assert check(history)


def test_what_a_recorder_was_told_survives_the_death_of_its_process(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from tests.faults.history import Recorder\n"
        "recorder = Recorder(Path(sys.argv[1]))\n"
        "recorder.client(event='invoke', client='hut-1', op='file', key='k', about={'staff': 'hut'})\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    (operation,) = Book.read(tmp_path).operations
    assert (operation.op, operation.key, operation.came_out("unknown")) == ("file", "k", True)


def _lose(file: Path, name: str) -> None:
    lines = file.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if name.encode() not in line]
    assert len(kept) == len(lines) - 1
    file.write_bytes(b"".join(kept))


def _checked(folder: Path) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.history", str(folder)],
        env={"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.stderr
    return done.returncode, done.stdout
