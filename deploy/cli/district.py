"""``carehut district``: check a pack, or put one in force."""

from __future__ import annotations

import click

from deploy.cli.words import Text, refuse, say, tell

_HELP = Text("检查或应用区县包。", "Check a district pack, or put it in force.")
_CHECK = Text(
    "检查整个区县包：每处错误给出文件、行号与办法。PATH 为目录或随产品提供的代码；默认 CAREHUT_DISTRICT。",
    "Check a whole pack: every error with file, line and remedy. PATH is a folder, or a code that comes with the "
    "product; CAREHUT_DISTRICT if left out.",
)
_APPLY = Text(
    "检查并应用区县包：写入三个数据库并生成缺少的密钥；运行中的服务几秒内切换，无需重启。",
    "Check a pack and put it in force: in all three databases, with the keys that are missing. Running services "
    "switch to it within seconds, without a restart.",
)


@click.group(help=say(_HELP))
def district() -> None:
    """Hold the two commands together."""


@district.command("check", help=say(_CHECK))
@click.argument("path", required=False)
def check(path: str | None) -> None:
    """Check a pack; exit code 1 if anything is wrong."""
    from deploy.installation import Installation
    from shared.directory import check_pack, find_pack

    folder = find_pack(path or Installation().code)
    errors = check_pack(folder)
    for error in errors:
        click.echo(f"{error.file}:{error.line}: {say(error.message)} {say(error.remedy)}")
    if errors:
        refuse(f"{folder} 有 {len(errors)} 处错误。", f"{folder} has {len(errors)} errors.")
    tell(Text(f"{folder} 没有错误。", f"{folder} has no errors."))


@district.command("apply", help=say(_APPLY))
@click.argument("path", required=False)
def apply(path: str | None) -> None:
    """Put a pack in force."""
    from datetime import UTC, datetime

    from deploy.apply import apply_pack
    from deploy.installation import Installation
    from shared.directory import load_pack

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
    master = installation.master(demo=pack.demo)
    changed = apply_pack(installation.databases(owner=True), master, pack, datetime.now(UTC))
    if changed:
        services = ", ".join(changed)
        tell(
            Text(
                f"{pack.code} 版本 {pack.version} 已应用：{services}。",
                f"{pack.code} version {pack.version} is in force: {services}.",
            )
        )
    else:
        tell(
            Text(
                f"{pack.code} 版本 {pack.version} 早已应用，无变化。",
                f"{pack.code} version {pack.version} was in force already.",
            )
        )
