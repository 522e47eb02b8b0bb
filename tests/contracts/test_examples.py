"""The golden examples themselves: one for each type, made as an event is, and saying nothing they should not."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import orjson
import pytest

from shared.events import CATALOGUE, example, example_bytes

FILES = resources.files("shared.events").joinpath("examples")
FORBIDDEN = re.compile(r"\bhut\b|rehab|drug|methadone|hiv|\bcare\b|爱心|戒毒|禁毒|康复")


def strings(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for inner in value.values() for text in strings(inner)]
    if isinstance(value, list):
        return [text for inner in value for text in strings(inner)]
    return [value] if isinstance(value, str) else []


def test_every_type_has_an_example_and_every_example_a_type() -> None:
    assert {file.name.removesuffix(".json") for file in FILES.iterdir()} == set(CATALOGUE)


@pytest.mark.parametrize("type_", CATALOGUE)
def test_an_example_is_kept_readable(type_: str) -> None:
    written = FILES.joinpath(f"{type_}.json").read_bytes()
    assert written == orjson.dumps(orjson.loads(written), option=orjson.OPT_INDENT_2) + b"\n"


@pytest.mark.parametrize("type_", CATALOGUE)
def test_an_example_is_what_its_type_and_its_producer_say(type_: str) -> None:
    event, row = example(type_), CATALOGUE[type_]
    assert event.type == type_
    assert event.source == f"/aid/530103/{row.producer}"
    assert (event.agency is not None) == row.agency


@pytest.mark.parametrize("type_", CATALOGUE)
def test_no_example_tells_where_a_person_comes_from(type_: str) -> None:
    assert not FORBIDDEN.search(example_bytes(type_).decode().lower())


@pytest.mark.parametrize("type_", CATALOGUE)
def test_what_is_sealed_looks_like_a_compact_jwe_to_one_receiver(type_: str) -> None:
    for text in strings(dict(example(type_).data)):
        if text.count(".") == 4:
            header, key, *rest = text.split(".")
            assert key == ""  # ECDH-ES agrees on the key itself
            assert all(re.fullmatch(r"[A-Za-z0-9_-]+", part) for part in (header, *rest))


def test_the_health_agencys_leg_has_the_outward_name_of_its_programme() -> None:
    legs: Any = example("request.submitted.v1").data["legs"]
    assert {leg["programme"] for leg in legs if leg["agency"] == "health"} == {"health-service"}


def test_no_outside_form_names_the_request() -> None:
    for type_, row in CATALOGUE.items():
        if row.outside:
            request = example(type_).correlation
            assert request is not None
            assert request.encode() not in example(type_).outside("019aae11-0006-7f10-8b2c-0a1b2c3d4eff")
