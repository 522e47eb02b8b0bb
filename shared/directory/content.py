"""The plain JSON form of a pack: its version, its cut for one service, and the way back to a ``District``."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

import orjson

from shared.clock import Calendar, DayMark
from shared.directory.model import (
    Agency,
    Bounds,
    District,
    Field,
    FieldSource,
    Post,
    StaffMember,
    StreetDesk,
    Unit,
)
from shared.directory.neutral import without_clinical
from shared.directory.programme_content import programme_from
from shared.directory.programmes import Law
from shared.text import Text

Content = Mapping[str, Any]

_INTAKE = "intake"

_T = TypeVar("_T")


def version_of(content: Content) -> str:
    """Give the version of a whole pack: the first 16 hexadecimal digits of the SHA-256 of its canonical JSON."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def cut(district: District, service: str) -> District:
    """Give the part of a pack that ``service`` may hold, under the same version."""
    if district.service == service:
        return district
    if district.service is not None and service == _INTAKE:
        raise ValueError(f"a pack cut for {district.service} has lost what intake needs")
    content = district.content if service == _INTAKE else without_clinical(district.content)
    return district_from(content, version=district.version, service=service)


def district_from(content: Content, *, version: str, service: str | None) -> District:
    """Build a ``District`` from content that was checked when its pack was loaded."""
    laws = {law["id"]: _law(law) for law in content["laws"]}
    return District(
        code=content["code"],
        letters=content["letters"],
        version=version,
        service=service,
        name=_text(content["name"]),
        product_name=_text(content["product_name"]),
        hut_title=_text(content["hut_title"]),
        handler=_text(content["handler"]),
        demo=content["demo"],
        timezone=content["timezone"],
        specialist_check=content["specialist_check"],
        agencies=_by_id(content["agencies"], _agency),
        programmes={item["id"]: programme_from(item, laws) for item in content["programmes"]},
        fields=_by_id(content["answer_fields"], lambda item: _field(item, "answer")),
        person_fields=_by_id(content["person_fields"], lambda item: _field(item, "person")),
        derived_fields=_by_id(content["derived_fields"], lambda item: _field(item, "derived")),
        data_kinds=_by_id(content["data_kinds"], lambda item: _text(item["label"])),
        units={item["code"]: Unit(**item) for item in content["units"]},
        staff=tuple(_staff(item) for item in content["staff"]),
        calendar=Calendar(_mark(item) for item in content["calendar"]),
        texts={name: _text(text) for name, text in content["texts"].items()},
        clocks=content["clocks"],
        limits=content["limits"],
        escalation=tuple(content["escalation"]),
        options=content["options"],
        standards={item["id"]: item["amount"] for item in content["standards"]},
        # Versions stored before these keys existed lack them; legs filed under one still name it.
        categories=_by_id(content.get("categories", ()), lambda item: _text(item["name"])),
        screening=tuple(content.get("screening", ())),
        content=content,
    )


def _by_id(items: Iterable[Content], build: Callable[[Content], _T]) -> dict[str, _T]:
    return {item["id"]: build(item) for item in items}


def _text(item: Content) -> Text:
    return Text(item["zh"], item["en"])


def _agency(item: Content) -> Agency:
    return Agency(
        id=item["id"],
        letters=item["letters"],
        name=_text(item["name"]),
        contact=_text(item["contact"]),
        keys=item["keys"],
        public_jwk=item["public_jwk"],
        system=item["system"],
        desks=tuple(StreetDesk(desk["street"], _text(desk["name"])) for desk in item.get("desks", ())),
    )


def _law(item: Content) -> Law:
    return Law(item["id"], _text(item["name"]), item["valid_from"], item["valid_to"], item["verified"])


def _field(item: Content, source: FieldSource) -> Field:
    options = {option["id"]: _text(option["label"]) for option in item["options"]}
    # Packs stored by an earlier release have none.
    bounds = Bounds(**(item.get("bounds") or {}))
    return Field(item["id"], item["kind"], item["type"], _text(item["label"]), options, source, bounds)


def _staff(item: Content) -> StaffMember:
    posts = tuple(Post(**post) for post in item["posts"])
    return StaffMember(item["id"], item["name"], posts, item["demo_password"])


def _mark(item: Content) -> DayMark:
    return DayMark(
        on=date.fromisoformat(item["date"]),
        working=item["day"] == "work",
        name=_text(item["name"]),
        layer=item["layer"],
        notice_year=item["year"],
        source=item["source"],
    )
