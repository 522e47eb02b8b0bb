"""``carehut audit``: is the audit log whole, as it was written?"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import click

from deploy.cli.words import Text, say, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from shared.audit import Head, Report
    from shared.db import Database

_SERVICES = ("intake", "referrals", "notifications")
_SHOWN = 20
_HELP = Text("审计日志：核验。", "The audit log: verify it.")
_VERIFY = Text(
    "核验审计日志：逐条核对内容、批次与哈希链，并与事件和文件中公布的链头比对。"
    "被改动、删除、插入、调换或截断的记录都会指出，此时以 1 退出。只读，可随时运行。",
    "Verify the audit log: every entry, batch and link of the chain, and the heads published by event and to the file. "
    "Whatever was edited, deleted, put in, reordered or cut off is named, and the exit code is 1. Reads only; may run "
    "at any time.",
)
_HEADS = Text(
    "链头文件所在目录（默认 CAREHUT_AUDIT_HEADS，否则 CAREHUT_HOME/audit）",
    "folder of the files of heads (CAREHUT_AUDIT_HEADS, else CAREHUT_HOME/audit)",
)
_BAD = Text(
    "办法：保留现场（数据库、链头文件、备份），从首条异常记录的时间查起；"
    "若是从备份恢复而缺少最新部分，请先将链头文件移存他处，并写明原因。",
    "What to do: keep all as it is (databases, files of heads, backups) and look on from the first bad entry; if "
    "a backup was restored that ends earlier, move the files of heads to the records, with the reason.",
)
_NO_FILE = Text(
    "没有链头文件 {path}，只能与数据库中保存的链头比对。",
    "There is no file of heads {path}: only the heads kept in databases were compared.",
)
_SLOW = Text(
    "自 {since} 起的记录尚未封存：{service} 的后台（carehut work）没有运行。",
    "Entries since {since} are not sealed: the worker of {service} (carehut work) does not run.",
)


@click.group(help=say(_HELP))
def audit() -> None:
    """Hold the commands together."""


@audit.command("verify", help=say(_VERIFY))
@click.option("--service", type=click.Choice(_SERVICES), help=say(Text("只看一个服务", "one service alone")))
@click.option("--heads", type=click.Path(exists=True, file_okay=False), help=say(_HEADS))
def verify(service: str | None, heads: str | None) -> None:
    """Verify one service's log, or all."""
    from datetime import UTC, datetime
    from pathlib import Path

    from deploy.installation import Installation
    from shared.audit import heads_folder, years_kept
    from shared.audit import verify as verify_log

    installation = Installation()
    databases = installation.databases()
    folder = Path(heads) if heads else heads_folder(installation.environ, installation.home.path)
    years = years_kept(installation.district.options["retention"])
    bad = False
    for name, database in databases.items():
        if service in {None, name}:
            witnesses = _witnesses(name, databases, folder)
            now = datetime.now(UTC)
            report = verify_log(database, name, witnesses, now, years=years)
            _show(report, now)
            bad = bad or bool(report.findings)
    if bad:
        tell(_BAD, error=True)
        raise SystemExit(1)


def _witnesses(
    service: str, databases: Mapping[str, Database], folder: Path
) -> dict[str, Sequence[Head] | None]:
    """Read what is kept of a service's heads, all of it before its log is looked at; None for what makes no sense."""
    from shared.audit import heads_file, kept

    found: dict[str, Sequence[Head] | None] = {}
    file = heads_file(folder, service)
    if file.path.exists():
        found[str(file.path)] = _read(lambda: list(file.read()))
    else:
        tell(_NO_FILE.format(path=file.path), error=True)
    for name, database in databases.items():
        with database.read() as connection:
            found[f"audit_heads@{name}"] = _read(partial(kept, connection, service))
    return found


def _read(heads: Callable[[], Sequence[Head]]) -> Sequence[Head] | None:
    try:
        return heads()
    except (ValueError, TypeError):
        return None


def _show(report: Report, now: datetime) -> None:
    service = report.service
    tell(
        Text(
            f"{service}：{report.entries} 条记录，{report.batches} 批（其中 {report.gone} 批期满已清除），"
            f"{report.unsealed} 条待封存；链头 {report.head.hex()}",
            f"{service}: {report.entries} entries in {report.batches} batches ({report.gone} gone after their time), "
            f"{report.unsealed} not sealed yet; head {report.head.hex()}",
        )
    )
    if report.waits(now):
        tell(_SLOW.format(since=f"{report.unsealed_since:%Y-%m-%d %H:%M:%S}Z", service=service), error=True)
    if not report.findings:
        return
    first, *others = report.findings
    tell(Text(f"  首条异常：{first.text.zh}", f"  first: {first.text.en}"), error=True)
    for finding in others[: _SHOWN - 1]:
        tell(Text(f"  {finding.text.zh}", f"  {finding.text.en}"), error=True)
    if len(others) >= _SHOWN:
        more = len(others) - _SHOWN + 1
        tell(Text(f"  另有 {more} 处。", f"  and {more} more."), error=True)
