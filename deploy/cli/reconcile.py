"""``carehut reconcile``: find what was published and never arrived, and have it delivered again."""

from __future__ import annotations

import click

from deploy.cli.words import Text, say, tell

_HELP = Text(
    "核对各服务：已发出、而应收方既无回执也无死信的事件，交由中继重发。收过的一方按重复处理，不会重复生效。",
    "Compare the services: what was published and has neither receipt nor dead letter at a service that wants it is "
    "published again by the relay. Whoever has it already takes it for a duplicate.",
)


@click.command(help=say(_HELP))
def reconcile() -> None:
    """Reconcile all services."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.reconcile import reconcile as compare

    again = compare(Installation().databases(), datetime.now(UTC))
    for service, count in again.items():
        tell(
            Text(f"{service}：{count} 个事件将重发。", f"{service}: {count} events will be published again.")
        )
    if not again:
        tell(Text("没有缺失。", "Nothing is missing."))
