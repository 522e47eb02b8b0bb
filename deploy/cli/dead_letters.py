"""``carehut dead-letters``: what could not be handled, why, and handling it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import click

from deploy.cli.acting import REASON
from deploy.cli.words import Text, refuse, say, tell

if TYPE_CHECKING:
    from shared.inbox.letters import Letter

_SERVICES = click.Choice(("intake", "referrals", "notifications"))
_HELP = Text(
    "未能处理的消息：列出、查看、重放、放弃。",
    "Messages that could not be handled: list, show, replay, dismiss.",
)
_LIST = Text(
    "列出未了结的信件：编号、服务、状态（dead 待处理，waiting 等前一条，replay 将重试）、类型、原因。",
    "List open letters: number, service, state (dead: your turn; waiting: for its predecessor; replay: about to be "
    "tried), type and reason.",
)
_SHOW = Text(
    "查看一封信的全部信息；加 --body 连同原文（可能含密封资料）。",
    "Show all about one letter; with --body also its bytes (they may hold sealed data).",
)
_REPLAY = Text(
    "请求重试；运行中的消费者一秒左右内处理。期间已撤回的转介不会因此重新办理：撤回与重试在同一步生效。",
    "Ask for another try; the running consumer does it within a second or so. What was withdrawn meanwhile does not "
    "come to life by it: the withdrawal takes effect in the same step.",
)
_DISMISS = Text(
    "放弃一封信：它不再生效，排在后面的继续处理。记入审计日志，不可撤回。",
    "Pass a letter over for good: it will have no effect, and what waited behind it goes on. Goes into the audit log; "
    "cannot be undone.",
)
_COLUMNS = ("reason", "type", "source", "subject", "sequence", "event_id", "routing_key", "queue", "user_id")
_TIMES = ("kept_at", "retry_at", "settled_at")


@click.group("dead-letters", help=say(_HELP))
def dead_letters() -> None:
    """Hold the commands together."""


@dead_letters.command("list", help=say(_LIST))
@click.option("--service", type=_SERVICES, help=say(Text("只看一个服务", "one service alone")))
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000))
def list_(service: str | None, limit: int) -> None:
    """List open letters of one service or all."""
    from deploy.installation import Installation
    from shared.inbox.letters import list_letters

    count = 0
    for name, database in Installation().databases().items():
        if service in {None, name}:
            for letter in list_letters(database, limit=limit):
                count += 1
                fields = letter.fields
                number, state = f"{name}/{fields['id']}", fields["state"]
                click.echo(f"{number:<20} {state:<8} {fields['type'] or '-':<32} {fields['reason']}")
    tell(Text(f"共 {count} 封。", f"{count} letters."))


@dead_letters.command("show", help=say(_SHOW))
@click.argument("number", metavar="SERVICE/NUMBER")
@click.option("--body", is_flag=True, help=say(Text("连同原文", "also the bytes")))
def show(number: str, *, body: bool) -> None:
    """Show one letter."""
    service, row = _parse(number)
    letter = _find(service, row)
    click.echo(f"{service}/{row}: {letter.fields['state']}")
    for name in (*_COLUMNS, *_TIMES):
        if letter.fields[name] is not None:
            click.echo(f"  {name}: {letter.fields[name]}")
    for name, value in (letter.fields["detail"] or {}).items():
        click.echo(f"  detail.{name}: {value}")
    click.echo(f"  size: {letter.size}")
    if body and letter.body is not None:
        _write_opening_down(service, row)
        click.echo(letter.body.decode(errors="replace"))


@dead_letters.command("replay", help=say(_REPLAY))
@click.argument("number", metavar="SERVICE/NUMBER")
def replay(number: str) -> None:
    """Ask for a letter to be tried again."""
    from datetime import UTC, datetime

    from deploy.cli.replay import REASONS
    from deploy.installation import Installation
    from deploy.resend import lay_by_behind_letter
    from deploy.run_out import letter_waits
    from deploy.told_no_more import empty_letter
    from shared.inbox.letters import UnknownLetterError, replay_letter

    service, row = _parse(number)
    databases = Installation().databases()
    at = datetime.now(UTC)
    try:
        if letter_waits(databases, service, row, at):
            refuse(
                f"{number} 中的转介，同意已到期，不能再发给单位。",
                f"{number} would open a referral whose consent has run out.",
                remedy=Text(
                    "请登记窗口取得本人新的同意（或撤回该事项），再重试。",
                    "Have the desk that filed take a new consent, or withdraw the leg; then try again.",
                ),
            )
        emptied = empty_letter(databases, service, row, at)
        laid_by = lay_by_behind_letter(databases, service, row)
        replay_letter(databases[service], row, actor="system", at=at)
    except UnknownLetterError:
        _unknown(number)
    tell(Text(f"{number} 将重试。", f"{number} will be tried again."))
    if emptied:
        why = REASONS[emptied]
        tell(Text(f"其中不带密封资料：{why.zh}。", f"What is sealed in it was taken out: {why.en}."))
    if laid_by:
        tell(
            Text(
                f"其后的 {laid_by} 个事件（含撤回）已放在一起，同一步生效。",
                f"{laid_by} later events, a withdrawal among them, were laid beside it: all take effect in one step.",
            )
        )


@dead_letters.command("dismiss", help=say(_DISMISS))
@click.argument("number", metavar="SERVICE/NUMBER")
@click.option("--reason", required=True, help=say(REASON))
def dismiss(number: str, reason: str) -> None:
    """Pass a letter over for good."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from shared.inbox.letters import OutOfTurnError, UnknownLetterError, dismiss_letter

    service, row = _parse(number)
    database = Installation().database(service)
    try:
        placed = dismiss_letter(database, row, reason=reason, actor="system", at=datetime.now(UTC))
    except UnknownLetterError:
        _unknown(number)
    except OutOfTurnError as error:
        refuse(
            f"{number} 之前的第 {error.missing} 个事件还没有了结。",
            f"Event {error.missing} of the same chain comes before {number} and is not settled.",
            remedy=Text(
                "先重放或放弃那一封（carehut dead-letters list），或用 carehut reconcile 补发。",
                "Replay or dismiss that one first (carehut dead-letters list), or have it delivered again (carehut "
                "reconcile).",
            ),
        )
    tell(Text(f"{number} 已放弃。", f"{number} is dismissed."))
    if placed:
        tell(Text("排在后面的将继续处理。", "What waited behind it goes on."))


def _write_opening_down(service: str, row: int) -> None:
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from shared.audit import AuditEntry

    entry = AuditEntry(
        at=datetime.now(UTC),
        actor="system",
        post="system",
        action="dead-letter.opened",
        object_type="dead-letter",
        object_id=str(row),
    )
    with Installation().database(service).unit_of_work() as uow:
        uow.audit(entry)


def _find(service: str, row: int) -> Letter:
    from deploy.installation import Installation
    from shared.inbox.letters import UnknownLetterError, show_letter

    try:
        return show_letter(Installation().database(service), row)
    except UnknownLetterError:
        _unknown(f"{service}/{row}")


def _parse(number: str) -> tuple[str, int]:
    service, _, row = number.partition("/")
    if service not in _SERVICES.choices or not row.isdigit():
        message = say(
            Text("应为 服务/编号，例如 referrals/12", "must be SERVICE/NUMBER, such as referrals/12")
        )
        raise click.BadParameter(message, param_hint="SERVICE/NUMBER")
    return service, int(row)


def _unknown(number: str) -> NoReturn:
    refuse(
        f"没有未了结的信件 {number}。",
        f"There is no open letter {number}.",
        remedy=Text("carehut dead-letters list 列出全部。", "carehut dead-letters list names them all."),
    )
