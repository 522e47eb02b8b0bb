"""Checks on the conditions of programmes: fields that exist, comparisons that fit them, standards that are set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shared.directory.pack_view import DISTRICT, FIELDS, PROGRAMMES, Found, Pack
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
    """Check every condition of every programme."""
    known = {
        item["id"]: item
        for section in ("person", "derived", "answers")
        for _, item in pack.items(FIELDS, section)
        if isinstance(item.get("id"), str)
    }
    standards = pack.ids(DISTRICT, "standards")
    for place, programme in pack.items(PROGRAMMES, "programmes"):
        rules = programme.get("eligibility")
        for index, rule in enumerate(rules if isinstance(rules, list) else ()):
            if not isinstance(rule, dict):
                continue
            at = (*place, "eligibility", index)
            if ("any_of" in rule) == ("field" in rule):
                yield pack.flaw(PROGRAMMES, at, "criterion-form")
            for where, check in _checks(rule, at):
                yield from _check(pack, where, check, known, standards)


def _checks(rule: dict[str, Any], at: Path_) -> Iterator[tuple[Path_, dict[str, Any]]]:
    if "field" in rule:
        yield at, rule
    any_of = rule.get("any_of")
    for index, check in enumerate(any_of if isinstance(any_of, list) else ()):
        if isinstance(check, dict):
            yield (*at, "any_of", index), check


def _check(
    pack: Pack, where: Path_, check: dict[str, Any], known: dict[str, dict[str, Any]], standards: set[str]
) -> Found:
    name, op, value, standard = (check.get(key) for key in ("field", "op", "value", "standard"))
    if isinstance(standard, str) and standard not in standards:
        yield pack.flaw(PROGRAMMES, (*where, "standard"), "unknown-standard", value=standard)
    if (value is None) == (standard is None):
        yield pack.flaw(PROGRAMMES, where, "check-form")
    if not isinstance(name, str):
        return
    field = known.get(name)
    if field is None:
        yield pack.flaw(PROGRAMMES, (*where, "field"), "unknown-field", value=name)
        return
    kind = str(field.get("type"))
    if (op in _NUMERIC or standard is not None) and kind != "number":
        yield pack.flaw(PROGRAMMES, (*where, "op"), "check-value", key=name, value=op)
        return
    if value is None or kind not in _VALUE_TYPES:
        return
    if (op in _LISTS) != isinstance(value, list):
        yield pack.flaw(PROGRAMMES, (*where, "value"), "check-value", key=name, value=value)
        return
    options = {option.get("id") for option in field.get("options") or () if isinstance(option, dict)}
    for each in value if isinstance(value, list) else [value]:
        fits = isinstance(each, _VALUE_TYPES[kind]) and (kind == "boolean" or not isinstance(each, bool))
        if not fits:
            yield pack.flaw(PROGRAMMES, (*where, "value"), "check-value", key=name, value=each)
        elif options and each not in options:
            yield pack.flaw(PROGRAMMES, (*where, "value"), "unknown-option", key=name, value=each)
