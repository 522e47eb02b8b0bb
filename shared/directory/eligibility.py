"""Checks on the conditions of programmes: fields that exist, comparisons that fit them, standards that are set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.directory.pack_view import DISTRICT, FIELDS, PROGRAMMES, Found, Pack, maps_of
from shared.directory.yaml_source import Path_

_NUMERIC = {"at_least", "at_most", "below", "above"}
_LISTS = {"one_of", "not_one_of"}
_VALUE_TYPES: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "text": str,
    "number": (int, float),
    "boolean": bool,
    "date": str,
    "option": str,
    "options": str,
}


def criteria(pack: Pack) -> Found:
    """Check every condition of every programme, and the answer by which it is known to be held."""
    known = {
        item["id"]: item
        for section in ("person", "derived", "answers")
        for _, item in pack.items(FIELDS, section)
        if isinstance(item.get("id"), str)
    }
    standards = pack.ids(DISTRICT, "standards")
    for place, programme in pack.items(PROGRAMMES, "programmes"):
        for index, rule in maps_of(programme, "eligibility"):
            at = (*place, "eligibility", index)
            flat = rule.get("field") is not None
            if bool(rule.get("any_of")) == flat or flat != (rule.get("op") is not None):
                yield pack.flaw(PROGRAMMES, at, "criterion-form")
            for where, check in _checks(rule, at):
                yield from _form(pack, where, check, standards)
                yield from _fit(pack, where, check, known)
        held = programme.get("held_when")
        if isinstance(held, dict):
            yield from _form(pack, (*place, "held_when"), held, standards)
            yield from _fit(pack, (*place, "held_when"), held, known)


def _checks(rule: dict[str, Any], at: Path_) -> Iterator[tuple[Path_, dict[str, Any]]]:
    if "field" in rule:
        yield at, rule
    for index, check in maps_of(rule, "any_of"):
        yield (*at, "any_of", index), check


def _form(pack: Pack, where: Path_, check: dict[str, Any], standards: set[str]) -> Found:
    value, standard = check.get("value"), check.get("standard")
    if isinstance(standard, str) and standard not in standards:
        yield pack.flaw(PROGRAMMES, (*where, "standard"), "unknown-standard", value=standard)
    if (value is None) == (standard is None):
        yield pack.flaw(PROGRAMMES, where, "check-form")


def _fit(pack: Pack, where: Path_, check: dict[str, Any], known: dict[str, dict[str, Any]]) -> Found:
    name, op, value = check.get("field"), str(check.get("op")), check.get("value")
    if not isinstance(name, str):
        return
    if name not in known:
        yield pack.flaw(PROGRAMMES, (*where, "field"), "unknown-field", value=name)
        return
    kind = str(known[name].get("type"))
    if (op in _NUMERIC or check.get("standard") is not None) and kind != "number":
        yield pack.flaw(PROGRAMMES, (*where, "op"), "check-value", key=name, value=op)
    elif value is not None and kind in _VALUE_TYPES:
        if (op in _LISTS) != isinstance(value, list):
            yield pack.flaw(PROGRAMMES, (*where, "value"), "check-value", key=name, value=value)
            return
        options = {str(option.get("id")) for _, option in maps_of(known[name], "options")}
        for each in value if isinstance(value, list) else [value]:
            if not isinstance(each, _VALUE_TYPES[kind]) or (isinstance(each, bool) and kind != "boolean"):
                yield pack.flaw(PROGRAMMES, (*where, "value"), "check-value", key=name, value=each)
            elif options and each not in options:
                yield pack.flaw(PROGRAMMES, (*where, "value"), "unknown-option", key=name, value=each)
