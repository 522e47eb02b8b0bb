"""The generated AsyncAPI document: complete, true to the golden examples, neutral."""

from __future__ import annotations

from typing import Any

import jsonschema
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import Client

from deploy.front import FrontApp
from deploy.front.asyncapi import document, joined, shape
from shared.events import CATALOGUE, example, example_bytes

DOCUMENT = document()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.just("2026-11-23"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=8,
)


def _validator(message: dict[str, Any]) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator({**message["payload"], "components": DOCUMENT["components"]})


@pytest.mark.parametrize("type_", CATALOGUE)
def test_the_schema_of_each_type_takes_its_golden_example(type_: str) -> None:
    message = DOCUMENT["components"]["messages"][type_.replace(".", "-")]
    _validator(message).validate(orjson.loads(example_bytes(type_)))


@pytest.mark.parametrize("type_", [row.type for row in CATALOGUE.values() if row.outside])
def test_the_outside_form_has_nothing_that_joins_two_legs(type_: str) -> None:
    message = DOCUMENT["components"]["messages"][f"{type_.replace('.', '-')}-outside"]
    _validator(message).validate(orjson.loads(example(type_).outside("019aae11-0001-7f10-8b2c-0a1b2c3d4e01")))
    assert not {"correlationid", "causationid", "traceparent"} & set(message["payload"]["properties"])


def test_an_envelope_without_its_sequence_is_refused() -> None:
    event = orjson.loads(example_bytes("referral.issued.v1"))
    del event["sequence"]
    with pytest.raises(jsonschema.ValidationError, match="sequence"):
        _validator(DOCUMENT["components"]["messages"]["referral-issued-v1"]).validate(event)


def test_every_reference_leads_somewhere() -> None:
    def walk(node: object) -> None:
        if isinstance(node, dict):
            if "$ref" in node:
                found: Any = DOCUMENT
                for step in node["$ref"].removeprefix("#/").split("/"):
                    found = found[step]
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(DOCUMENT)


def test_it_is_served_to_anyone() -> None:
    answer = Client(FrontApp({})).get("/asyncapi.json")
    assert answer.status_code == 200
    assert answer.get_json()["asyncapi"] == "3.0.0"


@given(JSON, JSON)
def test_a_joined_shape_takes_whatever_either_took(one: object, other: object) -> None:
    schema = joined(shape(one), shape(other))
    for value in (one, other):
        jsonschema.Draft202012Validator(schema).validate(value)
