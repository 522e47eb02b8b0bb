"""``carehut erasures``: the list of who was erased, to be kept beside backups, and erasing again after a restore."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.words import Text, refuse, say, tell

_HELP = Text(
    "删除记录：备份时列出，恢复后重新执行。",
    "Tombstones: list them beside a backup, apply them after a restore.",
)
_LIST = Text(
    "列出已删除本人资料的申请编号与时间（不含任何个人信息）。请与备份分开保存最新一份。",
    "List the requests whose person was erased, and when; it tells of nobody. Keep the newest list apart from backups.",
)
_APPLY = Text(
    "恢复备份后、启动服务前执行：把名单中的资料在三个数据库中再次删除。可重复执行。",
    "After a restore, before anything is started: erase again, in all three databases, what the list names. Doing it "
    "twice does no harm.",
)
_WHERE = Text("请使用 carehut erasures list 的输出。", "Use what carehut erasures list has written.")
_DONE = Text(
    "{count} 处重新删除；名单共 {total} 条。", "Erased again in {count} places; {total} on the list."
)


@click.group(help=say(_HELP))
def erasures() -> None:
    """Hold the commands together."""


@erasures.command("list", help=say(_LIST))
def list_() -> None:
    """Print the list."""
    from deploy.erasures import tombstones, written
    from deploy.installation import Installation

    installation = Installation()
    click.echo(written(tombstones(installation.databases())), nl=False)
    installation.close()


@erasures.command("apply", help=say(_APPLY))
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def apply(file: Path) -> None:
    """Erase again what the list names."""
    from deploy.erasures import BadList, contexts, read, reapply
    from deploy.installation import Installation

    try:
        listed = read(file.read_text("utf-8", errors="replace"))
    except BadList as error:
        refuse(f"第 {error.line} 行不是删除记录。", f"Line {error.line} is no tombstone.", remedy=_WHERE)
    installation = Installation()
    done = reapply(*contexts(installation.environ), listed)
    installation.close()
    tell(_DONE.format(count=str(done), total=str(len(listed))))
