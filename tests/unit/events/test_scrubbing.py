"""What the catalogue calls sealed is blotted out of an event, or left out of what an agency's system gets."""

from __future__ import annotations

import orjson
import pytest

from shared.events import CATALOGUE
from shared.outbox.scrubbing import SCRUBBED, scrubbed

TYPES = [name for name, row in CATALOGUE.items() if row.sealed]


@pytest.mark.parametrize("type_", TYPES)
def test_nothing_sealed_is_left_of_an_event(type_: str) -> None:
    names = CATALOGUE[type_].sealed
    body = orjson.dumps({"type": type_, "data": {"rev": 1, **dict.fromkeys(names, "somebody's")}})

    ours, theirs = scrubbed(body), scrubbed(body, left_out=True)

    assert ours is not None
    assert theirs is not None
    assert orjson.loads(ours)["data"] == {"rev": 1, **dict.fromkeys(names, SCRUBBED)}
    assert orjson.loads(theirs)["data"] == {"rev": 1}


def test_of_a_slip_that_came_with_a_command_its_kind_stays() -> None:
    scan = {"type": "image/png", "size": 7}
    body = orjson.dumps({"data": {"scan": {**scan, "sealed": "somebody's"}}})
    ours = scrubbed(body)
    assert ours is not None
    assert orjson.loads(ours)["data"] == {"scan": {**scan, "sealed": SCRUBBED}}
