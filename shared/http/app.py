"""The application factory of every service's web: one place where guards, errors and documentation are put together."""

from __future__ import annotations

import flask
import structlog
from werkzeug.middleware.proxy_fix import ProxyFix

from shared.http import errors, health, openapi, surround
from shared.http.guard import Guard, UncoveredRoute
from shared.http.json_provider import OrjsonProvider
from shared.http.spec import AppSpec, Check
from shared.http.state import KEY
from shared.http.surround import BODY_CAP
from shared.http.uploads import InMemoryRequest
from shared.telemetry import logs
from shared.web import pages

__all__ = ["BODY_CAP", "AppSpec", "Check", "UncoveredRoute", "create_app"]


class Web(flask.Flask):
    """Flask with our JSON, and templates that write a ``Text`` in the reader's language by themselves."""

    json_provider_class = OrjsonProvider
    request_class = InMemoryRequest
    jinja_options = {"finalize": pages.finalize, "autoescape": True}  # noqa: RUF012 - as Flask declares it


def create_app(spec: AppSpec) -> flask.Flask:
    """Make the Flask application of one service. Connects to nothing and reads no environment.

    Raises:
        UncoveredRoute: a view carries neither ``@permit`` nor ``@public``, or an action the policy does not know.
    """
    if not structlog.is_configured():
        # The library's own default would print local variables, with all they hold.
        logs.configure(spec.service, "web")
    app = Web("shared.web", static_folder=None, template_folder="templates")
    app.config |= {"MAX_CONTENT_LENGTH": BODY_CAP, "MAX_FORM_MEMORY_SIZE": BODY_CAP}
    app.extensions[KEY] = spec
    if spec.trusted_proxies:
        trusted = spec.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=trusted, x_proto=trusted, x_host=trusted)  # type: ignore[method-assign]
    openapi.describe(app, spec)
    health.register(app, spec)
    pages.register(app, spec)
    for blueprint in spec.pages:
        app.register_blueprint(blueprint)
    errors.register(app, spec)
    surround.attach(app, spec, Guard(app, spec))
    return app
