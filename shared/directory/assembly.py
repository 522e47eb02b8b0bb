"""Putting the checked files of a pack together into its one plain JSON form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from shared.directory.csv_source import Row

_DISTRICT_KEYS = (
    "code",
    "letters",
    "name",
    "product_name",
    "hut_title",
    "handler",
    "demo",
    "timezone",
    "specialist_check",
    "health_service",
    "clocks",
    "limits",
    "escalation",
    "options",
    "standards",
)
_AS_THEY_ARE = (
    "id",
    "agency",
    "name",
    "disclosure",
    "offered",
    "instead",
    "beneficiary",
    "basis",
    "clocks",
    "publicity",
    "category",
    "rank",
    "requires",
    "excludes",
    "alternatives",
    "held_when",
    "eased_by",
    "capacity",
    "aid_first",
    "routed_by",
    "note",
    "consent_note",
    "verified",
)


def assemble(
    loaded: Mapping[str, Any], units: list[Row], days: list[Row], consent: Mapping[str, str]
) -> dict[str, Any]:
    """Build the content from the files' loaded values; lists keep the order in which the district wrote them."""
    district, fields = loaded["district.yaml"], loaded["fields.yaml"]
    programmes, posts = loaded["programmes.yaml"], loaded["posts.yaml"]
    return {
        **{key: district[key] for key in _DISTRICT_KEYS},
        "agencies": loaded["agencies.yaml"]["agencies"],
        "categories": programmes["categories"],
        "laws": programmes["laws"],
        "programmes": [_programme(item, programmes) for item in programmes["programmes"]],
        "data_kinds": fields["data_kinds"],
        "person_fields": fields["person"],
        "derived_fields": fields["derived"],
        "answer_fields": fields["answers"],
        "screening": fields["screening"],
        "units": [_unit(row.values) for row in units],
        "staff": [{**item, "demo_password": posts["demo_password"]} for item in posts["staff"]],
        "calendar": [_day(row.values) for row in days],
        "texts": {**loaded["texts/notices.yaml"]["texts"], "consent": dict(consent)},
    }


def _programme(item: Mapping[str, Any], tables: Mapping[str, Any]) -> dict[str, Any]:
    papers = {paper["id"]: paper for paper in tables["papers"]}
    steps = {step["id"]: step["name"] for step in tables["steps"]}
    return {
        **{key: item[key] for key in _AS_THEY_ARE},
        "fields": item["disclosed"],
        "person_fields": item["person_fields"] or tables["person_fields"],
        "papers": [
            {**papers[paper], "required": required}
            for chosen, required in ((item["papers"], True), (item["papers_if_any"], False))
            for paper in chosen
        ],
        "steps": [
            {"id": step, "name": steps[step], "limit": item["step_limits"].get(step)}
            for step in item["steps"]
        ],
        "outcomes": [{"id": outcome, "asks": asks} for outcome, asks in item["outcomes"].items()],
        "eligibility": [_criterion(criterion) for criterion in item["eligibility"]],
        "publicity": None if item["publicity"] is None else _publicity(item["publicity"]),
    }


def _publicity(item: Mapping[str, Any]) -> dict[str, Any]:
    return {**{key: item[key] for key in ("unit", "total", "counts", "minors")}, "fields": item["shown"]}


def _criterion(item: Mapping[str, Any]) -> dict[str, Any]:
    checks = item["any_of"] or [{key: item[key] for key in ("field", "op", "value", "standard", "times")}]
    return {"id": item["id"], "name": item["name"], "any_of": checks}


def _unit(values: Mapping[str, str]) -> dict[str, Any]:
    return {**values, "parent": values["parent"] or None, "year": int(values["year"])}


def _day(values: Mapping[str, str]) -> dict[str, Any]:
    return {
        "date": values["date"],
        "day": values["day"],
        "name": {"zh": values["name_zh"], "en": values["name_en"]},
        "layer": values["layer"],
        "year": int(values["year"]),
        "source": values["source"],
    }
