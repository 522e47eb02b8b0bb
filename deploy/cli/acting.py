"""Who acts by a command: the account that is named, or the only one it could be."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from deploy.cli.words import Refusal, Text

if TYPE_CHECKING:
    from deploy.installation import Installation
    from deploy.key_life import By
    from services.intake.use_cases.context import Context
    from shared.directory import District

AS = Text("以哪个账号操作", "the account that acts")
APPROVER = Text("同意此事的数据保护岗账号", "the account with the duty data-protection that agrees")
REASON = Text("原因，记入审计日志", "why; goes into the audit log")
CONFIGURES = ("operator", "coordinator")
"""Whose posts configure the district: who runs the platform, and the office that coordinates."""
_NAME_ONE = Text("用 --as 指定账号。", "Name an account with --as.")
_NAME_APPROVER = Text(
    "用 --approver 指定同意此事的数据保护岗账号。",
    "Name with --approver the account with the duty data-protection that agrees.",
)


def intake(installation: Installation) -> Context:
    """Put together what intake's use cases work with, as an installation is set."""
    from services.intake.bootstrap import context
    from services.intake.config import Config

    return context(Config.from_environment(installation.environ))


def operators(district: District) -> list[str]:
    """Name those who hold the post of an operator."""
    return [one.id for one in district.staff if any(post.role == "operator" for post in one.posts)]


def _configuring(district: District) -> list[str]:
    return [one.id for one in district.staff if any(post.role in CONFIGURES for post in one.posts)]


def configuring(installation: Installation, old: District, staff: str | None, *, password: bool) -> str:
    """Find out who configures the district: an operator, or somebody of the coordinating office; nobody else may."""
    return acting(installation, old, staff, operators(old), password=password, roles=CONFIGURES)


def by_both(
    installation: Installation,
    old: District,
    staff: str | None,
    approver: str | None,
    reason: str | None,
    *,
    second: bool,
) -> By:
    """Find out who does something to the keys and, for what needs a ``second`` person, who agrees to it."""
    from deploy.key_life import By

    who = configuring(installation, old, staff, password=True)
    return By(who, agreeing(installation, old, approver, besides=who) if second else None, reason)


def agreeing(installation: Installation, old: District, staff: str | None, *, besides: str) -> str:
    """Find out who agrees: somebody else who holds the duty data-protection; outside a demo their password is asked."""
    from shared.directory import approvers

    able = [one for one in approvers(old) if one != besides]
    if staff is not None and staff not in able:
        names = ", ".join(able) or "–"
        raise Refusal(
            Text(
                f"{staff} 不能同意此事：须为另一名数据保护岗人员。",
                f"{staff} cannot agree to this: it takes somebody else who holds the duty data-protection.",
            ),
            Text(f"可选：{names}。", f"There are: {names}."),
        )
    return acting(installation, old, staff, able, password=True, name_one=_NAME_APPROVER)


def acting(
    installation: Installation,
    old: District,
    staff: str | None,
    usual: list[str],
    *,
    password: bool,
    roles: Collection[str] = (),
    name_one: Text | None = None,
) -> str:
    """Find out who acts: the account named, or the only one it could be; outside a demo its password is asked.

    With ``roles`` it must hold a post of one of them.
    """
    from deploy.cli.credentials import check_password
    from deploy.submit.staff import NoSuchStaff, principal

    if staff is None and len(usual) != 1:
        names = ", ".join(usual) or "–"
        raise Refusal(
            Text(f"由谁操作？可选：{names}。", f"Who does this? There are: {names}."), name_one or _NAME_ONE
        )
    chosen = staff or usual[0]
    try:
        who = principal(installation.database("intake"), chosen)
    except NoSuchStaff as error:
        raise Refusal(error.text, _NAME_ONE) from error
    if roles and not any(post.role in roles for post in who.posts):
        raise Refusal(
            Text(
                f"账号 {who.staff} 不能更改区县配置，未作任何改动。",
                f"The account {who.staff} may not change the district's configuration; nothing was changed.",
            ),
            Text(
                f"须为运维岗或统筹岗：{', '.join(_configuring(old)) or '–'}。",
                f"Operators and the coordinating office may: {', '.join(_configuring(old)) or '–'}.",
            ),
        )
    if password and not old.demo:
        check_password(installation, who.staff)
    return who.staff
