"""``carehut calendar``: import a year's holiday notice, or show a year as it is counted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.acting import AS, configuring
from deploy.cli.words import Refusal, Text, refuse, say, tell

if TYPE_CHECKING:
    from deploy.calendar import InForce
    from services.referrals.config import Config
    from shared.clock import Calendar, Day
    from shared.db import Database

_HELP = Text("节假日通知与工作日。", "Holiday notices and working days.")
_IMPORT = Text(
    "导入国务院办公厅一年的节假日通知（CSV，表头 date,day,name_zh,name_en；day 为 off 或 work）。"
    "整个文件先行检查，有错即不作任何改动；各服务几秒内启用，无需重启；在办事项的期限随之重算，并列出变动；社区与街道任务的期限一并重算。",
    "Import the State Council's notice of one year (CSV with the header date,day,name_zh,name_en; day is off or work). "
    "The whole file is checked first, and a wrong one changes nothing. Running services switch to it within seconds, "
    "without a restart; due days of open referrals are reckoned anew, and those that move are listed; days of tasks "
    "at desks and streets move with them.",
)
_REPLACE = Text("更正已按正式通知确定的年份", "correct a year whose days are final already")
_SOURCE = Text("通知的文号或日期；默认为文件名", "number or date of the notice; the file's name if left out")
_SHOW = Text(
    "显示一年的日历：放假与调休上班的日子、依据，以及哪些尚未确定。",
    "Show a year: days off and weekends worked, on whose word, and what is not final yet.",
)
_SOURCES = {
    "override": Text("本区决定", "the district's own"),
    "notice": Text("正式通知", "notice"),
    "statutory": Text("法定节假日", "statutory"),
    "weekday": Text("平日", "weekday"),
}
_WEEKDAYS = (
    *(Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu")),
    *(Text("周五", "Fri"), Text("周六", "Sat"), Text("周日", "Sun")),
)
_SATURDAY = 5
_CLOCKS_APART = timedelta(minutes=1)
"""By how much the clock of a worker's machine may be behind this one's."""


@click.group(help=say(_HELP))
def calendar() -> None:
    """Hold the two commands together."""


@calendar.command("import", help=say(_IMPORT))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help=say(_REPLACE))
@click.option("--source", default="", help=say(_SOURCE))
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
def import_(file: Path, *, replace: bool, source: str, staff: str | None) -> None:
    """Import one year's notice; exit code 1 if anything is wrong with it, and then nothing has changed."""
    from deploy.apply import waiting_for_approval
    from deploy.calendar import YearIsFinal, put_in_force
    from deploy.cli.district_words import overtaken
    from deploy.installation import Installation
    from services.referrals.config import Config
    from shared.directory.holiday_notice import read_notice

    notice, errors = read_notice(file, source or file.name)
    if notice is None:
        for error in errors:
            click.echo(f"{error.file}:{error.line}: {say(error.message)} {say(error.remedy)}")
        refuse(
            f"{file} 有 {len(errors)} 处错误，未作任何改动。",
            f"{file} has {len(errors)} errors; nothing was changed.",
        )
    installation = Installation()
    databases = installation.databases(owner=True)
    settings = Config.from_environment(
        installation.environ
    )  # all that is missing is told before anything is done
    began = datetime.now(UTC)
    current = installation.district
    ended = waiting_for_approval(databases, besides=current.version)
    who = configuring(installation, current, staff, password=False)
    try:
        done = put_in_force(databases, current, notice, began, by=who, replace=replace)
    except YearIsFinal as error:
        raise Refusal(error.problem, error.remedy) from error
    if done.services:
        tell(
            Text(
                f"{notice.year} 年的通知已启用（{len(notice.days)} 天，版本 {done.district.version}）。",
                f"The notice for {notice.year} is in force ({len(notice.days)} days, version {done.district.version}).",
            )
        )
        for change in ended:
            tell(overtaken(change))
    else:
        tell(
            Text(
                f"{notice.year} 年的这份通知早已启用。",
                f"This notice for {notice.year} was in force already.",
            )
        )
    _move_tasks(databases["intake"], done)
    _list_moves(settings, done, began)


def _move_tasks(intake: Database, done: InForce) -> None:
    from services.intake.use_cases.move_due import move_all

    count = move_all(intake, done.district)
    if count:
        tell(Text(f"{count} 项任务的期限有变动。", f"{count} days of tasks moved."))


def _list_moves(settings: Config, done: InForce, began: datetime) -> None:
    from services.referrals.bootstrap import context
    from services.referrals.use_cases.move_due import move_all, moved_by

    parts = context(settings)
    moves = list(move_all(parts))
    if done.services:
        moves = list(moved_by(parts, done.district, began - _CLOCKS_APART))
    for move in moves:
        click.echo(f"{move.number}  {move.was_on or '–'} → {move.due_on or '–'}")
    count = len(moves)
    tell(
        Text(
            f"{count} 件在办事项的期限有变动。" if count else "没有在办事项的期限变动。",
            f"{count} due days of open referrals moved."
            if count
            else "No due day of an open referral moved.",
        )
    )


@calendar.command("show", help=say(_SHOW))
@click.argument("year", type=click.IntRange(2000, 2100))
def show(year: int) -> None:
    """Show one year of the calendar in force."""
    from deploy.installation import Installation

    days = Installation().district.calendar
    first = date(year, 1, 1)
    whole = [days.day(first + timedelta(n)) for n in range((date(year, 12, 31) - first).days + 1)]
    for day in whole:
        if day.name is not None or day.working != (day.on.weekday() < _SATURDAY):
            click.echo(_line(day))
    tell(_summary(whole, days, year))


def _line(day: Day) -> str:
    worked = Text("上班", "work") if day.working else Text("放假", "off ")
    provisional = say(Text("（暂定）", " (provisional)")) if day.provisional else ""
    name = say(day.name) if day.name else ""
    weekday = say(_WEEKDAYS[day.on.weekday()])
    return f"{day.on} {weekday}  {say(worked)}  {name}  [{say(_SOURCES[day.source])}]{provisional}"


def _summary(whole: list[Day], days: Calendar, year: int) -> Text:
    working = sum(day.working for day in whole)
    if any(day.provisional for day in whole):
        return Text(
            f"{year} 年共 {working} 个工作日，尚未确定：通知发布后请用 carehut calendar import 导入。",
            f"{year} has {working} working days, not final: import the notice with carehut calendar import "
            "when it is out.",
        )
    own = sum(mark.layer == "override" and mark.on.year == year for mark in days.marks)
    return Text(
        f"{year} 年共 {working} 个工作日；其中本区自定 {own} 天。",
        f"{year} has {working} working days; {own} days are marked by the district itself.",
    )
