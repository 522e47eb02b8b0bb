"""The pages of one's own account: its posts, another password, the second factor."""

from __future__ import annotations

from collections.abc import Callable

import flask
import segno
from werkzeug.wrappers import Response

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import InvalidFiling, SignInPaused
from services.intake.entrypoints.errors import ERRORS
from services.intake.schemas import account as schemas
from services.intake.use_cases import second_factor, staff
from services.intake.use_cases.context import Context
from services.intake.use_cases.own_account import own_account
from services.intake.use_cases.second_factor import Enrolment, WrongCode
from shared.http.blueprint import read_form
from shared.http.policy import current_principal, permit
from shared.http.problems import BadInput, Problem
from shared.http.redirects import see_other
from shared.identity import WeakPassword
from shared.text import Text

ACCOUNT = "/auth/account"
NOTICES = {
    "password-changed": Text(
        "口令已更换，其他会话已退出。", "The password is changed; other sessions have ended."
    ),
    "delegated": Text(
        "已委托。对方在“我的账号”中即可代行您的岗位。",
        "Done: your colleague can act for you from their own account page.",
    ),
    "delegation-ended": Text("代行委托已终止。", "Nobody acts under it any more."),
    "second-factor-removed": Text("动态口令已停用。", "The second factor is removed."),
}
_NEW, _FIRST, _BOTH = schemas.NewPassword(), schemas.FirstCode(), schemas.BothFactors()
_PICTURE = 5
"""Points for each field of the picture that a telephone reads."""


def blueprint(context: Context) -> flask.Blueprint:
    """Make the pages of one's own account."""
    pages = flask.Blueprint("account-pages", __name__, template_folder="../templates", url_prefix=ACCOUNT)

    @pages.get("")
    @permit("account.own")
    def show() -> str:
        """Show one's own account."""
        return _page(context)

    @pages.post("/password")
    @permit("account.own")
    def password() -> Response:
        """Take another password."""
        return tried(context, lambda: _change_password(context))

    @pages.post("/second-factor")
    @permit("account.own")
    def begin() -> Response:
        """Begin with one-time codes: show the secret, as a picture and to be typed."""
        return tried(context, lambda: _enrol(second_factor.begin(context, current_principal())))

    @pages.post("/second-factor/confirm")
    @permit("account.own")
    def confirm() -> Response:
        """Confirm the secret by a first code; show the recovery codes."""

        def confirmed() -> Response:
            given = read_form(flask.request, _FIRST)
            return _show_codes(second_factor.confirm(context, current_principal(), given["code"]))

        return tried(context, confirmed, lambda problem: _enrolment_page(problem=problem))

    @pages.post("/second-factor/recovery-codes")
    @permit("account.own")
    def renew() -> Response:
        """Replace the recovery codes and show them."""

        def renewed() -> Response:
            given = read_form(flask.request, _BOTH)
            codes = second_factor.renew_codes(context, current_principal(), given["password"], given["code"])
            return _show_codes(codes)

        return tried(context, renewed)

    @pages.post("/second-factor/remove")
    @permit("account.own")
    def remove() -> Response:
        """Do without one-time codes again."""

        def removed() -> Response:
            given = read_form(flask.request, _BOTH)
            second_factor.remove(context, current_principal(), given["password"], given["code"])
            return see_other(ACCOUNT, "second-factor-removed")

        return tried(context, removed)

    return pages


def _change_password(context: Context) -> Response:
    given = read_form(flask.request, _NEW)
    staff.change_password(
        context, current_principal(), given["old_password"], given["new_password"], given["code"]
    )
    return see_other(ACCOUNT, "password-changed")


def tried(
    context: Context, do: Callable[[], Response], again: Callable[[Problem], str] | None = None
) -> Response:
    """Do it, or show the page again with what was wrong."""
    try:
        return do()
    except (BadInput, Breach, InvalidFiling, SignInPaused, WeakPassword, WrongCode) as error:
        problem = error if isinstance(error, Problem) else ERRORS[type(error)](error)
        page = again(problem) if again else _page(context, problem=problem)
        return flask.make_response(page, problem.status, problem.headers)


def _enrol(enrolment: Enrolment) -> Response:
    picture = segno.make(enrolment.address, error="m").svg_inline(scale=_PICTURE, light="white")
    return flask.make_response(_enrolment_page(enrolment, picture))


def _enrolment_page(
    enrolment: Enrolment | None = None, picture: str = "", *, problem: Problem | None = None
) -> str:
    return flask.render_template(
        "intake/second_factor.html", enrolment=enrolment, picture=picture, problem=problem
    )


def _show_codes(codes: list[str]) -> Response:
    return flask.make_response(flask.render_template("intake/recovery_codes.html", codes=codes))


def _page(context: Context, *, problem: Problem | None = None) -> str:
    return flask.render_template(
        "intake/account.html",
        account=own_account(context, current_principal()),
        problem=problem,
        district=context.directory.current(),
    )
