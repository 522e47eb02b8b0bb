"""``carehut doctor``: what is wrong with this installation, since when, and what to do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from deploy.cli.words import Text, say, tell

if TYPE_CHECKING:
    from deploy.doctor.report import Finding, Report

_HELP = Text(
    "逐项检查整个安装：数据库、发件箱、死信、各部分心跳、消息服务与队列、区县包、密钥、磁盘、时钟。某一部分停机时照常检查其余。"
    "退出码：0 正常，1 有问题，2 没有发现问题但有些无法查看。",
    "Look at the whole installation: databases, outbox, dead letters, the parts' signs of life, the broker and its "
    "queues, pack, keys, disk, clocks. What is down does not keep it from looking at the rest; nothing is changed. "
    "Exit status: 0 healthy, 1 something is wrong, 2 nothing wrong was seen, but not everything could be looked at.",
)
_JSON = Text("输出 JSON，供程序读取", "print JSON, for machines")
_SINCE = Text("   自 {moment} 起（{age}）", "   since {moment} ({age})")
_TO_DO = Text("   办法：{remedy}", "   What to do: {remedy}")
_UNSEEN = Text("未能查看 {place}：{why}", "Could not look at {place}: {why}")
_HEALTHY = Text("一切正常：查看了 {looked}。", "Nothing is wrong. Looked at: {looked}.")
_COUNT = Text("共 {count} 个问题。", "Findings: {count}.")


@click.command(help=say(_HELP))
@click.option("--json", "as_json", is_flag=True, help=say(_JSON))
def doctor(*, as_json: bool) -> None:
    """Examine the installation and tell."""
    from deploy.doctor.examination import examine
    from deploy.installation import Installation

    installation = Installation()
    report = examine(installation)
    installation.close()
    if as_json:
        import orjson

        click.echo(orjson.dumps(report.as_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_UTC_Z).decode())
    else:
        _tell(report)
    click.get_current_context().exit(report.status)


def _tell(report: Report) -> None:
    for number, finding in enumerate(report.findings, 1):
        _tell_one(number, finding)
    for unseen in report.unseen:
        tell(_UNSEEN.format(place=unseen.place, why=say(unseen.why)))
    if report.findings:
        tell(_COUNT.format(count=len(report.findings)))
    elif not report.unseen:
        tell(_HEALTHY.format(looked=", ".join(report.looked)))


def _tell_one(number: int, finding: Finding) -> None:
    from datetime import UTC

    trouble = finding.trouble
    click.echo(f"{number}. {', '.join(finding.places)}: {say(trouble.what)} [{trouble.code}]")
    if trouble.since is not None:
        age = datetime.now(UTC) - trouble.since
        # In the time of whoever sits before the terminal.
        moment = trouble.since.astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
        tell(_SINCE.format(moment=moment, age=_span(age.total_seconds())))
    tell(_TO_DO.format(remedy=say(trouble.remedy)))


def _span(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"
