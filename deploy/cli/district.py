"""``carehut district``: check a pack, put one in force, approve what widens disclosure, look back, begin a new one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.acting import AS, acting, configuring
from deploy.cli.words import Refusal, Text, language, refuse, say, tell

if TYPE_CHECKING:
    from deploy.apply import Applied
    from shared.db import Database
    from shared.directory import District

_HELP = Text("区县包：检查、应用、批准、变更记录、新建。", "District packs: check, apply, approve, log, new.")
_CHECK = Text(
    "检查整个区县包：每处错误给出文件、行号与办法。PATH 为目录或随产品提供的代码；默认 CAREHUT_DISTRICT。",
    "Check a whole pack: every error with file, line and remedy. PATH is a folder, or a code that comes with the "
    "product; CAREHUT_DISTRICT if left out.",
)
_APPLY = Text(
    "检查并应用区县包：写入三个数据库并生成缺少的密钥；运行中的服务几秒内切换，无需重启。"
    "会扩大披露的版本只登记为待批准，须由另一名数据保护岗人员批准后生效。",
    "Check a pack and put it in force: in all three databases, with the keys that are missing. Running services "
    "switch to it within seconds, without a restart. A version that widens disclosure is kept as proposed, until "
    "somebody else who holds the duty data-protection approves it.",
)
_APPROVE = Text(
    "批准一个待批准的版本并使其生效。须为数据保护岗，且不是应用该版本的人。",
    "Approve a proposed version and put it in force. For those who hold the duty data-protection, and did not apply "
    "that version themselves.",
)
_DECLINE = Text("不批准一个待批准的版本。", "Decline a proposed version.")
_LOG = Text(
    "变更记录：何人、何时、改了什么、自何时生效、扩大了什么披露。",
    "What was changed: by whom, what, in force since when, and what it widened.",
)
_OVERTAKE = Text("使其他待批准的版本作废", "end other versions that wait for approval")
_REASON = Text("原因，记入变更记录与审计日志", "why; goes into the log and the audit log")
_NEW = Text(
    "为区县 CODE（六位代码）新建一个完整、可检查、可应用的区县包。区县与街道取自随产品提供的民政部名录；"
    "社区没有可随附的名录，可用 --units 给出（CSV，列 code,name，可有 source,year；"
    "格式见 deploy/districts/README.md）；没有社区的，居住地选到街道。",
    "Begin a complete pack for the district CODE (six digits), ready to be checked and applied. The district and its "
    "streets come from the list of the Ministry of Civil Affairs, which comes with the product. Communities may be "
    "given with --units (CSV with the columns code,name and perhaps source,year; see deploy/districts/README.md); "
    "without any, people live in streets.",
)
_UNITS = Text("含社区（或街道）的名录，可重复", "a list with communities or streets; may be given again")
_SOURCE = Text("名录来源；默认为文件名", "where the list comes from; the file's name if left out")
_YEAR = Text("名录年份；默认为今年", "the year of the list; this year if left out")
_FULL = Text("列出每处变更", "list every single change")


@click.group(help=say(_HELP))
def district() -> None:
    """Hold the commands together."""


@district.command("check", help=say(_CHECK))
@click.argument("path", required=False)
def check(path: str | None) -> None:
    """Check a pack; exit code 1 if anything is wrong."""
    from deploy.installation import Installation
    from shared.directory import check_pack, find_pack

    folder = find_pack(path or Installation().code)
    errors = check_pack(folder)
    for error in errors:
        click.echo(error.told(language()))
    if errors:
        refuse(f"{folder} 有 {len(errors)} 处错误。", f"{folder} has {len(errors)} errors.")
    tell(Text(f"{folder} 没有错误。", f"{folder} has no errors."))


@district.command("apply", help=say(_APPLY))
@click.argument("path", required=False)
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--overtake", is_flag=True, help=say(_OVERTAKE))
def apply(path: str | None, staff: str | None, *, overtake: bool) -> None:
    """Put a pack in force, or have it wait."""
    from datetime import UTC, datetime

    from deploy.apply import SYSTEM, OthersWait, in_force, put_forward
    from deploy.embedded.prepare import refuse_own_keys
    from deploy.installation import Installation
    from shared.directory import load_pack, source_at, widened
    from shared.directory.holiday_notice import carried_over

    installation = Installation()
    pack = load_pack(path or installation.code)
    if pack.code != installation.code:
        refuse(
            f"该包属于 {pack.code}，而本安装属于 {installation.code}。",
            f"This pack is for {pack.code}, and this installation serves {installation.code}.",
            remedy=Text(
                "一个安装只服务一个区县；请核对 CAREHUT_DISTRICT。",
                "One installation serves one district; check CAREHUT_DISTRICT.",
            ),
        )
    if installation.embedded:
        refuse_own_keys(pack)  # there is no broker by which they could be reached
    databases = installation.databases(owner=True)
    old = in_force(databases)
    pack = carried_over(pack, old)
    who = SYSTEM
    if old is not None and old.version != pack.version:
        who = configuring(installation, old, staff, password=bool(widened(old, pack)))
    master = installation.master(demo=pack.demo)
    source = source_at(path or installation.code, pack.code)
    try:
        done = put_forward(
            databases, master, pack, datetime.now(UTC), by=who, overtake=overtake, source=source
        )
    except OthersWait as error:
        raise Refusal(error.problem, error.remedy) from error
    _tell_left_open(databases, old, pack)
    if done.widens:
        _tell_widening(done, who)
    else:
        _tell_in_force(pack, old, done)


@district.command("approve", help=say(_APPROVE))
@click.argument("version")
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--overtake", is_flag=True, help=say(_OVERTAKE))
def approve(version: str, staff: str | None, *, overtake: bool) -> None:
    """Put a proposed version in force."""
    from datetime import UTC, datetime

    from deploy.apply import NotApproved, in_force
    from deploy.apply import approve as approve_version
    from deploy.installation import Installation
    from shared.directory import approvers

    installation = Installation()
    databases = installation.databases(owner=True)
    old = installation.district
    who = acting(installation, old, staff, approvers(old), password=True)
    try:
        master = installation.master(demo=old.demo)
        done = approve_version(databases, master, version, datetime.now(UTC), by=who, overtake=overtake)
    except NotApproved as error:
        raise Refusal(error.problem, error.remedy) from error
    now = in_force(databases)
    if now is not None:
        _tell_left_open(databases, old, now)
        _tell_in_force(now, old, done)


@district.command("decline", help=say(_DECLINE))
@click.argument("version")
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--reason", required=True, help=say(_REASON))
def decline(version: str, staff: str | None, reason: str) -> None:
    """End a proposal."""
    from datetime import UTC, datetime

    from deploy.apply import NotApproved
    from deploy.apply import decline as decline_version
    from deploy.installation import Installation
    from shared.directory import approvers

    installation = Installation()
    old = installation.district
    who = acting(installation, old, staff, approvers(old), password=True)
    try:
        decline_version(installation.databases(owner=True), version, datetime.now(UTC), by=who, reason=reason)
    except NotApproved as error:
        raise Refusal(error.problem, error.remedy) from error
    tell(Text(f"版本 {version} 未获批准，现行版本不变。", f"Version {version} is declined; nothing changes."))


@district.command("log", help=say(_LOG))
@click.option("--full", is_flag=True, help=say(_FULL))
def log(*, full: bool) -> None:
    """List the versions, the latest first."""
    from zoneinfo import ZoneInfo

    from deploy.cli.district_words import lines_of
    from deploy.installation import Installation
    from shared.directory import changes

    installation = Installation()
    zone = ZoneInfo(installation.district.timezone)
    with installation.database("intake").read() as connection:
        before = False
        for change in changes.log(connection):
            for line in lines_of(change, zone, full=full, now=not before):
                click.echo(line)
            before = before or change.state == changes.IN_FORCE


@district.command("new", help=say(_NEW))
@click.argument("code")
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option("--units", multiple=True, type=click.Path(path_type=Path), help=say(_UNITS))
@click.option("--source", default="", help=say(_SOURCE))
@click.option("--year", default="", help=say(_YEAR))
def new(code: str, path: Path | None, units: tuple[Path, ...], source: str, year: str) -> None:
    """Write a pack for a district."""
    from deploy.cli.district_words import begun
    from deploy.scaffold import CannotScaffold, grid, scaffold
    from shared.directory import check_pack

    folder = path or Path(code)
    try:
        rows = grid(code, units, source=source, year=year)
        scaffold(folder, rows)
    except CannotScaffold as error:
        raise Refusal(error.problem, error.remedy) from error
    wrong = check_pack(folder)
    for each in wrong:
        click.echo(each.told(language()))
    for words in begun(folder, rows):
        tell(words)
    if wrong:
        refuse(f"{folder} 有 {len(wrong)} 处错误。", f"{folder} has {len(wrong)} errors.")


def _tell_left_open(databases: Mapping[str, Database], old: District | None, new: District) -> None:
    from deploy.open_legs import left_open

    for words in left_open(databases["intake"], old, new):
        tell(words)


def _tell_widening(done: Applied, who: str) -> None:
    for each in done.widens:
        click.echo(each.told(language()))
    tell(
        Text(
            f"版本 {done.version} 会扩大披露（见上），已由 {who} 提出，尚未生效；现行版本不变。",
            f"Version {done.version} widens disclosure (see above). Proposed by {who}, it is not in force; what was "
            "in force still is.",
        )
    )
    tell(
        Text(
            f"另一名数据保护岗人员批准后生效：carehut district approve {done.version}",
            f"It takes effect when somebody else who holds the duty data-protection approves it: "
            f"carehut district approve {done.version}",
        )
    )


def _tell_in_force(pack: District, old: District | None, done: Applied) -> None:
    from deploy.cli.district_words import overtaken, what_is_left

    if not done.services:
        tell(
            Text(
                f"{pack.code} 版本 {pack.version} 早已应用，无变化。",
                f"{pack.code} version {pack.version} was in force already.",
            )
        )
        return
    services = ", ".join(done.services)
    tell(
        Text(
            f"{pack.code} 版本 {pack.version} 已应用：{services}。",
            f"{pack.code} version {pack.version} is in force: {services}.",
        )
    )
    for change in done.overtaken:
        tell(overtaken(change))
    for left in what_is_left(old, pack):
        tell(left)
