"""The report of a long run says what was done and found, and goes on where a run was cut short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.matrix import report
from tests.faults.matrix.report import Report
from tests.faults.matrix.rows import MODULES
from tests.faults.matrix.runner import Entry
from tests.faults.matrix.scenario import SCENARIOS, scenario


@pytest.fixture(autouse=True)
def _somewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report need not ask this machine for its servers' versions."""
    monkeypatch.setattr(report, "versions", lambda: "Python 3, PostgreSQL 15, RabbitMQ 3")


def entry(name: str, times: int, *findings: str) -> Entry:
    return Entry(name, "Something breaks.", times, times, 400, 20.0, 3, 21.0, [1.5, 4.26], list(findings))


def test_what_was_done_before_with_the_same_seed_is_not_done_again(tmp_path: Path) -> None:
    Report(tmp_path / "faults.md", "one").add(entry("broken", 20))
    later = Report(tmp_path / "faults.md", "one")
    assert (later.done("broken"), later.done("other")) == (20, 0)
    assert Report(tmp_path / "faults.md", "two").done("broken") == 0
    later.add(entry("other", 3))
    later.add(entry("broken", 30))
    assert later.done("broken") == 50
    text = (tmp_path / "faults.md").read_text()
    assert "| `broken`: Something breaks. | 50 | 50 | 800 | 20.0 | 6 | 4.3 | 42 | 0 |" in text
    assert "`other`" in text
    assert "Nothing was lost" in text


def test_a_run_goes_on_with_the_report_that_was_begun_on_another_day(tmp_path: Path) -> None:
    Report(tmp_path / "2026-11-20-faults.md", "one").add(entry("broken", 20))
    assert Report.begun("one", tmp_path).done("broken") == 20
    assert Report.begun("one", tmp_path, anew=True).done("broken") == 0


def test_a_report_says_what_is_still_to_be_done(tmp_path: Path) -> None:
    name, row = next(iter(SCENARIOS.items()))
    kept = Report(tmp_path / "faults.md", "one")
    kept.add(entry(name, row.long - 1))
    assert f"Still to be done: `{name}` 1," in (tmp_path / "faults.md").read_text()
    kept.add(entry(name, 1))
    assert f"`{name}` " not in (tmp_path / "faults.md").read_text().partition("Still to be done: ")[2]


def test_what_was_found_stands_in_the_report(tmp_path: Path) -> None:
    kept = Report(tmp_path / "faults.md", "one")
    kept.add(entry("broken", 20, "an event was lost"))
    text = (tmp_path / "faults.md").read_text()
    assert ": 1 findings" in text.splitlines()[0]
    assert "an event was lost" in text
    kept.forget("broken")
    kept.add(entry("broken", 20))
    assert "Nothing was lost" in (tmp_path / "faults.md").read_text()


def test_two_runs_of_one_scenario_add_up() -> None:
    both = entry("broken", 20).with_more(entry("broken", 10, "an event was lost"))
    assert (both.times, both.kills, both.operations, both.rate) == (30, 30, 800, 20.0)
    assert both.findings == ["an event was lost"]


def test_every_row_says_what_it_does_and_has_a_name_of_its_own() -> None:
    assert MODULES
    assert all(row.says.endswith(".") for row in SCENARIOS.values())
    with pytest.raises(ValueError, match="does not say"):
        scenario("nameless", ci=1, long=1)(lambda _rig, _chance: None)
    with pytest.raises(ValueError, match="are called"):
        scenario(next(iter(SCENARIOS)), ci=1, long=1)(lambda _rig, _chance: None)
