"""``carehut clients``: outside systems of agencies: add, list, give a new secret, revoke."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NoReturn
from zoneinfo import ZoneInfo

import click

from deploy.cli.acting import AS, REASON, intake
from deploy.cli.words import Refusal, Text, refuse, say, tell

if TYPE_CHECKING:
    from deploy.installation import Installation
    from services.intake.use_cases.api_clients import Issued
    from services.intake.use_cases.context import Context

_HELP = Text("部门接入系统的账号。", "Accounts of agencies' own systems at the API.")
_ADD = Text(
    "为单位 AGENCY 新建接入系统 NAME@AGENCY，密钥印在最后一行，仅此一次。",
    "Add NAME@AGENCY, a system of AGENCY. Its secret is the last line, shown this once.",
)
_LIST = Text("列出接入系统、权限范围与到期日。", "List the systems, their scopes and when they end.")
_SCOPES = Text("列出可授予的权限范围。", "List the scopes that can be granted.")
_ROTATE = Text("更换密钥，印在最后一行，仅此一次。", "Give a new secret, the last line, shown this once.")
_REVOKE = Text(
    "撤销：不再签发令牌，已签发的一分钟内失效。",
    "Revoke: no more tokens, and within a minute no service takes those there are.",
)
_EXPIRES = Text("最后一天（一年之内）", "its last day, within a year")
_SCOPE = Text("权限范围，可多次给出", "a scope; may be given several times")
_OVERLAP = Text("旧密钥仍可用的小时数；0 为立即失效", "hours for which the old secret stays good; 0: none")
_REMEDY = Text("carehut clients list 列出全部系统。", "carehut clients list names them all.")
_STATES = {
    "active": Text("有效", "active"),
    "expired": Text("已到期", "expired"),
    "revoked": Text("已撤销", "revoked"),
}


@click.group(help=say(_HELP))
def clients() -> None:
    """Hold the commands together."""


@clients.command("add", help=say(_ADD))
@click.argument("agency")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help=say(_SCOPE))
@click.option("--expires", required=True, type=click.DateTime(["%Y-%m-%d"]), help=say(_EXPIRES))
@click.option("--as", "staff", help=say(AS))
def add(agency: str, name: str, scopes: tuple[str, ...], expires: datetime, staff: str | None) -> None:
    """Make one."""
    from services.intake.domain.api_clients import ClientRefused
    from services.intake.use_cases.api_clients import add_client

    installation, parts, actor = _begin(staff)
    try:
        made = add_client(parts, agency, name, scopes, _end_of(expires, installation), actor=actor)
    except ClientRefused as error:
        raise Refusal(error.text, error.remedy) from error
    _show(made)


@clients.command("rotate", help=say(_ROTATE))
@click.argument("client")
@click.option("--overlap", type=click.IntRange(min=0), default=0, show_default=True, help=say(_OVERLAP))
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help=say(_EXPIRES))
@click.option("--as", "staff", help=say(AS))
def rotate(client: str, overlap: int, expires: datetime | None, staff: str | None) -> None:
    """Give one a new secret, perhaps a later end."""
    from services.intake.domain.api_clients import ClientRefused
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.api_clients import rotate_client

    installation, parts, actor = _begin(staff)
    until = None if expires is None else _end_of(expires, installation)
    try:
        made = rotate_client(parts, client, actor=actor, overlap=timedelta(hours=overlap), expires_at=until)
    except ClientRefused as error:
        raise Refusal(error.text, error.remedy) from error
    except NotThere:
        _refuse_unknown(client)
    _show(made)


@clients.command("revoke", help=say(_REVOKE))
@click.argument("client")
@click.option("--reason", required=True, help=say(REASON))
@click.option("--as", "staff", help=say(AS))
def revoke(client: str, reason: str, staff: str | None) -> None:
    """End one."""
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.api_clients import revoke_client

    _, parts, actor = _begin(staff)
    try:
        revoke_client(parts, client, actor=actor, reason=reason)
    except NotThere:
        _refuse_unknown(client)
    tell(Text(f"{client} 已撤销。", f"{client} is revoked."))


@clients.command("list", help=say(_LIST))
def list_() -> None:
    """Print a line for each."""
    from deploy.installation import Installation
    from services.intake.use_cases.api_clients import list_clients

    for client, state in list_clients(intake(Installation())):
        day = client.expires_at.date().isoformat()
        click.echo(f"{client.id}  {say(_STATES[state])}  {day}  {' '.join(client.scopes)}")


@clients.command("scopes", help=say(_SCOPES))
def scopes() -> None:
    """Print each scope, and of a group what it stands for."""
    from shared.identity.scopes import GRANTABLE, GROUPS

    for name, actions in GROUPS.items():
        click.echo(f"{name}: {' '.join(sorted(actions))}")
    for name in sorted(GRANTABLE):
        click.echo(name)


def _begin(staff: str | None) -> tuple[Installation, Context, str]:
    from deploy.cli.acting import configuring
    from deploy.installation import Installation

    installation = Installation()
    return (
        installation,
        intake(installation),
        configuring(installation, installation.district, staff, password=True),
    )


def _end_of(day: datetime, installation: Installation) -> datetime:
    """Give the end of a day as the district counts it."""
    return (day + timedelta(days=1)).replace(tzinfo=ZoneInfo(installation.district.timezone))


def _refuse_unknown(client: str) -> NoReturn:
    refuse(f"没有接入系统 {client}。", f"There is no system {client}.", remedy=_REMEDY)


def _show(made: Issued) -> None:
    words = Text("接入系统 {id} 的密钥（仅显示这一次）：", "Secret of {id}, shown this once:")
    tell(words.format(id=made.id), error=True)
    click.echo(made.secret)
