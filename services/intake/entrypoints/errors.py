"""Intake's own errors as problem details: the one place where they are translated."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import ceil
from typing import Any

from services.intake.domain.breaches import Breach
from services.intake.domain.errors import (
    IllegalStep,
    InvalidFiling,
    NoPost,
    NoSession,
    NotThere,
    OneTimeCodeNeeded,
    OutOfReach,
    SessionOver,
    SignInFailed,
    SignInPaused,
)
from services.intake.domain.exclusions import Excluded
from services.intake.domain.tasks import NotByHand, TaskDone
from services.intake.entrypoints import paper_errors
from services.intake.use_cases.paper_quota import ADDED
from services.intake.use_cases.second_factor import WrongCode
from services.intake.use_cases.withdraw_request import StaleRequest
from shared.audit.quota import QuotaSpent
from shared.http import problems
from shared.http.exports import quota_spent
from shared.http.problems import (
    BadInput,
    Conflict,
    FieldError,
    NotFound,
    NotSignedIn,
    NotYours,
    Problem,
    StaleVersion,
    TooMany,
)
from shared.http.refusals import QUOTA_SPENT
from shared.identity import WeakPassword
from shared.text import Text

NO_POST = Text(
    "您的岗位不在本区的任何社区，无法登记申请。请联系管理员核对岗位。",
    "Your post is at no unit of this district, so nothing can be filed. Ask the administrator to check your posts.",
)
SIGN_IN_FAILED = Text(
    "用户名、口令或动态口令不正确。请核对后重试；多次输错后须等待，一次比一次久。",
    "The user name, the password or the one-time code is wrong. Check them; after several wrong tries there is a "
    "pause, longer each time.",
)
CODE_NEEDED = Text(
    "此账号已启用动态口令：请连同口令一起填写手机上显示的六位数字，或一个备用码。",
    "This account has a second factor: give the six digits your telephone shows, or a recovery code, with the "
    "password.",
)
SIGN_IN_PAUSED = Text(
    "输错次数过多，请等待{wait}后再试。",
    "There were too many wrong tries; wait {wait} before the next.",
)
WRONG_CODE = Text(
    "口令或动态口令不正确，或该动态口令已用过。", "The password or code is wrong, or was used already."
)
A_MINUTE = 60
TASK_DONE = Text("此任务已经完成，无需再办。", "This task has been done already; nothing more to do.")
NO_SESSION = Text(
    "此令牌不属于任何登录（如由 carehut token 签发），不能代同事办理。"
    "请先登录：POST /auth/token 或登录页，再用所得令牌请求。",
    "This token belongs to no session (carehut token makes such ones), and only in one can you act for a colleague. "
    "Sign in first, by POST /auth/token or on the page, and ask with the token you get.",
)
PAPERS_SPENT = Text(
    "今天上传的材料已达上限（每人每天 {quota} 份）。请明天再传，或请同事上传。",
    "You have handed in as many papers as anybody may on a day ({quota}). Go on tomorrow, or ask a colleague.",
)
NOT_BY_HAND = Text("此任务不能直接勾选完成。{deed}", "This task cannot just be ticked off. {deed}")


def paused(error: SignInPaused) -> Text:
    """Say how long to wait, in minutes where it is long."""
    if error.seconds <= A_MINUTE:
        wait = Text(f"{error.seconds}秒", f"{error.seconds} seconds")
    else:
        minutes = ceil(error.seconds / A_MINUTE)
        wait = Text(f"{minutes}分钟", f"{minutes} minutes")
    return SIGN_IN_PAUSED.format(wait=wait)


def _invalid(error: InvalidFiling) -> Problem:
    errors = [FieldError(fault.field, fault.message, fault.rule) for fault in error.faults]
    return BadInput(id=error.rule, errors=errors)


def _illegal(error: IllegalStep) -> Problem:
    extensions = {"current_status": error.status, "possible": list(error.possible)}
    return Conflict(error.explanation, id="illegal-transition", extensions=extensions)


def _excluded(error: Excluded) -> Problem:
    extensions = {"programme": error.programme, "excluded_by": error.other, "number": error.number}
    return Conflict(error.explanation, id=error.id, extensions=extensions)


def _stale(error: StaleRequest) -> Problem:
    extensions = {
        "current_version": error.current,
        "current_status": error.status,
        "seen_version": error.seen,
    }
    return StaleVersion(extensions=extensions)


def _quota(error: QuotaSpent) -> Problem:
    if error.action != ADDED:
        return quota_spent(error)
    detail = PAPERS_SPENT.format(quota=str(error.quota))
    return TooMany(detail, id=QUOTA_SPENT, headers={"Retry-After": str(error.again_in)})


def _by_deed(error: NotByHand) -> Problem:
    return Conflict(NOT_BY_HAND.format(deed=error.deed), id="task-ends-otherwise")


ERRORS: Mapping[type[Exception], Callable[[Any], Problem]] = {
    InvalidFiling: _invalid,
    IllegalStep: _illegal,
    Excluded: _excluded,
    Breach: lambda error: Conflict(error.explanation, id=error.id),
    OutOfReach: lambda error: problems.OutOfReach(error.object_type, error.object_id),
    NotThere: lambda _: NotFound(),
    NoPost: lambda _: NotYours(NO_POST),
    SignInPaused: lambda error: TooMany(
        paused(error), id="sign-in-paused", headers={"Retry-After": str(error.seconds)}
    ),
    OneTimeCodeNeeded: lambda _: NotSignedIn(CODE_NEEDED, id="one-time-code-needed"),
    WrongCode: lambda _: BadInput(id="wrong-code", errors=[FieldError("code", WRONG_CODE)]),
    WeakPassword: lambda error: BadInput.of("new_password", error.text),
    SignInFailed: lambda _: NotSignedIn(SIGN_IN_FAILED, id="sign-in-failed"),
    SessionOver: lambda _: NotSignedIn(),
    NoSession: lambda _: Conflict(NO_SESSION, id="no-session"),
    StaleRequest: _stale,
    **paper_errors.ERRORS,
    TaskDone: lambda error: Conflict(TASK_DONE, id="task-done", extensions={"done_at": error.at}),
    NotByHand: _by_deed,
    QuotaSpent: _quota,
}
