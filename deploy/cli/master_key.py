"""``carehut keys rewrap``, ``escrow`` and ``join``: another master key, and the master key in shares."""

from __future__ import annotations

from pathlib import Path

import click

from deploy.cli.acting import APPROVER, AS, REASON, by_both
from deploy.cli.words import Refusal, Text, say, tell

_REWRAP = Text(
    "改用新的主密钥：主密钥处先写新的、再写旧的（另起一行），重启服务后运行本命令，然后去掉旧的。",
    "Take another master key: write it before the old one (each on a line), start the services again, run this, and "
    "take the old one away.",
)
_ESCROW = Text(
    "将主密钥分存为若干分片，凑足 --needed 份即可恢复；各分片写入文件夹 FOLDER，打印后交不同的人保管，然后删除。",
    "Split the master key into shares of which --needed give it back. Each goes into a file in FOLDER: print it, hand "
    "it to somebody, and remove the files.",
)
_JOIN = Text(
    "由分片恢复主密钥，写入 FILE（仅所有者可读）。分片按行输入，或由文件给出。",
    "Give the master key back from its shares, into FILE (for its owner alone). Shares are typed, or given as files.",
)


@click.command("rewrap", help=say(_REWRAP))
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--approver", metavar="STAFF", help=say(APPROVER))
@click.option("--reason", help=say(REASON))
def rewrap(staff: str | None, approver: str | None, reason: str | None) -> None:
    """Wrap every key by the new master key."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.key_wrapping import rewrap as wrap_anew

    installation = Installation()
    district = installation.district
    by = by_both(installation, district, staff, approver, reason, second=True)
    master = installation.master(demo=district.demo)
    done = wrap_anew(installation.databases(owner=True), master, datetime.now(UTC), by)
    for service, count in done.items():
        tell(Text(f"{service}：{count} 个密钥。", f"{service}: {count} keys."))
    tell(
        Text(
            "所有密钥均由新的主密钥加密。请去掉旧的主密钥并重启服务，重新分存（carehut keys escrow），并做一次备份。",
            "Every key is wrapped by the new master key. Take the old one away and start the services again, split the "
            "new one (carehut keys escrow), and make a backup.",
        )
        if done
        else Text("所有密钥早已由此主密钥加密。", "Every key was wrapped by this master key already.")
    )


@click.command("escrow", help=say(_ESCROW))
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--needed", type=click.IntRange(2, 16), default=3, show_default=True)
@click.option("--shares", "number", type=click.IntRange(2, 16), default=5, show_default=True)
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--approver", metavar="STAFF", help=say(APPROVER))
def escrow(folder: Path, needed: int, number: int, staff: str | None, approver: str | None) -> None:
    """Split the master key."""
    from datetime import UTC, datetime

    from deploy.cli.files import refuse_under, write_secret
    from deploy.installation import Installation
    from deploy.key_wrapping import note_escrow
    from shared.sealing.shares import split

    if needed > number:
        raise click.UsageError(say(Text("--needed 不得大于 --shares。", "--needed is at most --shares.")))
    installation = Installation()
    district = installation.district
    refuse_under(installation.home.path, folder)
    by = by_both(installation, district, staff, approver, None, second=True)
    master = installation.master(demo=district.demo)
    for place, share in enumerate(split(master, needed, number), start=1):
        words = f"{district.code}  {place}/{number}, {needed} needed / 需 {needed} 份\n\n{share}\n"
        write_secret(folder / f"share-{place}-of-{number}.txt", words.encode())
    note_escrow(installation.database("intake", owner=True), needed, number, datetime.now(UTC), by)
    tell(
        Text(
            f"{number} 个分片在 {folder}。打印后分别交不同的人保管，然后删除文件。以前的分片不能与这些混用。",
            f"{number} shares are in {folder}. Print them, hand each to somebody else, and remove the files. They do "
            "not go together with shares made before.",
        )
    )


@click.command("join", help=say(_JOIN))
@click.argument("files", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--to", "file", metavar="FILE", required=True, type=click.Path(path_type=Path))
def join(files: tuple[Path, ...], file: Path) -> None:
    """Put the master key together again."""
    import os

    from deploy.cli.files import refuse_under, write_secret
    from deploy.embedded.environment import home
    from deploy.key_wrapping import shares_in
    from shared.sealing.master import HOME_FILE
    from shared.sealing.shares import SharesRefused
    from shared.sealing.shares import join as put_together

    place = Path(home(os.environ).path)
    if file.absolute() != place / HOME_FILE:
        refuse_under(place, file)
    given = [share for each in files for share in shares_in(each.read_text(encoding="utf-8"))]
    if not files:
        words = Text("分片（每行一个，空行结束）", "shares, one a line; an empty line ends")
        tell(words, error=True)
        given = list(
            iter(
                lambda: click.prompt("", prompt_suffix="> ", default="", show_default=False, hide_input=True),
                "",
            )
        )
    try:
        master = put_together(given)
    except SharesRefused as error:
        raise Refusal(error.text) from error
    write_secret(file, f"{master.written()}\n".encode())
    tell(Text(f"主密钥已写入 {file}。", f"The master key is in {file}."))
