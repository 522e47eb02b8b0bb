"""What a task is about in words: which thing was asked for, what came of it, and why; nobody has to read codes."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from services.intake.entrypoints.story import story
from shared.directory import District
from shared.text import Text

IN_THE_WAY: Mapping[str, Text] = MappingProxyType(
    {
        "already-open": Text("本件申请中已有同一事项在办", "it is open in this request already"),
        "excluded": Text("不能与在办事项同时享受", "it is excluded by what is open"),
    }
)
"""Why a leg did not go on elsewhere; told to the desk alone."""
REASON, BESIDE, NUMBER = (
    Text("原因", "Reason"),
    Text("在办事项", "What is open"),
    Text("申请编号", "Request"),
)


def with_words(task: Mapping[str, Any], district: District) -> dict[str, Any]:
    """Give a task as the API shows it: with ``explained`` in both languages where its codes say more than its title."""
    told = _told(task, district)
    return {**task, "explained": told.both()} if told is not None else dict(task)


def _told(task: Mapping[str, Any], district: District) -> Text | None:
    detail: Mapping[str, Any] = task.get("detail") or {}
    line = {"at": task["raised_at"], "fact": detail.get("fact", ""), "leg": None, "staff": None}
    (read,) = story([{**line, "detail": {**detail, "reason": _of_the_story(detail)}}], district)
    said = [(one.label, one.words) for one in read.details]
    if detail.get("reason") in IN_THE_WAY:
        said.append((REASON, IN_THE_WAY[detail["reason"]]))
    if detail.get("beside") in district.programmes:
        said.append((BESIDE, district.programmes[detail["beside"]].name))
    if not said and "fact" not in detail:
        return None
    zh = "；".join(f"{label.zh}：{words.zh}" for label, words in said)
    en = "; ".join(f"{label.en}: {words.en}" for label, words in said)
    if "fact" not in detail:
        return Text(f"{zh}。", f"{en}.")
    return Text(
        "。".join(filter(None, (read.name.zh, zh))) + "。", ". ".join(filter(None, (read.name.en, en))) + "."
    )


def _of_the_story(detail: Mapping[str, Any]) -> str | None:
    reason = detail.get("reason")
    return None if reason in IN_THE_WAY else reason
