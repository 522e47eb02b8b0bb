"""``carehut staff``: accounts of staff: add, list, a password, a reset of what was lost, an end, a deputy."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from deploy.cli.acting import AS, REASON, intake
from deploy.cli.words import Refusal, Text, language, refuse, say, tell

if TYPE_CHECKING:
    from services.intake.use_cases.context import Context

_HELP = Text("工作人员账号。", "Accounts of staff.")
_ADD = Text(
    "新增人员：写入区县包的 posts.yaml，检查并应用。岗位写作 角色[@单位或网格代码]，可多次给出，"
    "如 desk@civil-affairs、hut@530103004007、desk@civil-affairs/530103004。",
    "Add somebody: written into posts.yaml of the district pack, which is checked and put in force. A post is "
    "ROLE[@PLACE], and may be given several times: desk@civil-affairs, hut@530103004007, "
    "desk@civil-affairs/530103004 (an agency's counter in a street).",
)
_LIST = Text("列出账号、岗位与状态。", "List the accounts with their posts and how they stand.")
_DISABLE = Text(
    "停用账号：会话立即结束，一分钟内各服务都不再接受其令牌。",
    "Disable an account: its sessions end at once, and within a minute no service takes its tokens.",
)
_PASSWORD = Text(
    "设置账号口令（输入两次，不显示）；其会话随即结束。",
    "Set an account's password (asked twice, not shown); its sessions end.",
)
_RESET = Text(
    "账号本人忘记口令或遗失手机：设置新口令，清除动态口令，结束会话与等待。",
    "For who has forgotten the password or lost the telephone: a new password, no second factor, no session and no "
    "pause is left.",
)
_DELEGATE = Text(
    "委托同单位（或同街道）的同事 DEPUTY 代行 STAFF 的岗位，至某日。",
    "Let DEPUTY, a colleague of the same agency or street, act under the posts of STAFF up to a day.",
)
_NAMES = Text(
    "账号名称见 carehut staff list；已停用的账号无需再停用。",
    "carehut staff list names the accounts; one that is disabled already needs nothing more.",
)
_ALONE = Text(
    "以下单位还有未结案的申请，但已无窗口人员或街道专干能看到：{units}。"
    "请在 posts.yaml 中为其安排人员，然后运行 carehut district apply。",
    "These units have open requests that nobody sees any more, neither at the desk nor in the street: {units}. Name "
    "somebody for them in posts.yaml and run carehut district apply.",
)
_TO_THE_STREET = Text(
    "以下单位还有未结案的申请，但窗口已无人：{units}。待办已转所属街道专干，单位来信无人查看，材料也无人可补；"
    "请专干将案件移交有人的窗口，或在 posts.yaml 中为其安排人员，然后运行 carehut district apply。",
    "These units have open requests and nobody at the desk any more: {units}. Their tasks come to the specialist of "
    "the street; nobody reads what agencies write to them, and nobody can add papers. Have the specialist move the "
    "cases to a staffed desk, or name somebody in posts.yaml and run carehut district apply.",
)
_FIRST = Text(
    "生效后用 carehut staff password {name} 设置首个口令。",
    "Once it is in force, carehut staff password {name} gives the account its first password.",
)
_STATES = {
    "disabled": Text("已停用", "disabled"),
    "no-password": Text("未设口令", "no password"),
    "second-factor": Text("动态口令", "second factor"),
    "paused": Text("输错等待中", "pausing after wrong tries"),
    "no-post": Text("无岗位", "no post"),
}


@click.group(help=say(_HELP))
def staff() -> None:
    """Hold the commands together."""


@staff.command("add", help=say(_ADD))
@click.argument("name", metavar="STAFF")
@click.option("--name", "called", required=True, help=say(Text("姓名", "what they are called")))
@click.option("--post", "posts", multiple=True, required=True, help=say(Text("岗位", "a post")))
@click.option(
    "--pack", type=click.Path(path_type=Path), help=say(Text("区县包目录", "the folder of the district pack"))
)
@click.option("--as", "actor", metavar="STAFF", help=say(AS))
@click.pass_context
def add(
    context: click.Context,
    name: str,
    called: str,
    posts: tuple[str, ...],
    pack: Path | None,
    actor: str | None,
) -> None:
    """Write somebody into the pack and put it in force."""
    from deploy.cli.district import apply
    from deploy.installation import Installation
    from deploy.new_staff import CannotAdd, added, folder_in_force
    from shared.directory import check_pack

    try:
        folder = pack or folder_in_force(Installation())
        with added(folder, name, called, posts):
            if errors := check_pack(folder):
                for error in errors:
                    click.echo(error.told(language()))
                refuse("未作任何改动。", "Nothing was changed.")
            context.invoke(apply, path=str(folder), staff=actor, overtake=False)
    except CannotAdd as error:
        raise Refusal(error.problem, error.remedy) from error
    tell(_FIRST.format(name=name))


@staff.command("list", help=say(_LIST))
def list_() -> None:
    """Print one line for each account."""
    from services.intake.use_cases.staff import accounts

    for account in accounts(_intake()):
        held = ", ".join(map(str, account.posts))
        states = say(Text("、", ", ")).join(say(_STATES[state]) for state in account.states)
        click.echo("  ".join(part for part in (account.id, account.name, held, states) if part))


@staff.command("password", help=say(_PASSWORD))
@click.argument("name", metavar="STAFF")
def password(name: str) -> None:
    """Ask twice for a password and set it."""
    _give_password(_intake(), name)
    tell(Text(f"账号 {name} 的口令已设置。", f"The password of {name} is set."))


@staff.command("reset", help=say(_RESET))
@click.argument("name", metavar="STAFF")
@click.option("--reason", required=True, help=say(REASON))
@click.option(
    "--second-factor",
    "factor_alone",
    is_flag=True,
    help=say(Text("只清除动态口令，保留口令", "the second factor alone; the password stays")),
)
def reset(name: str, reason: str, *, factor_alone: bool) -> None:
    """Let somebody in again who has lost what they sign in with."""
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.staff import reset_second_factor

    parts = _intake()
    if not factor_alone:
        _give_password(parts, name)
    try:
        removed = reset_second_factor(parts, name, reason=reason)
    except NotThere:
        _no_account(name)
    if removed:
        tell(Text(f"账号 {name} 的动态口令已清除。", f"The second factor of {name} is removed."))
    elif factor_alone:
        tell(Text(f"账号 {name} 没有启用动态口令。", f"{name} has no second factor."))
    if not factor_alone:
        tell(Text(f"账号 {name} 的口令已设置。", f"The password of {name} is set."))


@staff.command("disable", help=say(_DISABLE))
@click.argument("name", metavar="STAFF")
@click.option("--reason", required=True, help=say(REASON))
def disable(name: str, reason: str) -> None:
    """Disable one account."""
    from deploy.submit.staff import NoSuchStaff, principal
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.staff import disable_staff

    parts = _intake()
    try:
        principal(parts.database, name)
        left = disable_staff(parts, name, reason=reason)
    except NoSuchStaff as error:
        raise Refusal(error.text, _NAMES) from error
    except NotThere:
        refuse(f"没有账号 {name}。", f"There is no account {name}.", remedy=_NAMES)
    tell(Text(f"账号 {name} 已停用。", f"The account {name} is disabled."))
    for words, units in ((_ALONE, left.unseen), (_TO_THE_STREET, left.to_the_street)):
        if units:
            tell(words.format(units=", ".join(units)))


@staff.command("delegate", help=say(_DELEGATE))
@click.argument("name", metavar="STAFF")
@click.argument("deputy", metavar="DEPUTY")
@click.option(
    "--until",
    required=True,
    type=click.DateTime(["%Y-%m-%d"]),
    help=say(Text("截止日期（一年之内）", "the last day, within a year")),
)
def delegate(name: str, deputy: str, until: datetime) -> None:
    """Let somebody be acted for."""
    from services.intake.domain.errors import InvalidFiling, NotThere
    from services.intake.use_cases.delegating import delegate as let_act

    try:
        let_act(_intake(), name, deputy, until.date(), actor="system")
    except InvalidFiling as error:
        raise Refusal(error.faults[0].message) from error
    except NotThere:
        _no_account(name)
    tell(Text(f"{deputy} 可代行 {name} 的岗位。", f"{deputy} may act for {name}."))


def _intake() -> Context:
    from deploy.installation import Installation

    return intake(Installation())


def _give_password(parts: Context, name: str) -> None:
    from services.intake.domain.errors import NotThere
    from services.intake.use_cases.staff import set_password
    from shared.identity import WeakPassword

    words = Text("账号 {name} 的新口令", "New password of {name}").format(name=name)
    given = click.prompt(say(words), hide_input=True, confirmation_prompt=True, err=True)
    try:
        set_password(parts, name, given)
    except WeakPassword as error:
        raise Refusal(error.text) from error
    except NotThere:
        _no_account(name)


def _no_account(name: str) -> NoReturn:
    refuse(f"没有可用的账号 {name}。", f"There is no account {name} in use.", remedy=_NAMES)
