"""Who acts by a command: the account that is named, or the only one it could be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.cli.words import Refusal, Text

if TYPE_CHECKING:
    from deploy.installation import Installation
    from shared.directory import District

AS = Text("以哪个账号操作", "the account that acts")
_NAME_ONE = Text("用 --as 指定账号。", "Name an account with --as.")


def operators(district: District) -> list[str]:
    """Name those who hold the post of an operator."""
    return [one.id for one in district.staff if any(post.role == "operator" for post in one.posts)]


def acting(
    installation: Installation, old: District, staff: str | None, usual: list[str], *, password: bool
) -> str:
    """Find out who acts: the account named, or the only one it could be; outside a demo its password is asked."""
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
    if password and not old.demo:
        check_password(installation, who.staff)
    return who.staff
