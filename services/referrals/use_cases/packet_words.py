"""An opened packet in words: each field with its label, its value as people say it, in the order of the pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.referrals.use_cases.views import programme_name, unit_name
from shared.directory import District, Field
from shared.text import Text
from shared.web.dates import plain_date

Value = Text | str

_YES, _NO = Text("是", "Yes"), Text("否", "No")
_RELATION = Text("关系", "Relation")
_UNITS = ("residence", "household_registration")


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a packet under its heading; ``lines`` are pairs of label and value."""

    title: Text
    lines: Sequence[tuple[Value, Value]]


_PERSON = Text("本人", "The person")
_BENEFICIARY = Text("受益人", "Beneficiary")
_ANSWERS = Text("申报情况", "What was declared")
_NOTE = Text("说明", "Note")
_NOTE_LABEL = Text("给单位的说明", "Note to the agency")
_PROGRAMME = Text("事项", "Programme")


def packet_in_words(body: Mapping[str, Any], outward: str, district: District) -> list[Section]:
    """Put a packet's body into sections; ``outward`` is the programme's id on the referral.

    What the packet leaves out is left out; what the pack does not know is shown as it is.
    """
    people = {**district.person_fields, **district.derived_fields}
    sections = [
        Section(_PERSON, list(_lines(body.get("person") or {}, people, district))),
        Section(_BENEFICIARY, list(_lines(body.get("beneficiary") or {}, people, district))),
        Section(_ANSWERS, list(_lines(body.get("answers") or {}, district.fields, district))),
    ]
    if body.get("programme") not in (None, outward):
        # Where the outward name says less, the agency reads the real one here and in the badge, nowhere else.
        name = programme_name(district, str(body["programme"]))
        sections.insert(0, Section(_PROGRAMME, [(_PROGRAMME, name)]))
    if body.get("note"):
        sections.append(Section(_NOTE, [(_NOTE_LABEL, str(body["note"]))]))
    return [section for section in sections if section.lines]


def _lines(
    values: Mapping[str, Any], known: Mapping[str, Field], district: District
) -> Iterator[tuple[Value, Value]]:
    places = {name: place for place, name in enumerate(known)}
    for name in sorted(values, key=lambda name: (places.get(name, len(places)), name)):
        field = known.get(name)
        label: Value = field.label if field else _RELATION if name == "relation" else name
        yield label, _value(values[name], field, name, district)


def _value(value: Any, field: Field | None, name: str, district: District) -> Value:  # noqa: ANN401 - any JSON
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, list):
        parts = [_value(part, field, name, district) for part in value]
        return Text("、".join(_zh(part) for part in parts), ", ".join(_en(part) for part in parts))
    text = str(value)
    if name in _UNITS:
        place = unit_name(district, text)
        return text if place == text else f"{place}（{text}）"
    if field and field.type == "date":
        return _day(text)
    return field.options.get(text, text) if field else text


def _day(text: str) -> Value:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return text  # What the desk sealed is shown as it is rather than not at all.
    return Text(plain_date(day, "zh"), plain_date(day, "en"))


def _zh(part: Value) -> str:
    return part.zh if isinstance(part, Text) else part


def _en(part: Value) -> str:
    return part.en if isinstance(part, Text) else part
