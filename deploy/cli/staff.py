"""``carehut staff``: accounts of staff: a password for one, an end to one."""

from __future__ import annotations

import click

from deploy.cli.words import Refusal, Text, refuse, say, tell

_HELP = Text("工作人员账号。", "Accounts of staff.")
_DISABLE = Text(
    "停用账号：会话立即结束，一分钟内各服务都不再接受其令牌。",
    "Disable an account: its sessions end at once, and within a minute no service takes its tokens.",
)
_PASSWORD = Text(
    "设置账号口令（输入两次，不显示）；其会话随即结束。",
    "Set an account's password (asked twice, not shown); its sessions end.",
)
_NAMES = Text(
    "账号名称见地区配置的 posts.yaml；已停用的账号无需再停用。",
    "posts.yaml of the district pack lists the accounts; one that is disabled already needs nothing more.",
)
_ALONE = Text(
    "以下单位还有未结案的申请，但已无窗口人员或街道专干能看到：{units}。"
    "请在 posts.yaml 中为其安排人员，然后运行 carehut district apply。",
    "These units have open requests that nobody sees any more, neither at the desk nor in the street: {units}. Name "
    "somebody for them in posts.yaml and run carehut district apply.",
)


@click.group(help=say(_HELP))
def staff() -> None:
    """Hold the commands together."""


@staff.command("password", help=say(_PASSWORD))
@click.argument("name", metavar="STAFF")
def password(name: str) -> None:
    """Ask twice for a password and set it."""
    from deploy.installation import Installation
    from services.intake.bootstrap import context
    from services.intake.config import Config
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.staff import LEAST_PASSWORD, set_password

    words = Text("账号 {name} 的新口令", "New password of {name}").format(name=name)
    given = click.prompt(say(words), hide_input=True, confirmation_prompt=True, err=True)
    parts = context(Config.from_environment(Installation().environ))
    try:
        set_password(parts, name, given)
    except ValueError:
        refuse(
            f"口令不足 {LEAST_PASSWORD} 个字符。",
            f"The password has fewer than {LEAST_PASSWORD} characters.",
            remedy=Text("用一句容易记的话。", "Take a sentence that is easily remembered."),
        )
    except NotThere:
        refuse(f"没有可用的账号 {name}。", f"There is no account {name} in use.", remedy=_NAMES)
    tell(Text(f"账号 {name} 的口令已设置。", f"The password of {name} is set."))


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
        alone = disable_staff(parts, name, reason=reason)
    except NoSuchStaff as error:
        raise Refusal(error.text, _NAMES) from error
    except NotThere:
        refuse(f"没有账号 {name}。", f"There is no account {name}.", remedy=_NAMES)
    tell(Text(f"账号 {name} 已停用。", f"The account {name} is disabled."))
    if alone:
        tell(_ALONE.format(units=", ".join(alone)))
