"""Who acts by a command: the account that is named, or the only one it could be."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from deploy.cli.words import Refusal, Text

if TYPE_CHECKING:
    from deploy.installation import Installation
    from shared.directory import District

AS = Text("以哪个账号操作", "the account that acts")
CONFIGURES = ("operator", "coordinator")
"""Whose posts configure the district: who runs the platform, and the office that coordinates."""
_NAME_ONE = Text("用 --as 指定账号。", "Name an account with --as.")


def operators(district: District) -> list[str]:
    """Name those who hold the post of an operator."""
    return [one.id for one in district.staff if any(post.role == "operator" for post in one.posts)]


def _configuring(district: District) -> list[str]:
    return [one.id for one in district.staff if any(post.role in CONFIGURES for post in one.posts)]


def configuring(installation: Installation, old: District, staff: str | None, *, password: bool) -> str:
    """Find out who configures the district: an operator, or somebody of the coordinating office; nobody else may."""
    return acting(installation, old, staff, operators(old), password=password, roles=CONFIGURES)


def acting(
    installation: Installation,
    old: District,
    staff: str | None,
    usual: list[str],
    *,
    password: bool,
    roles: Collection[str] = (),
) -> str:
    """Find out who acts: the account named, or the only one it could be; outside a demo its password is asked.

    With ``roles`` it must hold a post of one of them.
    """
    from deploy.cli.credentials import check_password
    from deploy.submit.staff import NoSuchStaff, principal

    if staff is None and len(usual) != 1:
        names = ", ".join(usual) or "–"
        raise Refusal(Text(f"由谁操作？可选：{names}。", f"Who does this? There are: {names}."), _NAME_ONE)
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
