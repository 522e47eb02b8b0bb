"""``carehut replay``: deliver again what was published, first shown, then done."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from deploy.cli.acting import REASON
from deploy.cli.words import Text, refuse, say, tell

if TYPE_CHECKING:
    from deploy.installation import Installation
    from deploy.resend import Share

_SERVICES = ("intake", "referrals", "notifications")
_FORMATS = ("%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z")
_HELP = Text(
    "把已发出的事件再投递一次：某一对象的（--subject）、某段时间的（--since、--until）、给某一接收方的（--to）。"
    "先列出数量，不做改动；加 --yes 才执行，并记入审计日志。收过的一方按重复处理，不会重复生效。"
    "自有系统的单位只有用 --to 指名才会再次收到；已撤销或不再由其办理的转介，其密封资料不再发送。",
    "Deliver published events again: of one subject (--subject), of a span of time (--since, --until), to one receiver "
    "(--to). Shows the counts and changes nothing until --yes is given; what is done goes into the audit log. Whoever "
    "has an event already takes it for a duplicate. An agency's own system gets events again only when --to names it, "
    "and without the sealed data of referrals that were cancelled or are no longer that agency's.",
)
_SUBJECT = Text("对象编号（申请或转介的 id）", "the id of a request, a referral or an account")
_SINCE = Text("自此时起发出的", "published from then on")
_UNTIL = Text("此时之前发出的", "published before")
_TO = Text(
    "只给此服务（intake、referrals、notifications）或此单位的自有系统",
    "to this service alone (intake, referrals, notifications), or to this agency's own system",
)
_YES = Text("执行；不加则只列出", "do it; without it only the counts are shown")
_WHICH = Text(
    "给出 --subject、--since、--until、--to 中的至少一项。",
    "Give at least one of --subject, --since, --until and --to.",
)
REASONS = {
    "cancelled": Text("已撤销", "cancelled"),
    "returned": Text("已退回", "returned"),
    "expired": Text("同意已到期", "consent has run out"),
    "erased": Text("本人资料已删除", "the person was erased"),
    "transferred": Text("已转办", "transferred"),
    "told-no-more": Text("本人不再接收通知", "the person is told of news no more"),
    "replaced": Text("联系方式已更新", "the person is reached elsewhere by now"),
}


@click.command(help=say(_HELP))
@click.option("--subject", help=say(_SUBJECT))
@click.option("--since", type=click.DateTime(_FORMATS), help=say(_SINCE))
@click.option("--until", type=click.DateTime(_FORMATS), help=say(_UNTIL))
@click.option("--to", "receiver", metavar="SERVICE|AGENCY", help=say(_TO))
@click.option("--yes", is_flag=True, help=say(_YES))
@click.option("--reason", help=say(REASON))
def replay(
    *,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    receiver: str | None,
    yes: bool,
    reason: str | None,
) -> None:
    """Show what would be delivered again, and with --yes do it."""
    from datetime import UTC

    from deploy.installation import Installation
    from deploy.resend import Ask, carry_out, plan

    if all(given is None for given in (subject, since, until, receiver)):
        raise click.UsageError(say(_WHICH))
    if yes and not reason:
        raise click.UsageError(say(Text("执行时须用 --reason 说明原因。", "--yes needs --reason.")))
    installation = Installation()
    databases = installation.databases()
    if receiver is not None:
        _refuse_stranger(installation, receiver)
    ask = Ask(
        subject=subject, since=_moment(installation, since), until=_moment(installation, until), to=receiver
    )
    at = datetime.now(UTC)
    shares = plan(databases, ask, at)
    for share in shares:
        _show(share)
    if not any(share.events for share in shares):
        tell(Text("没有可再投递的事件。", "There is nothing to deliver again."))
    elif yes and reason:
        count = carry_out(databases, ask, shares, reason=reason, at=at)
        tell(Text(f"{count} 个事件将由中继再次发出。", f"The relays will publish {count} events again."))
    else:
        tell(
            Text(
                "尚未发送。加 --yes --reason 原因 执行。",
                "Nothing has been sent. Add --yes --reason WHY to do it.",
            )
        )


def _show(share: Share) -> None:
    for receiver, count in share.wanted.items():
        if receiver in share.lacking:
            new = len(share.lacking[receiver])
            zh, en = f"，其中 {new} 个它尚未收到", f", {new} of which it does not have yet"
        else:
            zh = en = ""
        tell(
            Text(
                f"{share.producer} → {receiver}：{count} 个{zh}",
                f"{share.producer} → {receiver}: {count}{en}",
            )
        )
    for code, count in share.withheld.items():
        why = REASONS.get(code, Text(code, code))
        tell(
            Text(
                f"  其中 {count} 个不带密封资料：{why.zh}",
                f"  {count} of them without what is sealed in them: {why.en}",
            )
        )
    if share.held:
        tell(
            Text(
                f"  另有 {share.held} 个不发送：同意已到期，须先由登记窗口取得本人新的同意。",
                f"  {share.held} more are not sent: consent has run out, and the desk that filed has to ask anew.",
            )
        )
    if share.forgotten:
        tell(
            Text(
                f"  另有 {share.forgotten} 个太早，只留有台账，不能再投递。",
                f"  {share.forgotten} more left so long ago that only the ledger knows them; they cannot be sent.",
            )
        )


def _refuse_stranger(installation: Installation, receiver: str) -> None:
    systems = [agency.id for agency in installation.district.agencies.values() if agency.system]
    known = [*_SERVICES, *sorted(systems)]
    if receiver not in known:
        refuse(
            f"{receiver} 不接收事件。",
            f"{receiver} receives no events.",
            remedy=Text(f"可选：{'、'.join(known)}。", f"Choose from {', '.join(known)}."),
        )


def _moment(installation: Installation, given: datetime | None) -> datetime | None:
    # An operator without a time zone in hand means the district's own time.
    if given is None or given.tzinfo is not None:
        return given
    return given.replace(tzinfo=ZoneInfo(installation.district.timezone))
