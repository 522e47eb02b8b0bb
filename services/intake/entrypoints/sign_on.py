"""``/auth/oidc``: to the identity provider and back, and what is said when that leads nowhere."""

from __future__ import annotations

import base64
import binascii
import contextlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import flask
import orjson

from services.intake.domain.claimed_posts import NotAdmitted
from services.intake.domain.errors import SessionOver
from services.intake.use_cases import sign_on
from services.intake.use_cases.context import Context
from shared.http.cookies import clear_session, cookie_name, set_session
from shared.http.policy import public
from shared.http.problems import NotFound, Problem
from shared.http.redirects import safe_next
from shared.http.state import state
from shared.identity.oidc import ProofRefused, ProviderAway
from shared.sealing import CannotDecrypt
from shared.text import Text

if TYPE_CHECKING:
    from services.intake.use_cases.sign_in import SignedIn
    from shared.identity.oidc.provider import Begun, Provider

SEE_OTHER = 303
TEN_MINUTES = 600
RETRY_SECONDS = 10
SIGNED_OUT = "/auth/oidc/signed-out"
_TITLE = Text("未能登录", "Not signed in")
_PLACE = ("sign_on", "cookie")
AWAY = Text(
    "暂时无法连接身份认证服务。请稍后再试；已登录的人不受影响，任何账号都不会因此被锁定。",
    "The identity provider does not answer. Try again shortly. Who is signed in stays so, and nobody is locked out.",
)
AGAIN = Text(
    "登录已中断或超过十分钟。请回到首页重新登录。",
    "The sign-in was interrupted or took more than ten minutes. Go to the front page and begin again.",
)
REFUSED = Text(
    "身份认证服务的答复无法核实，未予登录。请重新登录；仍不行请告知运维人员。",
    "What the identity provider answered could not be verified. Sign in again; if that fails, tell the operator.",
)
DECLINED = Text(
    "身份认证服务未予登录。请回到首页重试。", "The identity provider did not sign you in. Try again."
)
_ASK = Text(
    "请联系本单位管理员核对您在统一身份认证中的角色与单位，然后重新登录。",
    "Ask your administrator to check your roles and your agency at the identity provider, then sign in again.",
)
NOT_ADMITTED: Mapping[str, Text] = {
    "no-post": Text("您的角色在本系统没有对应的岗位。", "None of your roles is a post here."),
    "no-place": Text("您的账号没有注明单位或社区。", "Your account names no agency or unit."),
    "unknown-place": Text(
        "您的单位或社区不在本区配置中。", "This district does not have your agency or unit."
    ),
    "disabled": Text("您的账号已在本系统停用。", "Your account is disabled here."),
    "account-taken": Text("该账号名已属于另一人。", "The account named belongs to somebody else."),
    "local-account": Text("该账号只能用本地口令登录。", "That account signs in by its own password alone."),
    "bad-account": Text("身份认证服务给出的账号名不可用。", "The account named cannot be one here."),
}

WORDS: Mapping[str, Text] = {
    "enter": Text("用{provider}登录", "Sign in by {provider}"),
    "local": Text("应急账号", "Account kept for need"),
    "title": Text("已退出", "Signed out"),
    "still": Text(
        "您已退出本系统，但仍在身份认证服务处于登录状态。离开公用电脑前请一并退出。",
        "You are signed out here, but still signed in at the identity provider. Sign out there, too, before you leave "
        "a shared computer.",
    ),
    "there": Text("在身份认证服务也退出", "Sign out there, too"),
    "again": Text("回到首页", "To the front page"),
}


def blueprint(context: Context) -> flask.Blueprint:
    """Make the routes; without a provider there is nothing at them."""
    pages = flask.Blueprint("sign_on", __name__, template_folder="../templates", url_prefix="/auth/oidc")

    @pages.app_context_processor
    def provider() -> dict[str, object]:
        return {"provider": context.sign_on.settings if context.sign_on else None, "provider_words": WORDS}

    @pages.get("")
    @public("whoever signs in has no session yet")
    def begin() -> flask.Response:
        """Send the browser to the provider, with what it must come back with in a sealed cookie."""
        from_us = _provider(context)
        following = safe_next(flask.request.args.get("next"))
        with _told_apart(context):
            begun = from_us.begin()
        return _sent(context, begun, following)

    @pages.get("/callback")
    @public("the provider's answer says who it is")
    def come_back() -> flask.Response:
        """Take the provider's answer, open a session and go on to where one was going."""
        from_us = _provider(context)
        kept = _kept(context)
        if kept.get("silent"):
            return _answered(context, from_us, kept)
        if "error" in flask.request.args:
            sign_on.refuse_sign_on(context, "provider-declined")
            raise Problem("sign-on-declined", 401, _TITLE, DECLINED)
        claims = _claims(context, from_us, kept)
        try:
            signed_in = sign_on.sign_on(context, from_us.settings, claims)
        except NotAdmitted as error:
            raise _not_admitted(error) from error
        return _let_in(kept, signed_in)

    @pages.get("/signed-out")
    @public("whoever has signed out has no session any more")
    def signed_out() -> str:
        """Say that one is signed out here, and where to sign out at the provider, too."""
        from_us = _provider(context)
        return flask.render_template("intake/signed_out.html", there=from_us.sign_out_url())

    return pages


def ask_again(context: Context, following: str) -> flask.Response | None:
    """Send the browser to the provider and back without a page in between; None while the provider is away."""
    try:
        begun = _provider(context).begin(silent=True)
    except ProviderAway:
        return None
    return _sent(context, begun, following, silent="yes")


def _sent(context: Context, begun: Begun, following: str, **more: str) -> flask.Response:
    kept = {"nonce": begun.nonce, "verifier": begun.verifier, "next": following, **more}
    sealed = context.keyring.fields.encrypt(*_PLACE, begun.state, orjson.dumps(kept))
    response = flask.make_response(flask.redirect(begun.url, SEE_OTHER))
    _keep(response, base64.urlsafe_b64encode(sealed).decode())
    return response


def _answered(context: Context, from_us: Provider, kept: Mapping[str, str]) -> flask.Response:
    """Go on after the provider was asked silently; where it would have to ask the person first, let it."""
    token = flask.request.cookies.get(cookie_name(state().public_url), "")
    try:
        if "error" not in flask.request.args:
            claims = _claims(context, from_us, kept)
            return _let_in(kept, sign_on.go_on(context, from_us.settings, claims, token))
        sign_on.leave(context, token, "signed-out-there")
    except SessionOver:
        pass  # it is over either way
    except NotAdmitted as error:
        raise _not_admitted(error) from error
    there = urlencode({"next": safe_next(kept["next"])})
    response = flask.make_response(flask.redirect(f"/auth/oidc?{there}", SEE_OTHER))
    clear_session(response)
    return response


def _claims(context: Context, from_us: Provider, kept: Mapping[str, str]) -> Mapping[str, object]:
    with _told_apart(context):
        return from_us.finish(
            flask.request.args.get("code", ""),
            nonce=kept["nonce"],
            verifier=kept["verifier"],
            now=context.clock.now(),
        )


def _not_admitted(error: NotAdmitted) -> Problem:
    why = Text("{why}{ask}", "{why} {ask}").format(why=NOT_ADMITTED[error.reason], ask=_ASK)
    return Problem("sign-on-not-admitted", 403, _TITLE, why)


def _let_in(kept: Mapping[str, str], signed_in: SignedIn) -> flask.Response:
    response = flask.make_response(flask.redirect(safe_next(kept["next"]), SEE_OTHER))
    _keep(response, "")
    set_session(response, signed_in.token)
    return response


def after_sign_out(context: Context) -> str:
    """Give where one goes after signing out: with a provider to a page that says one is still signed in there."""
    return "/" if context.sign_on is None else SIGNED_OUT


def _provider(context: Context) -> Provider:
    if context.sign_on is None:
        raise NotFound
    return context.sign_on


@contextlib.contextmanager
def _told_apart(context: Context) -> Iterator[None]:
    """Say what it was when the provider does not answer, or answers what proves nothing; the latter is audited."""
    try:
        yield
    except ProviderAway as error:
        raise Problem(
            "identity-provider-away", 503, _TITLE, AWAY, headers={"Retry-After": str(RETRY_SECONDS)}
        ) from error
    except ProofRefused as error:
        sign_on.refuse_sign_on(context, f"proof-{error.reason}")
        raise Problem("sign-on-refused", 401, _TITLE, REFUSED) from error


def _kept(context: Context) -> dict[str, str]:
    """Give what was kept when the sign-in began: readable only with the state that comes back."""
    try:
        sealed = base64.urlsafe_b64decode(flask.request.cookies.get(_cookie(), ""))
        plain = context.keyring.fields.decrypt_bytes(*_PLACE, flask.request.args.get("state", ""), sealed)
    except (binascii.Error, ValueError, CannotDecrypt) as error:
        sign_on.refuse_sign_on(context, "state")
        raise Problem("sign-on-interrupted", 400, _TITLE, AGAIN) from error
    kept: dict[str, str] = orjson.loads(plain)
    return kept


def _cookie() -> str:
    return "__Host-sign-on" if state().public_url.startswith("https://") else "sign-on"


def _keep(response: flask.Response, value: str) -> None:
    response.set_cookie(
        _cookie(),
        value,
        max_age=TEN_MINUTES if value else 0,
        path="/",
        secure=state().public_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
