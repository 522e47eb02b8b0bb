"""What was found in several places is told once; the exit status says how it stands."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from deploy.doctor import watch
from deploy.doctor.report import HEALTHY, TROUBLED, UNSEEN, Report, Unseen, collected
from deploy.doctor.watch import Watch
from shared.telemetry.sayings import SAYINGS
from shared.telemetry.trouble import Trouble, merged
from shared.text import Text
from tests.waiting import until

NOW = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
AWAY = Trouble.of("broker-away")


def test_the_same_thing_in_several_places_is_one_finding_since_it_was_first_noticed() -> None:
    earlier, later = (Trouble.of("broker-away", since=NOW + timedelta(seconds=n)) for n in (0, 5))
    (found,) = collected({"intake": [later], "referrals": [earlier], "broker": [AWAY]})
    assert found.places == ("intake", "referrals", "broker")
    assert found.trouble.since == NOW


def test_the_same_code_about_other_things_stays_apart() -> None:
    queues = [Trouble.of("queue-missing", about=name) for name in ("intake.events", "referrals.events")]
    assert len(collected({"broker": [*queues, queues[0]]})) == 2


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (Report(), HEALTHY),
        (Report(findings=collected({"broker": [AWAY]})), TROUBLED),
        (Report(unseen=[Unseen("broker", Text("不可", "no address"))]), UNSEEN),
        (Report(collected({"broker": [AWAY]}), [Unseen("keys", Text("不可", "no"))]), TROUBLED),
    ],
)
def test_the_exit_status_tells_healthy_troubled_and_unseen(report: Report, status: int) -> None:
    assert report.status == status


def test_a_trouble_survives_the_way_through_json() -> None:
    told = Trouble.of("outbox-late", since=NOW, about="x", count=3, seconds=94)
    assert Trouble.from_json(orjson.loads(orjson.dumps(told.as_json()))) == told


@pytest.mark.parametrize("code", SAYINGS)
def test_every_saying_has_words_and_a_remedy_in_both_languages(code: str) -> None:
    saying = SAYINGS[code]
    for text in (saying.what, saying.remedy):
        assert text.zh.endswith("。")
        assert text.en.endswith(".")


def test_a_code_nobody_knows_is_told_as_it_is() -> None:
    assert "odd" in Trouble.of("odd").what.en


def test_of_one_trouble_the_first_words_and_the_earliest_moment_stay() -> None:
    first = Trouble.of("outbox-late", since=NOW, count=1, seconds=40)
    second = Trouble.of("outbox-late", since=NOW - timedelta(seconds=9), count=2, seconds=41)
    (one,) = merged([first, second])
    assert (one.what, one.since) == (first.what, second.since)


def test_a_look_that_fails_says_so_and_hides_no_other() -> None:
    def broken() -> list[Trouble]:
        raise PermissionError("/somewhere/private")

    looking = Watch({"disk": broken, "broker": lambda: [AWAY]})
    looking.look()
    assert [trouble.code for trouble in looking.troubles] == ["not-looked-at", "broker-away"]
    assert looking.troubles[0].what.en == "disk could not be looked at (PermissionError)."


def test_a_watch_looks_again_and_again_until_told_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "EVERY_SECONDS", 0.01)
    looks: list[int] = []

    def look() -> list[Trouble]:
        looks.append(1)
        return [] if len(looks) > 2 else [AWAY]

    looking, stop = Watch({"broker": look}), threading.Event()
    thread = threading.Thread(target=looking.run, args=(stop,))
    thread.start()
    until(lambda: len(looks) > 2 and looking.troubles == ())
    stop.set()
    thread.join(10)
    assert not thread.is_alive()
