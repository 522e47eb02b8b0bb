"""Being sure who is at the terminal: the account's own password, asked without an echo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deploy.cli.acting import intake
from deploy.cli.words import Text, refuse, say

if TYPE_CHECKING:
    from deploy.installation import Installation


def check_password(installation: Installation, staff: str) -> None:
    """Ask for an account's password; refuses a wrong one, with the same lock-out as signing in."""
    from services.intake.domain.errors import OneTimeCodeNeeded, SignInFailed, SignInPaused
    from services.intake.use_cases.sign_in import sign_in, sign_out

    words = Text("账号 {staff} 的口令", "Password of {staff}").format(staff=staff)
    given = click.prompt(say(words), hide_input=True, err=True)
    parts = intake(installation)
    try:
        try:
            signed_in = sign_in(parts, staff, given)
        except OneTimeCodeNeeded:
            asked = Text("账号 {staff} 的动态口令或备用码", "One-time code or recovery code of {staff}")
            code = click.prompt(say(asked.format(staff=staff)), err=True)
            signed_in = sign_in(parts, staff, given, otp=code)
    except SignInPaused as error:
        refuse(
            f"输错次数过多，须等待 {error.seconds} 秒。",
            f"There were too many wrong tries: wait {error.seconds} seconds.",
            remedy=Text("或用 carehut staff reset 重设。", "Or let carehut staff reset set them anew."),
        )
    except SignInFailed:
        refuse(
            "口令或动态口令不对，或账号已停用。",
            "The password or code is wrong, or the account is disabled.",
            remedy=Text(
                "请本人重新输入；还没有口令的账号用 carehut staff password 设置。",
                "Let its holder type it again; an account without one gets it from carehut staff password.",
            ),
        )
    sign_out(parts, signed_in.principal)
