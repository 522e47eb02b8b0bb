"""The AsyncAPI 3.0 document of all events, generated from the catalogue and its golden examples."""

from __future__ import annotations

import re
from functools import reduce
from importlib.metadata import version
from typing import Any

import orjson

from shared.events import CATALOGUE, CONTENT_TYPE, EventType, example, example_bytes
from shared.messaging import AGENCIES, EVENTS

Schema = dict[str, Any]

_INSIDE_ONLY = ("correlationid", "causationid", "traceparent")
_TYPES = {
    type(None): "null",
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}
_FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"),
}
_AMQP = {"bindingVersion": "0.3.0"}
_INFO = """\
Events are CloudEvents 1.0 in structured JSON. The ones with `agency` are routed by it. Events of one `source` and
`subject` bear a `sequence` of 1, 2, 3 … and arrive in that order; any event may arrive more than once, with the same
`id`. An agency with a system of its own reads the outside form from its inbox and nothing else."""


def document() -> dict[str, Any]:
    """Make the document: a channel per routing key, and the inbox of an agency's own system."""
    outside = [row for row in CATALOGUE.values() if row.outside]
    channels = {_id(row): _channel(row) for row in CATALOGUE.values()}
    channels["agency-inbox"] = _inbox(outside)
    operations: dict[str, Any] = {
        f"publish-{_id(row)}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{_id(row)}"},
            "summary": row.summary,
            "tags": [{"name": row.producer}],
        }
        for row in CATALOGUE.values()
    }
    operations["read-agency-inbox"] = {
        "action": "receive",
        "channel": {"$ref": "#/channels/agency-inbox"},
        "summary": "An agency's own system reads what concerns its agency.",
    }
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Aid referrals: events", "version": version("carehut"), "description": _INFO},
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                **{_id(row): _message(row, outside=False) for row in CATALOGUE.values()},
                **{f"{_id(row)}-outside": _message(row, outside=True) for row in outside},
            },
            "schemas": {f"{_id(row)}-data": _data(row) for row in CATALOGUE.values()},
        },
    }


def shape(value: object) -> Schema:
    """Describe a JSON value by example: types and formats, nothing required, nothing forbidden."""
    schema: Schema = {"type": [_TYPES[type(value)]]}
    if isinstance(value, str):
        if found := next((name for name, pattern in _FORMATS.items() if pattern.fullmatch(value)), None):
            schema["format"] = found
    elif isinstance(value, list):
        schema["items"] = reduce(joined, map(shape, value), Schema())
    elif isinstance(value, dict):
        schema["properties"] = {name: shape(item) for name, item in value.items()}
    return schema


def joined(one: Schema, other: Schema) -> Schema:
    """Describe what either schema describes; an empty one describes nothing yet."""
    if not one or not other:
        return one or other
    result: Schema = {"type": sorted({*one["type"], *other["type"]})}
    if "properties" in one or "properties" in other:
        mine, yours = one.get("properties", {}), other.get("properties", {})
        names = [*mine, *(name for name in yours if name not in mine)]
        result["properties"] = {name: joined(mine.get(name, {}), yours.get(name, {})) for name in names}
    if "items" in one or "items" in other:
        result["items"] = joined(one.get("items", {}), other.get("items", {}))
    formats = {schema.get("format") for schema in (one, other) if "string" in schema["type"]}
    if len(formats) == 1 and (kept := formats.pop()):
        result["format"] = kept
    return result


def _id(row: EventType) -> str:
    return row.type.replace(".", "-")


def _channel(row: EventType) -> dict[str, Any]:
    exchange = {"name": EVENTS, "type": "topic", "durable": True, "autoDelete": False}
    channel: dict[str, Any] = {
        "address": f"{row.noun}.{{agency}}.{row.fact}" if row.agency else f"{row.noun}.{row.fact}",
        "messages": {_id(row): {"$ref": f"#/components/messages/{_id(row)}"}},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, **_AMQP}},
    }
    if row.agency:
        channel["parameters"] = {"agency": {"description": "The id of the agency that is concerned."}}
    return channel


def _inbox(outside: list[EventType]) -> dict[str, Any]:
    names = [f"{_id(row)}-outside" for row in outside]
    queue = {"name": "agency.{agency}.inbox", "durable": True, "exclusive": False, "autoDelete": False}
    return {
        "address": "agency.{agency}.inbox",
        "parameters": {"agency": {"description": "The id of the agency that has a system of its own."}},
        "description": f"Fed from the exchange {AGENCIES}; the agency's own user reads it and may declare nothing.",
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
        "bindings": {"amqp": {"is": "queue", "queue": queue, **_AMQP}},
    }


def _message(row: EventType, *, outside: bool) -> dict[str, Any]:
    whole = orjson.loads(
        example(row.type).outside(example(row.type).id) if outside else example_bytes(row.type)
    )
    return {
        "name": row.type,
        "summary": row.summary,
        "contentType": CONTENT_TYPE,
        "tags": [{"name": row.producer}, {"name": row.aggregate}],
        "payload": _envelope(row, outside=outside),
        "examples": [{"name": "golden", "payload": whole}],
    }


def _envelope(row: EventType, *, outside: bool) -> Schema:
    properties: Schema = {
        "specversion": {"const": "1.0"},
        "id": {"type": "string", "format": "uuid"},
        "type": {"const": row.type},
        "source": {"type": "string", "format": "uri-reference", "pattern": f"^/aid/[0-9]+/{row.producer}$"},
        "subject": {"type": "string", "format": "uuid", "description": f"The id of the {row.aggregate}."},
        "time": {"type": "string", "format": "date-time"},
        "datacontenttype": {"const": "application/json"},
        "dataschema": {"const": row.dataschema},
        "sequence": {"type": "integer", "minimum": 1},
        "partitionkey": {"type": "string"},
        "data": {"$ref": f"#/components/schemas/{_id(row)}-data"},
    }
    if row.agency:
        properties["agency"] = {"type": "string"}
    required = list(properties)
    if not outside:
        properties |= {name: {"type": "string"} for name in _INSIDE_ONLY}
    return {"type": "object", "required": required, "properties": properties}


def _data(row: EventType) -> Schema:
    return shape(dict(example(row.type).data)) | {
        "description": "Readers take what they know and pass over the rest."
    }
