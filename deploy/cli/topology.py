"""``carehut topology``: what stands at the broker, and what should."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deploy.cli.words import Refusal, Text, refuse, say, tell

if TYPE_CHECKING:
    from shared.messaging.admin import Admin, Problem

_HELP = Text(
    "消息服务上的交换、队列、绑定、用户与权限。",
    "Exchanges, queues, bindings, users and rights at the broker.",
)
_APPLY = Text(
    "通过管理接口建立缺少的、改正不符的。可重复运行。",
    "Put in place what is missing and right what differs. May be run again.",
)
_CHECK = Text(
    "核对，列出每处不符；有不符则退出码为 1。",
    "Compare and list every difference; exit code 1 if there is one.",
)
_SHOW = Text(
    "输出 definitions.json（含密码散列，不含密码）。",
    "Print the definitions.json (hashes of passwords, no passwords).",
)
_SEAT = Text(
    "为一个自有系统的单位建立（或重置）消息账号；密码只显示这一次，在最后一行。",
    "Make, or make anew, the broker user of an agency's own system; its password is the last line, shown this once.",
)
_EMBEDDED = Text(
    "单机运行不使用 RabbitMQ，没有可应用的。", "The embedded run uses no RabbitMQ: there is nothing to apply."
)
_SET_AMQP = Text(
    "完整运行请设置 CAREHUT_<SERVICE>_DATABASE_URL 与 CAREHUT_<SERVICE>_AMQP_URL。",
    "For the full run set CAREHUT_<SERVICE>_DATABASE_URL and CAREHUT_<SERVICE>_AMQP_URL.",
)


@click.group(help=say(_HELP))
def topology() -> None:
    """Hold the three commands together."""


@topology.command("apply", help=say(_APPLY))
def apply() -> None:
    """Put the topology in place."""
    problems = _admin().apply()
    _write_down("topology.applied", "topology", "broker", differed=len(problems))
    _list(problems)
    # A seat is made by a command of its own, for its password is shown to whoever asks for it.
    if any(not problem.can_be_put_right for problem in problems if problem.kind != "users"):
        refuse("有些不符需要人工处理，见上。", "Some differences need a person; see above.")
    tell(Text("消息拓扑已就位。", "The topology stands."))


@topology.command("check", help=say(_CHECK))
def check() -> None:
    """Compare what stands with what should."""
    problems = _admin().check()
    _list(problems)
    if problems:
        refuse(
            f"{len(problems)} 处不符。",
            f"{len(problems)} differences.",
            remedy=Text("运行 carehut topology apply。", "Run carehut topology apply."),
        )
    tell(Text("一切如所应当。", "Everything stands as it should."))


@topology.command("show", help=say(_SHOW))
def show() -> None:
    """Print the definitions."""
    import orjson

    from deploy.installation import Installation
    from deploy.topology import passwords, wanted
    from shared.messaging.topology import definitions

    installation = Installation()
    known = {} if installation.embedded else passwords(installation)
    click.echo(orjson.dumps(definitions(wanted(installation), known), option=orjson.OPT_INDENT_2).decode())


@topology.command("seat", help=say(_SEAT))
@click.argument("agency")
def seat(agency: str) -> None:
    """Make an agency's seat at the broker."""
    try:
        password = _admin().create_seat(agency)
    except LookupError:
        refuse(
            f"{agency} 没有自有系统。",
            f"{agency} has no system of its own.",
            remedy=Text(
                "在区县包的 agencies.yaml 中设 system: true，再应用区县包与消息拓扑。",
                "Set system: true in the pack's agencies.yaml, then apply the pack and the topology.",
            ),
        )
    _write_down("seat.made", "agency", agency)
    click.echo(password)


def _write_down(action: str, object_type: str, object_id: str, **detail: int) -> None:
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from shared.audit import AuditEntry

    installation = Installation()
    entry = AuditEntry(
        at=datetime.now(UTC),
        actor="system",
        post="system",
        action=action,
        object_type=object_type,
        object_id=object_id,
        detail=detail,
    )
    with installation.database("intake").unit_of_work() as uow:
        uow.audit(entry)
    installation.close()


def _admin() -> Admin:
    from deploy.installation import Installation
    from deploy.topology import admin

    installation = Installation()
    if installation.embedded:
        raise Refusal(_EMBEDDED, _SET_AMQP)
    return admin(installation)


def _list(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(f"{problem.code}: {problem.kind}: {problem.name} -- {problem.remedy}")
