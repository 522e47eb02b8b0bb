"""``carehut token``: a bearer token for a demo account, to try the API with."""

from __future__ import annotations

import click

from deploy.cli.words import Refusal, Text, say, tell

_HELP = Text(
    "为演示账号 STAFF 签发 15 分钟的访问令牌，印在最后一行。仅限演示包；其他安装请用 POST /auth/token。",
    "Print a bearer token of fifteen minutes for the demo account STAFF, as the last line. Demo packs only; elsewhere "
    "use POST /auth/token.",
)


@click.command(help=say(_HELP))
@click.argument("staff")
def token(staff: str) -> None:
    """Sign and print a token."""
    from datetime import UTC, datetime

    from deploy.installation import Installation
    from deploy.submit.staff import NoSuchStaff, principal
    from shared.audit import AuditEntry
    from shared.sealing import Keyring

    installation = Installation()
    if not installation.district.demo:
        raise Refusal(
            Text("当前不是演示包，不签发令牌。", "This is no demo pack; no token is made."),
            Text("请用账号口令：POST /auth/token。", "Sign in with a password: POST /auth/token."),
        )
    intake = installation.database("intake")
    now = datetime.now(UTC)
    try:
        who = principal(intake, staff)
    except NoSuchStaff as error:
        known = ", ".join(member.id for member in installation.district.staff)
        raise Refusal(error.text, Text(f"演示账号：{known}。", f"The demo accounts are {known}.")) from error
    signed = Keyring(intake, installation.master(demo=True)).tokens.sign(who, now)
    with intake.unit_of_work() as uow:
        uow.audit(
            AuditEntry(
                at=now,
                actor="system",
                post="system",
                action="account.token-made",
                object_type="account",
                object_id=staff,
            )
        )
    tell(
        Text(f"{staff} 的令牌（15 分钟内有效）：", f"Token of {staff}, good for fifteen minutes:"), error=True
    )
    click.echo(signed)
