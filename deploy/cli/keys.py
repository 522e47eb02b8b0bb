"""``carehut keys``: list them, make, replace and destroy them, and keep the master key safe."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy.cli.acting import APPROVER, AS, REASON, by_both
from deploy.cli.master_key import escrow, join, rewrap
from deploy.cli.words import Refusal, Text, refuse, say, tell

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from deploy.key_life import By
    from deploy.key_moves import Ground
    from shared.db import Database
    from shared.sealing import MasterKey, Use

_HELP = Text(
    "密钥：列出、生成、更换、销毁、主密钥分存。",
    "Keys: list, make, replace, destroy; the master key in shares.",
)
_LIST = Text(
    "列出密钥：编号、用途、所有者、状态（announced 即将启用，current 在用，superseded 已被替换，retired 已停用）、"
    "生成时间、存于何处（* 含私密部分）。",
    "List the keys: id, use, owner, state (announced: about to be used; current; superseded: another took its place; "
    "retired), when it was made, and where it is (* with its secret part).",
)
_NEW = Text(
    "生成缺少的密钥。加 --own 时为自持密钥的单位生成一对：私钥写入 FILE 交给该单位，本平台不保留；"
    "公钥打印出来，写入 agencies.yaml。",
    "Make what keys are missing. With --own, make a pair for an agency that holds its own: the private one goes into "
    "FILE, for the agency, and is kept nowhere here; the public one is printed, for agencies.yaml.",
)
_ROTATE = Text(
    "更换密钥，如 carehut keys rotate field intake。新密钥一分钟后启用，随后旧密钥下的数据分批改用新密钥，"
    "服务照常运行。中断后重新运行即继续。旧密钥在 carehut keys retire 之前仍可读。",
    "Put a new key in another's place, as in: carehut keys rotate field intake. It is used a minute later; then what "
    "stands under the old one moves over in batches, while everybody works. Cut short, the same command goes on. Until "
    "carehut keys retire, what the old key opens can be read.",
)
_RETIRE = Text(
    "销毁一个已被替换的密钥（KID）。仍有数据需要它时拒绝，并说明是哪些。不可撤回。",
    "Destroy a key that another took the place of (KID). Refused while something needs it, saying what. Cannot be "
    "undone.",
)
_LATER = Text("只生成，不等待；再次运行即继续", "make it and do not wait; run again to go on")
_USES = ("token-signing", "packet-signing", "packet-receiving", "field", "index", "receipt-code")
_WITH_CONSENT = frozenset({"packet-signing", "packet-receiving"})
"""Uses whose key decides who reads and who is believed: a second person agrees to another one."""


@click.group(help=say(_HELP))
def keys() -> None:
    """Hold the commands together."""


@keys.command("list", help=say(_LIST))
def list_() -> None:
    """List the keys."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.key_life import listed
    from deploy.key_wrapping import wrapped_by_older

    installation = Installation()
    master = installation.master(demo=installation.district.demo)
    databases = installation.databases()
    for one in listed(databases, master, datetime.now(UTC)):
        places = " ".join(f"{service}{'*' if secret else ''}" for service, secret in sorted(one.held.items()))
        made = one.key.created_at.isoformat(timespec="seconds")
        click.echo(
            f"{one.key.kid:<43}  {one.key.use:<16}  {one.key.owner:<20}  {one.state:<10}  {made}  {places}"
        )
    if left := wrapped_by_older(databases, master):
        count = sum(left.values())
        tell(
            Text(
                f"{count} 个密钥仍由旧的主密钥加密：carehut keys rewrap",
                f"{count} keys are still wrapped by an older master key: carehut keys rewrap",
            )
        )


@keys.command("new", help=say(_NEW))
@click.option(
    "--own", metavar="AGENCY", help=say(Text("自持密钥的单位", "an agency that holds its own keys"))
)
@click.option("--to", "file", metavar="FILE", type=click.Path(path_type=Path))
def new(own: str | None, file: Path | None) -> None:
    """Make what is missing, or a pair for an agency."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.keys import provision

    if (own is None) != (file is None):
        raise click.UsageError(say(Text("--own 与 --to 须一并给出。", "--own and --to go together.")))
    if own is not None and file is not None:
        _pair(own, file)
        return
    installation = Installation()
    district = installation.district
    master = installation.master(demo=district.demo)
    given = provision(installation.databases(owner=True), master, district, datetime.now(UTC))
    for service, count in given.items():
        tell(Text(f"{service}：新增 {count} 个密钥。", f"{service}: {count} keys made."))


def _pair(agency: str, file: Path) -> None:
    from datetime import UTC, datetime

    import orjson

    from deploy.cli.files import write_secret
    from shared.identity.compact import encode
    from shared.sealing import Use
    from shared.sealing.keys import make

    made = [make(use, agency, datetime.now(UTC)) for use in (Use.PACKET_RECEIVING, Use.PACKET_SIGNING)]
    private = [
        {**(key.public or {}), "d": encode(key.secret or b"").decode(), "kid": key.kid} for key in made
    ]
    write_secret(file, orjson.dumps({"keys": private}, option=orjson.OPT_INDENT_2) + b"\n")
    click.echo(orjson.dumps({"keys": [key.public for key in made]}, option=orjson.OPT_INDENT_2).decode())
    tell(
        Text(
            f"私钥在 {file}，请经可靠途径交给该单位，然后删除。公钥写入 agencies.yaml 的 public_jwk，应用后须批准。",
            f"The private keys are in {file}: hand them over safely, then remove the file. The public ones go into "
            "agencies.yaml as public_jwk; applied, they need an approval.",
        ),
        error=True,
    )


@keys.command("rotate", help=say(_ROTATE))
@click.argument("use", type=click.Choice(_USES))
@click.argument("owner")
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--approver", metavar="STAFF", help=say(APPROVER))
@click.option("--reason", help=say(REASON))
@click.option("--later", is_flag=True, help=say(_LATER))
def rotate(
    use: str, owner: str, staff: str | None, approver: str | None, reason: str | None, *, later: bool
) -> None:
    """Replace a key and move over what stands under the old one."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.key_life import SETTLED, KeyRefused
    from deploy.key_life import rotate as put_in_place
    from deploy.key_moves import MOVED, Ground
    from shared.blobs import BlobStore
    from shared.clock import SystemClock
    from shared.sealing import Use
    from shared.sealing.ring import LEAD

    installation = Installation()
    district = installation.district
    by = by_both(installation, district, staff, approver, reason, second=use in _WITH_CONSENT)
    place = (Use(use), owner)
    master = installation.master(demo=district.demo)
    databases = installation.databases(owner=True)
    try:
        key = put_in_place(databases, master, district, place, datetime.now(UTC), by)
    except KeyRefused as error:
        raise Refusal(error.problem, error.remedy) from error
    moment = (key.created_at + LEAD).astimezone().isoformat(timespec="seconds")
    tell(Text(f"新密钥 {key.kid}，{moment} 起使用。", f"The new key {key.kid} is used from {moment}."))
    if place[0] not in MOVED:
        _tell_old(databases, master, place)
        return
    ready = key.created_at + SETTLED
    if later and datetime.now(UTC) < ready:
        tell(
            Text(
                "到时请再次运行本命令，旧密钥下的数据改用新密钥。",
                "Run the same command after that, and what stands under the old key moves over.",
            )
        )
        return
    _wait(ready)
    ground = Ground(databases, master, district, SystemClock(), BlobStore.at(installation.blobs_url))
    _move(ground, place, by)
    _tell_old(databases, master, place)


def _tell_old(databases: Mapping[str, Database], master: MasterKey, place: tuple[Use, str]) -> None:
    from datetime import UTC, datetime

    from deploy.key_life import superseded

    for key in superseded(databases, master, place, datetime.now(UTC)):
        tell(
            Text(
                f"旧密钥仍可读，不再需要时销毁：carehut keys retire {key.kid}",
                f"The old key still opens what it did. Once nothing needs it: carehut keys retire {key.kid}",
            )
        )


def _wait(ready: datetime) -> None:
    import time
    from datetime import UTC, datetime

    left = (ready - datetime.now(UTC)).total_seconds()
    if left > 0:
        tell(
            Text(
                f"等待 {left:.0f} 秒，直到各进程都使用新密钥；可按 Ctrl-C，再次运行即继续。",
                f"Waiting {left:.0f} s until every process uses it. Ctrl-C is fine: the same command goes on.",
            )
        )
        time.sleep(left)


def _move(ground: Ground, place: tuple[Use, str], by: By) -> None:
    from deploy.key_moves import move_over

    rows: dict[str, int] = {}
    lost: list[str] = []
    for service, step in move_over(ground, place, by):
        rows[f"{service}.{step.table}"] = rows.get(f"{service}.{step.table}", 0) + step.rows
        lost += step.unreadable
    for table, count in rows.items():
        click.echo(f"{table}: {count}")
    tell(Text("旧密钥下的数据已改用新密钥。", "What stood under older keys has moved over."))
    if lost:
        refuse(
            f"以下内容无法读取，仍需旧密钥：{', '.join(lost)}。",
            f"These cannot be read and keep their old key: {', '.join(lost)}.",
            remedy=Text("请与备份核对后恢复。", "Compare them with a backup and restore them."),
        )


@keys.command("retire", help=say(_RETIRE))
@click.argument("kid")
@click.option("--as", "staff", metavar="STAFF", help=say(AS))
@click.option("--approver", metavar="STAFF", help=say(APPROVER))
@click.option("--reason", required=True, help=say(REASON))
def retire(kid: str, staff: str | None, approver: str | None, reason: str) -> None:
    """Destroy a key."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.key_life import KeyRefused
    from deploy.key_life import retire as destroy

    installation = Installation()
    district = installation.district
    by = by_both(installation, district, staff, approver, reason, second=True)
    try:
        key = destroy(
            installation.databases(owner=True),
            installation.master(demo=district.demo),
            kid,
            datetime.now(UTC),
            by,
        )
    except KeyRefused as error:
        raise Refusal(error.problem, error.remedy) from error
    tell(
        Text(
            f"密钥 {kid}（{key.use} {key.owner}）已销毁。",
            f"The key {kid} ({key.use} of {key.owner}) is destroyed.",
        )
    )


for command in (rewrap, escrow, join):
    keys.add_command(command)
