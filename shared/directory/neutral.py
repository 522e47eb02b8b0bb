"""What may leave intake: the list of words that may not, and the cut of a pack without clinical programmes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from shared.directory.programmes import CLINICAL_OUTWARD

FORBIDDEN = (
    "爱心小屋",
    "禁毒",
    "戒毒",
    "吸毒",
    "涉毒",
    "毒品",
    "社戒",
    "社康",
    "康复",
    "美沙酮",
    "阿片",
    "药物维持",
    "艾滋",
    "care hut",
    "carehut",
    "care-hut",
    "rehab",
    "drug",
    "methadone",
    "opioid",
    "addict",
    "narcotic",
    "hiv",
    "jiedu",
    "jindu",
    "aixinxiaowu",
)
"""Words that would tell what the person is in: Chinese ones anywhere, Latin ones where a word begins, in any case."""

_LATIN_START = r"(?<![a-z])"
_PATTERN = re.compile(
    "|".join(_LATIN_START + re.escape(word) if word.isascii() else re.escape(word) for word in FORBIDDEN),
    re.IGNORECASE,
)


def forbidden_word(text: str) -> str | None:
    """Give the first word of the list that occurs in ``text`` (as it is written there), or ``None``."""
    found = _PATTERN.search(text)
    return found.group() if found else None


def strings_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Walk any JSON value and give every string in it, keys included, with its dotted path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield path, key
            yield from strings_in(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from strings_in(item, f"{path}.{index}")


def without_clinical(content: Mapping[str, Any]) -> dict[str, Any]:
    """Cut a whole pack for referrals and notifications.

    Clinical programmes become the one ``health-service``; their fields and laws go, and with them the hut's own
    title, the consent text and the staff's made-up passwords.
    """
    programmes = [item for item in content["programmes"] if item["disclosure"] != "clinical"]
    clinical = [item for item in content["programmes"] if item["disclosure"] == "clinical"]
    fields = {name for item in programmes for name in item["fields"]}
    fields |= {
        check["field"] for item in programmes for rule in item["eligibility"] for check in rule["any_of"]
    }
    laws = {basis["law"] for item in programmes for basis in item["basis"]}
    if clinical:
        programmes = [*programmes, _health_service(content, clinical)]
    return {
        **content,
        "hut_title": content["product_name"],
        "programmes": [
            {
                **item,
                **dict.fromkeys(_HUT_ONLY),
                **{key: _known(item.get(key, []), programmes) for key in _NAMES_OF_OTHERS},
            }
            for item in programmes
        ],
        "answer_fields": [item for item in content["answer_fields"] if item["id"] in fields],
        "screening": [],  # asked at the hut only
        "laws": [item for item in content["laws"] if item["id"] in laws],
        "staff": [{**item, "demo_password": None} for item in content["staff"]],
        "texts": {name: text for name, text in content["texts"].items() if not name.startswith("consent")},
    }


_HUT_ONLY = ("consent_note", "held_when", "eased_by")
_NAMES_OF_OTHERS = ("requires", "excludes", "alternatives")


def _known(ids: list[str], programmes: list[dict[str, Any]]) -> list[str]:
    kept = {item["id"] for item in programmes}
    return [name for name in ids if name in kept]


def _health_service(content: Mapping[str, Any], clinical: list[dict[str, Any]]) -> dict[str, Any]:
    steps = max(len(item["steps"]) for item in clinical)
    papers = max(len(item["papers"]) for item in clinical)
    outcomes: dict[str, dict[str, Any]] = {}
    for item in clinical:
        for outcome in item["outcomes"]:
            outcomes.setdefault(outcome["id"], {"id": outcome["id"], "asks": []})
    return {
        "id": CLINICAL_OUTWARD,
        "agency": content["health_service"]["agency"],
        "name": content["health_service"]["name"],
        "disclosure": "none",
        "offered": True,
        "instead": None,
        "beneficiary": "person",
        "fields": [],
        "person_fields": sorted({name for item in clinical for name in item["person_fields"]}),
        "papers": [
            {"id": f"paper-{n}", "name": {"zh": f"材料 {n}", "en": f"Paper {n}"}, "required": False}
            for n in range(1, papers + 1)
        ],
        "steps": [
            {"id": f"step-{n}", "name": {"zh": f"第 {n} 步", "en": f"Step {n}"}, "limit": None}
            for n in range(1, steps + 1)
        ],
        "clocks": {},
        "outcomes": list(outcomes.values()),
        "publicity": None,
        "eligibility": [],
        "basis": [],
        "requires": [],
        "excludes": [],
        "note": None,
        "consent_note": None,
        "verified": {"all": "design"},
    }
