"""What this service accepts of a submitted request: each part of a leg is named when it is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError

from services.referrals.schemas.messages import SubmittedSchema
from shared.events import example

SCHEMA = SubmittedSchema()
GOLDEN: Any = example("request.submitted.v1").data


def with_leg(**changes: Any) -> dict[str, Any]:
    first, *others = GOLDEN["legs"]
    return {**GOLDEN, "legs": [{**first, **changes}, *others]}


def rules_with(**changes: Any) -> dict[str, Any]:
    return {"rules": {**GOLDEN["legs"][0]["rules"], **changes}}


def a_clock(**changes: Any) -> dict[str, Any]:
    return {"decide": {"unit": "hour", "total": 1, "starts_on": "issued", **changes}}


WRONG: tuple[dict[str, Any], ...] = (
    {"id": "1"},
    {"id": None},
    {"number": ""},
    {"agency": 7},
    {"programme": "x" * 201},
    {"packet": ""},
    {"badge": None},
    {"rules": []},
    rules_with(steps="survey"),
    rules_with(clocks=a_clock(unit="moon")),
    rules_with(clocks=a_clock(total=0)),
    rules_with(clocks=a_clock(total=True)),
    {"index": "abc"},
    {"index": {"key_id": None}},
)


@pytest.mark.parametrize("changes", WRONG)
def test_a_wrong_part_of_a_leg_is_named(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as wrong:
        SCHEMA.load(with_leg(**changes))
    assert wrong.value.messages == {"legs": {0: {next(iter(changes)): ["missing or wrong"]}}}


@pytest.mark.parametrize("legs", [[], None, {}, ["leg"], "legs"])
def test_a_request_has_legs(legs: object) -> None:
    with pytest.raises(ValidationError):
        SCHEMA.load({**GOLDEN, "legs": legs})


def test_a_leg_may_come_without_index_and_a_token_may_be_unknown() -> None:
    loaded: Any = SCHEMA.load(with_leg(index=None))
    assert loaded["legs"][0]["index"] is None
    loaded = SCHEMA.load(with_leg(index={"key_id": "k", "name": "abc"}))
    assert loaded["legs"][0]["index"] == {"key_id": "k", "name": "abc"}
