"""What ``carehut district`` says of a version: its lines in the log, and what is left to do once it is in force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deploy.cli.words import Text, language, say
from shared.directory import District
from shared.directory.changes import DECLINED, IN_FORCE, OVERTAKEN, PROPOSED, Change

if TYPE_CHECKING:
    from deploy.scaffold import Unit

_STATES = {
    IN_FORCE: Text("生效", "in force"),
    PROPOSED: Text("待批准", "proposed"),
    DECLINED: Text("未获批准", "declined"),
    OVERTAKEN: Text("已被取代", "overtaken"),
}
_REPLACED = Text("已替换", "replaced")
_KINDS = {
    "added": Text("新增", "added"),
    "removed": Text("删去", "removed"),
    "changed": Text("修改", "changed"),
    "reordered": Text("调整顺序", "put in another order"),
}
_FEW = 5


def lines_of(change: Change, zone: ZoneInfo, *, full: bool, now: bool) -> Iterator[str]:
    """Write one version as lines: when, which, its state, by whom; then what it widens and what it changed.

    ``now`` tells whether it is the one in force; those before it have been replaced.
    """
    at = (change.settled_at or change.applied_at).astimezone(zone)
    state = _REPLACED if change.state == IN_FORCE and not now else _STATES[change.state]
    yield f"{at:%Y-%m-%d %H:%M}  {change.version}  {say(state)}  {say(_by(change))}"
    for each in change.widens:
        what = Text(each["what"]["zh"], each["what"]["en"])
        yield f"  ! {each['file']}: {each['key']}: {say(what)}"
    shown = change.changes if full else change.changes[:_FEW]
    for each in shown:
        yield f"  {each['file']}: {each['key']}: {say(_KINDS[each['what']])}{_values(each)}"
    left = len(change.changes) - len(shown)
    if left:
        yield "  " + say(Text(f"另有 {left} 处（--full 全部列出）", f"and {left} more (--full lists all)"))


def _by(change: Change) -> Text:
    words = Text("应用：{by}", "applied by {by}").format(by=change.applied_by)
    if change.settled_by is not None:
        verb = (
            Text("批准：{by}", "approved by {by}")
            if change.state == IN_FORCE
            else Text("不批准：{by}", "declined by {by}")
        )
        settled = verb.format(by=change.settled_by)
        words = Text(f"{words.zh}，{settled.zh}", f"{words.en}, {settled.en}")
    if change.reason:
        words = Text(f"{words.zh}（{change.reason}）", f"{words.en} ({change.reason})")
    return words


def _values(each: Mapping[str, Any]) -> str:
    if each["what"] != "changed" or each["old"] == each["new"]:
        return ""
    colon = "：" if language() == "zh" else ": "
    return f"{colon}{_value(each['old'])} → {_value(each['new'])}"


def _value(value: Any) -> str:  # noqa: ANN401 - any JSON
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def begun(folder: Path, grid: Sequence[Unit]) -> Iterator[Text]:
    """Say what a new pack holds, and what is to be done until it is in force."""
    streets, communities = (sum(unit.level == level for unit in grid) for level in ("street", "community"))
    code = grid[0].code
    yield Text(
        f"{folder}：{grid[0].name}，{streets} 个街道（乡镇），{communities} 个社区（村）。",
        f"{folder}: {grid[0].name}, {streets} streets, {communities} communities.",
    )
    yield Text(
        "请逐项核对：机构名称与窗口、英文名、岗位人员、标准金额，以及标为 unverified 的内容。",
        "Now go through it: names and counters of agencies, names in English, who holds which post, yearly amounts, "
        "and all that is marked unverified.",
    )
    if not communities:
        yield Text(
            "随产品提供的名录只到街道：居住地与服务点都选到街道，可以就此使用。"
            "要细到社区，先给出名录：另用 --units 文件重新生成，或在 units.csv 中补上，"
            "格式见 deploy/districts/README.md。",
            "The list that comes with the product ends at streets: people and their help desk are of a street, and the "
            "pack can be used so. For communities give a list of them: begin again with --units FILE, or add them to "
            "units.csv; deploy/districts/README.md describes both.",
        )
    yield Text(
        f"然后在数据盘之外生成主密钥，设置 CAREHUT_DISTRICT={code} 和另一个 CAREHUT_HOME，并运行：",
        f"Then make a master key off the data's disk, set CAREHUT_DISTRICT={code} and a CAREHUT_HOME of its own, and "
        "run:",
    )
    yield Text(_MAKE_KEY, _MAKE_KEY)
    for command in _TO_BEGIN:
        line = f"  carehut {command.format(folder=folder)}"
        yield Text(line, line)


_MAKE_KEY = "  (umask 077; openssl rand -base64 32 > KEYFILE); export CAREHUT_MASTER_KEY_FILE=KEYFILE"
_TO_BEGIN = (
    "district check {folder}",
    "migrate",
    "district apply {folder}",
    "staff password coordinator",
    "run",
)


def overtaken(change: Change) -> Text:
    """Say that a proposal has ended because another version came into force."""
    return Text(
        f"{change.applied_by} 提出的版本 {change.version} 因此作废；需要时请重新应用。",
        f"Version {change.version}, proposed by {change.applied_by}, is overtaken; apply it again if it is wanted.",
    )


def what_is_left(old: District | None, new: District) -> Iterator[Text]:
    """Say what a person has to do once ``new`` is in force in place of ``old``."""
    if old is None:
        return
    for agency in new.agencies.values():
        before = old.agencies.get(agency.id)
        if agency.system and not (before and before.system):
            yield Text(
                f"{agency.id} 有自有系统：运行 carehut topology apply，再运行 carehut topology seat {agency.id}。",
                f"{agency.id} has a system of its own: run carehut topology apply, then carehut topology seat "
                f"{agency.id}.",
            )
    fresh = sorted({one.id for one in new.staff} - {one.id for one in old.staff})
    if fresh and not new.demo:
        names = ", ".join(fresh)
        yield Text(
            f"新账号还没有口令：{names}。请用 carehut staff password 设置。",
            f"New accounts have no password yet: {names}. Set one with carehut staff password.",
        )
