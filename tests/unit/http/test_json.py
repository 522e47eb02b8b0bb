"""How moments are written in answers: one width, so that the order of the texts is the order of the moments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import orjson

from shared.http.json_provider import dumps
from shared.http.schema import Moment, Schema

WHOLE = datetime(2026, 11, 22, 8, 37, 33, tzinfo=UTC)
WANTED = ["2026-11-22T08:37:33.000Z", "2026-11-22T08:37:33.010Z", "2026-11-22T08:37:34.000Z"]
MOMENTS = [WHOLE, WHOLE + timedelta(milliseconds=10), WHOLE + timedelta(seconds=1)]


class Line(Schema):
    """One line of a list."""

    at = Moment()


def test_a_whole_second_is_written_like_every_other_moment() -> None:
    assert orjson.loads(dumps(MOMENTS)) == WANTED
    assert [Line().dump({"at": moment})["at"] for moment in MOMENTS] == WANTED


def test_another_zone_is_written_in_utc_and_a_day_stays_a_day() -> None:
    there = datetime(2026, 11, 22, 16, 37, 33, tzinfo=timezone(timedelta(hours=8)))
    assert orjson.loads(dumps([there, date(2026, 11, 22)])) == [WANTED[0], "2026-11-22"]
