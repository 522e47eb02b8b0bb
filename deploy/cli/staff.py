"""``carehut staff``: accounts of staff."""

from __future__ import annotations

import click

from deploy.cli.words import Refusal, Text, refuse, say, tell

_HELP = Text("工作人员账号。", "Accounts of staff.")
_DISABLE = Text(
    "停用账号：会话立即结束，一分钟内各服务都不再接受其令牌。",
    "Disable an account: its sessions end at once, and within a minute no service takes its tokens.",
)
_NAMES = Text(
    "账号名称见地区配置的 posts.yaml；已停用的账号无需再停用。",
    "posts.yaml of the district pack lists the accounts; one that is disabled already needs nothing more.",
)


@click.group(help=say(_HELP))
def staff() -> None:
    """Hold the commands together."""


@staff.command("disable", help=say(_DISABLE))
@click.argument("name", metavar="STAFF")
@click.option("--reason", required=True, help=say(Text("原因，记入审计日志", "why; goes into the audit log")))
def disable(name: str, reason: str) -> None:
    """Disable one account."""
    from deploy.installation import Installation
    from deploy.submit.staff import NoSuchStaff, principal
    from services.intake.bootstrap import context
    from services.intake.config import Config
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.staff import disable_staff

    installation = Installation()
    parts = context(Config.from_environment(installation.environ))
    try:
        principal(parts.database, name)
        disable_staff(parts, name, reason=reason)
    except NoSuchStaff as error:
        raise Refusal(error.text, _NAMES) from error
    except NotThere:
        refuse(f"没有账号 {name}。", f"There is no account {name}.", remedy=_NAMES)
    tell(Text(f"账号 {name} 已停用。", f"The account {name} is disabled."))
