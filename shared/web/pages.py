"""What templates can use, and the pages every service has: the language switch and the page for problems."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import flask
import flask_babel
from markupsafe import Markup
from werkzeug.wrappers import Response

from shared import ids
from shared.directory import District, NoDistrict
from shared.http.locale import COOKIE, LOCALES, language, locale
from shared.http.policy import maybe_principal, public
from shared.http.problems import NotFound, Problem
from shared.http.redirects import NOTICE_COOKIE, safe_next
from shared.http.spec import AppSpec
from shared.http.state import state
from shared.identity import Principal, Role, csrf
from shared.text import Text
from shared.web import catalogue, navigation, static_files
from shared.web.dates import as_date, plain_date, short_date, written_date, written_moment
from shared.web.lights import LIGHTS

_YEAR = dt.timedelta(days=365)
_LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
_TIMEZONE = "Asia/Shanghai"
_SERVER_FAULT = 500


def finalize(value: Any) -> Any:  # noqa: ANN401 - whatever a template writes
    """Let templates write a ``Text`` in the reader's language, and nothing for None."""
    if isinstance(value, Text):
        return value.of(language())
    return "" if value is None else value


def problem_page(problem: Problem, request_id: str) -> str:
    """Write the friendly page of a problem; it needs no database, since the problem may be that it is away."""
    flask.g.plain = problem.status >= _SERVER_FAULT
    return flask.render_template("aid/problem.html", problem=problem, request_id=request_id)


def register(app: flask.Flask, spec: AppSpec) -> None:
    """Give the templates of an application their words, filters and common values, and serve the common addresses."""
    babel = flask_babel.Babel(
        app, default_locale=LOCALES["zh"], default_timezone=_TIMEZONE, locale_selector=locale
    )
    folders = (catalogue.OWN, *spec.translations)
    # Filled beforehand, so that the library never looks for compiled files.
    words = flask_babel.Domain(domain=catalogue.DOMAIN)
    words.cache |= {
        (name, catalogue.DOMAIN): catalogue.translations(folders, name) for name in LOCALES.values()
    }
    babel.domain_instance = words
    environment = app.jinja_env
    environment.trim_blocks = environment.lstrip_blocks = True
    environment.filters |= {
        "date": lambda value: (
            value if value is None else written_date(as_date(value, _timezone()), language())
        ),
        "birth_date": lambda value: plain_date(as_date(value, _timezone()), language()),
        "short_date": lambda value: (
            value if value is None else short_date(as_date(value, _timezone()), language())
        ),
        "moment": lambda value: (
            value if value is None else written_moment(_moment(value), language(), _timezone())
        ),
        "say": lambda text: text.of(language()),
    }
    environment.globals |= {
        "LIGHTS": LIGHTS,
        "csrf_field": csrf_field,
        "once_field": once_field,
        "static_url": static_files.static_url,
        "signed_in": maybe_principal,
        "role_name": lambda role: navigation.ROLE_NAMES.get(role, role),
    }
    app.context_processor(lambda: _frame(spec))
    static_files.register(app, spec.service)
    app.add_url_rule(f"/{spec.service}/language/<chosen>", "language", choose_language)


@public("a reader chooses the language before anything else")
def choose_language(chosen: str) -> Response:
    """Remember the language for a year and go back to the page one came from."""
    if chosen not in LOCALES:
        raise NotFound
    response = flask.redirect(safe_next(flask.request.args.get("next")), 303)
    secure = state().public_url.startswith("https://")
    response.set_cookie(COOKIE, chosen, max_age=_YEAR, path="/", samesite="Lax", secure=secure, httponly=True)
    return response


def csrf_field() -> Markup:
    """Write the hidden field that proves a form comes from one of our own pages; every form that posts has it."""
    principal = maybe_principal()
    if principal is None:
        return Markup()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(csrf(principal.session))


def once_field() -> Markup:
    """Write the hidden field that makes a form take effect once, even if its button is pressed twice."""
    return Markup('<input type="hidden" name="idempotency_key" value="{}">').format(ids.new())


def _frame(spec: AppSpec) -> dict[str, Any]:
    principal = maybe_principal()
    entries = navigation.entries_for(principal)
    path = flask.request.path
    here = flask.request.full_path if flask.request.query_string else path
    lang = language()
    return {
        "lang": lang,
        "html_lang": "zh-CN" if lang == "zh" else "en",
        "languages": [
            (code, name, f"/{spec.service}/language/{code}?{urlencode({'next': here})}")
            for code, name in _LANGUAGE_NAMES.items()
        ],
        "navigation": entries,
        "current_entry": navigation.current_entry(entries, path),
        "sign_out": navigation.SIGN_OUT,
        "principal": principal,
        "frame": _Names(spec, principal),
        "notice": spec.notices.get(flask.request.cookies.get(NOTICE_COOKIE, "")),
    }


class _Names:
    """Names from the district pack, asked for only by pages that show them."""

    def __init__(self, spec: AppSpec, principal: Principal | None) -> None:
        self._spec = spec
        self._principal = principal

    @property
    def product_name(self) -> Text:
        """The neutral name in the window's title."""
        district = _district(self._spec)
        return self._spec.title if district is None else district.product_name

    @property
    def brand(self) -> Text:
        """The name on the page: the desk's own title for those who work at one, the neutral one for all others.

        Grid workers are the people's neighbours: they run errands without learning what kind of desk sends them.
        """
        district, principal = _district(self._spec), self._principal
        if district is None:
            return self._spec.title
        at_desk = principal is not None and principal.holds(Role.HUT)
        return district.hut_title if at_desk else district.product_name

    @property
    def mark(self) -> str:
        """What stands faintly across every page of somebody signed in: whose screen it is, and when."""
        if self._principal is None:
            return ""
        return f"{self.who} {written_moment(state().clock.now(), language(), _timezone())}"

    @property
    def who(self) -> str:
        """The name of the member of staff who is signed in."""
        district, principal = _district(self._spec), self._principal
        if principal is None:
            return ""
        staff = district.staff if district is not None else ()
        return next((member.name for member in staff if member.id == principal.staff), principal.staff)


def _district(spec: AppSpec) -> District | None:
    if flask.g.get("plain"):
        return None  # the page tells of a fault of ours, which may be that the database is away
    try:
        return spec.directory.current()
    except NoDistrict:
        return None


def _timezone() -> str:
    district = _district(state())
    return _TIMEZONE if district is None else district.timezone


def _moment(value: dt.datetime | str) -> dt.datetime:
    return dt.datetime.fromisoformat(value) if isinstance(value, str) else value
