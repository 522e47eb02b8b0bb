"""The least that a schema of a document takes, and the same with an id wherever it can name a thing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

AN_ID = "019aae10-4c01-7c42-8a10-00000000face"
"""Stands for the id of a thing in what ``with_an_id`` makes."""
_TEXTS = {"date": "2026-12-01", "date-time": "2026-12-01T10:00:00+08:00", "uuid": AN_ID}
_PLAIN = {"integer": 1, "number": 1.0, "boolean": False, "string": "核对材料"}

Schema = Mapping[str, Any]


def least_of(schema: Schema, known: Schema) -> Any:
    """Make what a schema requires, and nothing else; ``known`` are the schemas it refers to."""
    schema = _resolved(schema, known)
    if "enum" in schema:
        return next(value for value in schema["enum"] if value is not None)
    kind = _kind(schema)
    if kind == "object":
        properties = schema.get("properties", {})
        return {name: least_of(properties[name], known) for name in schema.get("required", ())}
    if kind == "array":
        return [least_of(schema["items"], known)] * schema.get("minItems", 0)
    return _TEXTS.get(schema.get("format", ""), _PLAIN[kind])


def with_an_id(schema: Schema, known: Schema) -> Iterator[tuple[str, Any]]:
    """Give every place at which a body can name a thing, such as ``legs.[].id``, and the least with ``AN_ID`` there."""
    schema = _resolved(schema, known)
    if schema.get("format") == "uuid":
        yield "", AN_ID
    elif _kind(schema) == "array":
        yield from ((f"[].{where}".rstrip("."), [body]) for where, body in with_an_id(schema["items"], known))
    else:
        for name, inner in schema.get("properties", {}).items():
            for where, body in with_an_id(inner, known):
                yield f"{name}.{where}".rstrip("."), {**least_of(schema, known), name: body}


def _resolved(schema: Schema, known: Schema) -> Schema:
    while "$ref" in schema:
        schema = known[schema["$ref"].rpartition("/")[2]]
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            return _resolved(schema[choice][0], known)
    return schema


def _kind(schema: Schema) -> str:
    kind = schema.get("type", "object")
    return str(next(one for one in kind if one != "null") if isinstance(kind, list) else kind)
