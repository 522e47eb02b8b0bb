"""The one error envelope: problem details (RFC 9457) in both languages, as exceptions of the edge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from shared.text import Text

MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one field; ``field`` is a dotted path such as ``legs.0.programme``.

    ``rule`` is the id of the rule that is broken, as in a problem's type; None where it is no more than the form.
    """

    field: str
    message: Text
    rule: str | None = None

    def body(self, locale: str) -> dict[str, object]:
        """Give the item of ``errors``, its message in the language of ``locale``."""
        rule = {} if self.rule is None else {"rule": self.rule}
        return {
            "field": self.field,
            "message": self.message.of(locale),
            "messages": self.message.both(),
            **rule,
        }


class Problem(Exception):
    """An answer that says what went wrong and what to do about it.

    ``id`` ends the type ``urn:aid:problem:<id>``; ``extensions`` are further members of the body; ``headers`` are
    sent with the answer.
    """

    def __init__(
        self,
        id: str,  # noqa: A002 - the member's own name, as the envelope has it
        status: int,
        title: Text,
        detail: Text,
        *,
        errors: Sequence[FieldError] = (),
        extensions: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(f"{status} {id}: {detail}")
        self.id = id
        self.status = status
        self.title = title
        self.detail = detail
        self.errors = tuple(errors)
        self.extensions = dict(extensions or {})
        self.headers = dict(headers or {})

    def body(self, locale: str, request_id: str) -> dict[str, object]:
        """Give the JSON body in the language of ``locale``; both languages stand under ``messages``."""
        body: dict[str, object] = {
            "type": f"urn:aid:problem:{self.id}",
            "title": self.title.of(locale),
            "status": self.status,
            "detail": self.detail.of(locale),
            "messages": self.detail.both(),
            "request_id": request_id,
        }
        if self.errors:
            body["errors"] = [error.body(locale) for error in self.errors]
        return self.extensions | body


class _Known(Problem):
    """A problem whose id, status and words are fixed; the detail may be given more exactly."""

    ID: ClassVar[str]
    STATUS: ClassVar[int]
    TITLE: ClassVar[Text]
    DETAIL: ClassVar[Text]

    def __init__(
        self,
        detail: Text | None = None,
        *,
        id: str | None = None,  # noqa: A002 - as in Problem
        title: Text | None = None,
        errors: Sequence[FieldError] = (),
        extensions: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            id or self.ID,
            self.STATUS,
            title or self.TITLE,
            detail or self.DETAIL,
            errors=errors,
            extensions=extensions,
            headers=headers,
        )


class BadRequest(_Known):
    """400: the request cannot be read."""

    ID, STATUS = "bad-request", 400
    TITLE = Text("请求无法读取", "The request cannot be read")
    DETAIL = Text("请检查请求的格式后重新发送。", "Check the form of the request and send it again.")


class NotSignedIn(_Known):
    """401: nobody is signed in, or the sign-in has run out."""

    ID, STATUS = "not-signed-in", 401
    TITLE = Text("尚未登录", "Not signed in")
    DETAIL = Text("请登录后再试。", "Sign in and try again.")


class NotYours(_Known):
    """403: one's own object or page, but not one's action."""

    ID, STATUS = "forbidden", 403
    TITLE = Text("无权进行此操作", "Not yours to do")
    DETAIL = Text(
        "您的岗位不能进行此操作。请联系负责该事项的同事。",
        "Your post may not do this. Ask the colleague whose task it is.",
    )


class NotFound(_Known):
    """404: it does not exist, or one may not know that it does."""

    ID, STATUS = "not-found", 404
    TITLE = Text("没有找到", "Not found")
    DETAIL = Text(
        "没有这条记录或这个页面。请检查编号或地址。",
        "There is no such record or page. Check the number or the address.",
    )


class OutOfReach(NotFound):
    """404 for what exists but is not the caller's: answers exactly as ``NotFound``, and the refusal is audited."""

    def __init__(self, object_type: str, object_id: str) -> None:
        super().__init__()
        self.object_type = object_type
        self.object_id = object_id


class MethodNotAllowed(_Known):
    """405: the address exists, but not for this method."""

    ID, STATUS = "method-not-allowed", 405
    TITLE = Text("不支持此请求方法", "Method not allowed")
    DETAIL = Text(
        "此地址不支持该请求方法，可用方法见 Allow。", "This address does not take the method; see Allow."
    )


class Conflict(_Known):
    """409: not possible in the present state; ``id`` and ``extensions`` tell which and what is possible."""

    ID, STATUS = "conflict", 409
    TITLE = Text("当前状态下不能进行", "Not possible as things stand")
    DETAIL = Text("请刷新后查看当前状态。", "Load it again to see how it stands now.")


class StaleVersion(_Known):
    """412: If-Match names a version that is no longer the present one."""

    ID, STATUS = "stale-version", 412
    TITLE = Text("记录已被他人更新", "Someone else has changed this")
    DETAIL = Text("请重新打开记录，核对后再操作。", "Open the record again, check it, then repeat.")


class TooLarge(_Known):
    """413: the body is over the cap."""

    ID, STATUS = "too-large", 413
    TITLE = Text("内容过大", "Too large")
    DETAIL = Text(
        "请求内容不能超过 1 MiB。请删减或分次提交。",
        "A request may have at most 1 MiB. Shorten it or send it in parts.",
    )


class WrongContentType(_Known):
    """415: the body is not of a type this address reads."""

    ID, STATUS = "wrong-content-type", 415
    TITLE = Text("内容类型不受支持", "Wrong content type")
    DETAIL = Text(
        "请以 Content-Type: application/json 发送。", "Send it with Content-Type: application/json."
    )


class BadInput(_Known):
    """422: readable, but a field is wrong; ``errors`` names each."""

    ID, STATUS = "bad-input", 422
    TITLE = Text("填写内容有误", "Some fields need attention")
    DETAIL = Text("请按各项提示修改后重新提交。", "Correct the fields named and send it again.")

    @classmethod
    def of(cls, field: str, message: Text) -> BadInput:
        """Make the problem for one field, given as a dotted path."""
        return cls(errors=[FieldError(field, message)])


class PreconditionRequired(_Known):
    """428: the action needs If-Match."""

    ID, STATUS = "precondition-required", 428
    TITLE = Text("缺少版本号", "If-Match is missing")
    DETAIL = Text(
        '请在 If-Match 中给出所见版本，例如 "3"。', 'Send the version you saw in If-Match, for example "3".'
    )


class TooMany(_Known):
    """429: too often in too short a time."""

    ID, STATUS = "too-many", 429
    TITLE = Text("操作过于频繁", "Too many tries")
    DETAIL = Text("请稍候再试。", "Wait a little and try again.")


class Broken(_Known):
    """500: a fault of ours."""

    ID, STATUS = "broken", 500
    TITLE = Text("系统出错", "Something broke on our side")
    DETAIL = Text(
        "内容没有保存。请稍后重试；如仍出错，请报告请求编号。",
        "Nothing was stored. Try again; if it stays, report the request id.",
    )


class Unavailable(_Known):
    """503: something needed is away for a while; the answer carries Retry-After (seconds)."""

    ID, STATUS = "unavailable", 503
    TITLE = Text("服务暂时不可用", "Not available just now")
    DETAIL = Text("内容没有保存。请稍后重试。", "Nothing was stored. Try again shortly.")

    def __init__(self, detail: Text | None = None, *, retry_after: int = 5) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)})


class Busy(_Known):
    """503: more is asked at once than can be done; the answer carries Retry-After (seconds)."""

    ID, STATUS = "busy", 503
    TITLE = Text("现在太忙", "Busy just now")
    DETAIL = Text(
        "同时办理的请求太多，内容没有保存。请过几秒重新发送。",
        "Too much is asked at once; nothing was stored. Send it again in a few seconds.",
    )
