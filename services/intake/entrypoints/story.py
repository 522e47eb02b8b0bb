"""What has happened to a request and its legs, told in words: no line shows a code."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from services.intake.domain import contact, rights
from services.intake.entrypoints import answer_labels as answers
from services.intake.entrypoints import fact_labels as labels
from services.intake.entrypoints.labels import REQUEST
from shared.directory import District, Programme
from shared.directory.rules import numbered
from shared.text import Text, listed
from shared.web.dates import written_date

YES, NO = Text("是", "Yes"), Text("否", "No")
A_PAPER, A_STEP, A_FIELD = (
    Text("另一份材料", "another paper"),
    Text("一个步骤", "a step"),
    Text("其他信息", "other data"),
)
A_UNIT, A_PROGRAMME = Text("其他单位", "another unit"), Text("其他项目", "another programme")


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing that is told: what it is, and its words."""

    label: Text
    words: Text


DAY_OFF = Saying(
    Text("请注意", "Note"),
    Text(
        "这一天不是工作日，通知本人前请先向单位确认",
        "this is not a working day; ask the agency before you tell the person",
    ),
)
"""What the agency was warned of: the person would stand before a closed door."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the story. ``details`` stand beside its name; ``said`` are the words of agency or desk."""

    at: datetime
    name: Text
    by: str | None
    programme: Text | None
    agency: Text | None
    details: tuple[Saying, ...]
    said: tuple[Saying, ...]


@dataclass(frozen=True, slots=True)
class _Scene:
    district: District
    programme: Programme | None


def story(history: Sequence[Mapping[str, Any]], district: District) -> list[Line]:
    """Tell the whole history of a request, of all legs, in words."""
    names = {member.id: member.name for member in district.staff}
    return [_line(line, district, names) for line in history]


def sayings(answer: Any, programme: str, district: District) -> tuple[Saying, ...]:  # noqa: ANN401 - as stored
    """Tell what an agency has answered, in words: reason, amount, and what it wrote."""
    return _said(answer, {"outcome": None}, _Scene(district, district.programme_ever(programme)))


def _line(line: Mapping[str, Any], district: District, names: Mapping[str, str]) -> Line:
    leg = line["leg"]
    scene = _Scene(district, district.programme_ever(leg["programme"]) if leg else None)
    detail: Mapping[str, Any] = line["detail"] or {}
    return Line(
        at=line["at"],
        name=_name(line["fact"], detail),
        by=names.get(line["staff"] or ""),
        programme=_programme(leg["programme"], scene) if leg else None,
        agency=_agency(leg["agency"], scene) if leg else None,
        details=tuple(_details(line["fact"], detail, scene)),
        said=_said(line.get("words"), detail, scene),
    )


def _name(fact: str, detail: Mapping[str, Any]) -> Text:
    if fact == "messaged" and detail.get("to") in labels.MESSAGED:
        return labels.MESSAGED[detail["to"]]
    if fact == "noted" and detail.get("reason"):
        return labels.DELAY_EXPLAINED
    if fact == "reminded" and detail.get("about") == "reissue-refused":
        return labels.DECIDED_ANEW
    if fact == "withdrawal-acknowledged" and detail.get("ground") == labels.DELETED:
        return labels.NOTHING_KEPT
    return labels.FACTS.get(fact, labels.UNKNOWN_FACT)


def _details(fact: str, detail: Mapping[str, Any], scene: _Scene) -> list[Saying]:
    left_out = _LEFT_OUT.get(fact, frozenset())
    if _name(fact, detail) is labels.NOTHING_KEPT:
        left_out = frozenset({"ground"})
    told = [
        Saying(label, telling(value, scene))
        for name, (label, telling) in DETAILS.items()
        if name not in left_out and (value := detail.get(name)) not in (None, "", [])
    ]
    return [*told, DAY_OFF] if fact == "appointment-made" and _is_day_off(detail.get("on"), scene) else told


def _is_day_off(day: object, scene: _Scene) -> bool:
    return day is not None and not scene.district.calendar.is_working_day(date.fromisoformat(str(day)))


def _said(words: Any, detail: Mapping[str, Any], scene: _Scene) -> tuple[Saying, ...]:  # noqa: ANN401 - as stored
    if words is None:
        return ()
    if isinstance(words, str):
        words = {"words": words}
    # An agency's answer keeps what it says by field; what stands beside the name already is not said twice.
    fields: Mapping[str, Any] = {**words.get("fields", {}), **words} if "action" in words else words
    return tuple(
        Saying(*_saying(name, value, scene))
        for name, value in fields.items()
        if name not in _OF_THE_ANSWER and name not in detail and value not in (None, "", [])
    )


def _saying(name: str, value: Any, scene: _Scene) -> tuple[Text, Text]:  # noqa: ANN401 - as stored
    if name in DETAILS and name not in answers.SAID:
        label, telling = DETAILS[name]
        return label, telling(value, scene)
    return answers.SAID.get(name, answers.A_DETAIL), _plain(value, scene)


def _plain(value: Any, _scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    if isinstance(value, bool):
        return YES if value else NO
    return Text(str(value), str(value))


def _coded(table: Mapping[str, Text]) -> Callable[[Any, _Scene], Text]:
    return lambda code, _scene: table.get(str(code), labels.UNKNOWN_CODE)


def _all(each: Callable[[Any, _Scene], Text]) -> Callable[[Any, _Scene], Text]:
    def tell(values: Any, scene: _Scene) -> Text:  # noqa: ANN401 - a list of codes
        return listed(dict.fromkeys(each(value, scene) for value in values))

    return tell


def _day(value: Any, _scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    day = date.fromisoformat(str(value))
    return Text(written_date(day, "zh"), written_date(day, "en"))


def _paper(code: Any, scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    programmes = [scene.programme] if scene.programme else list(scene.district.programmes.values())
    known = {paper.id: paper.name for programme in programmes for paper in programme.papers}
    if scene.programme is not None and scene.programme.clinical:
        papers = scene.programme.papers
        known |= dict(zip(numbered("paper", len(papers)), (paper.name for paper in papers), strict=True))
    return known.get(str(code), A_PAPER)


def _step(code: Any, scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    if scene.programme is None:
        return A_STEP
    steps = scene.programme.steps
    known = {step.id: step.name for step in steps}
    if scene.programme.clinical:
        known |= dict(zip(numbered("step", len(steps)), (step.name for step in steps), strict=True))
    return known.get(str(code), labels.ACTIONS["start"] if code == "started" else A_STEP)


def _field(field: Any, scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    for known in (scene.district.fields, scene.district.person_fields, scene.district.derived_fields):
        if field in known:
            return known[field].label
    return _OTHER_FIELDS.get(str(field), A_FIELD)


def _agency(agency: Any, scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    found = scene.district.agency_ever(agency)
    return found.name if found else A_UNIT


def _unit(code: Any, scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    found = scene.district.units.get(code)
    return Text(found.name, found.name) if found else A_UNIT


def _programme(programme: Any, scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    found = scene.district.programme_ever(programme)
    return found.name if found else A_PROGRAMME


def _post(post: Any, _scene: _Scene) -> Text:  # noqa: ANN401 - as stored
    return labels.POSTS.get(str(post).partition("@")[0], A_UNIT)


_OTHER_FIELDS: Mapping[str, Text] = {
    "beneficiary": Text("受益人", "the beneficiary"),
    "note": Text("说明", "the note"),
}
_REASON = Text("原因", "Reason")
DETAILS: Mapping[str, tuple[Text, Callable[[Any, _Scene], Text]]] = MappingProxyType(
    {
        "outcome": (Text("结果", "Outcome"), _coded(labels.OUTCOMES)),
        "reason": (_REASON, _coded(labels.REASONS)),
        "reasons": (_REASON, _all(_coded(labels.REASONS))),
        "overdue_reason": (Text("超期原因", "Why it was late"), _coded(labels.REASONS)),
        "about": (Text("事由", "About"), _coded(labels.ABOUT)),
        "whose": (Text("时限", "Time limit"), _coded(labels.WHOSE)),
        "level": (Text("等级", "Level"), _coded(labels.LEVELS)),
        "cause": (Text("起因", "Cause"), _coded(labels.CAUSES)),
        "action": (Text("事项", "What"), _coded(labels.ACTIONS)),
        "approved": (Text("是否同意", "Agreed"), _plain),
        "step": (Text("步骤", "Step"), _step),
        "papers": (Text("材料", "Papers"), _all(_paper)),
        "by_hand": (Text("其中直接交给单位", "Of these, handed over directly"), _all(_paper)),
        "kinds": (Text("材料", "Papers"), _all(_paper)),
        "kind": (Text("材料", "Paper"), _paper),
        "fields": (Text("更正内容", "What was put right"), _all(_field)),
        "wrong_fields": (Text("请核对", "Check"), _all(_coded(answers.RECORDED_FIELDS))),
        "changed": (Text("更正内容", "What was put right"), _all(_field)),
        "on": (Text("日期", "Day"), _day),
        "due_on": (Text("期限", "Due"), _day),
        "was_on": (Text("原期限", "Due before"), _day),
        "papers_due_on": (Text("补正期限", "Papers by"), _day),
        "review_on": (Text("复查日期", "Day of review"), _day),
        "until": (Text("至", "Until"), _day),
        "returns": (Text("退回次数", "Times returned"), _plain),
        "next": (Text("下一步", "What comes next"), _coded(labels.NEXT)),
        "to_agency": (Text("接收单位", "To"), _agency),
        "to_programme": (Text("接续项目", "For"), _programme),
        "agency": (Text("单位", "Agency"), _agency),
        "agencies": (Text("单位", "Agencies"), _all(_agency)),
        "from": (Text("原登记单位", "From"), _unit),
        "to": (Text("现登记单位", "To"), _unit),
        "unit": (Text("现登记单位", "To"), _unit),
        "number": (Text("编号", "Number"), _plain),
        "channels": (Text("通知方式", "By"), _all(_coded(contact.TEXT))),
        "members": (Text("家庭成员数", "Members"), _plain),
        "grade": (Text("评分（满分5分）", "Rating out of 5"), _plain),
        "satisfied": (Text("满意度（满分5分）", "Rating out of 5"), _plain),
        "leads_to": (Text("申请状态", "The request is now"), _coded(REQUEST)),
        "ground": (Text("继续保存的依据", "Ground for what is kept"), _coded(labels.GROUNDS)),
        "by_post": (Text("办理人", "By"), _post),
        "what": (Text("内容", "What"), _coded(rights.OPENED)),
        "keys": (Text("保存在", "Kept by"), _coded(rights.KEYS)),
        "basis": (Text("保存依据", "Kept because"), _coded(rights.HOLDS)),
        "answer": (Text("答复", "Answer"), _coded(rights.ANSWERS)),
        "result": (Text("结果", "Outcome"), _coded(rights.OUTCOMES)),
    }
)
"""What stands beside the name of a line: code → label, and how it is put into words."""

SILENT = frozenset({"rev", "successor", "consent", "paper", "slip", "into", "reached", "deemed"})
"""Codes that people need no words for: ids, and what the line's own name tells already."""
_LEFT_OUT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "papers-reused": frozenset({"papers"}),
        "messaged": frozenset({"to"}),
        "merged-from": frozenset({"from"}),
    }
)
"""By fact, what means something else there: ids of papers and of requests, and sides instead of units."""
_OF_THE_ANSWER = frozenset({"action", "fields", "outcome", *SILENT})
