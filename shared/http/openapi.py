"""The machine-readable description of one service's API: OpenAPI 3.1 from the schemas the views really use."""

from __future__ import annotations

from typing import Any

import flask
import flask_smorest
from apispec.ext.marshmallow import MarshmallowPlugin
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import INCLUDE, fields

from shared.http import problems
from shared.http.cookies import cookie_name
from shared.http.json_provider import dumps
from shared.http.policy import public
from shared.http.schema import Id, Schema
from shared.http.spec import AppSpec

VERSION = "1"

SECURITY = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "from POST /auth/token",
    },
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": "sid",
        "description": "a page's session; unsafe methods need X-CSRF-Token",
    },
}


IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "maxLength": 128},
    "description": "the same key with the same body takes effect once",
}
IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "description": 'the version seen, in quotes: `"3"`',
}


class BothLanguages(Schema):
    """One text in Chinese and English."""

    zh = fields.String(required=True)
    en = fields.String(required=True)


class ProblemField(Schema):
    """What is wrong with one field."""

    field = fields.String(
        required=True, metadata={"description": "dotted path", "example": "legs.0.programme"}
    )
    message = fields.String(required=True)
    messages = fields.Nested(BothLanguages, required=True)
    rule = fields.String(
        metadata={
            "description": "the rule that is broken, which ends the problem's type where no other is",
            "example": "not-offered",
        }
    )


class ProblemDetails(Schema):
    """Problem details (RFC 9457); further members tell more, for example what is possible instead."""

    class Meta:
        """Further members may come with any problem (§3.2)."""

        unknown = INCLUDE

    type = fields.String(required=True, metadata={"example": "urn:aid:problem:bad-input"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    messages = fields.Nested(
        BothLanguages, required=True, metadata={"description": "the detail in both languages"}
    )
    errors = fields.List(fields.Nested(ProblemField))
    current_status = fields.String(metadata={"description": "of what could not be done as it stands"})
    possible = fields.List(fields.String(), metadata={"description": "the actions that are possible instead"})
    request_id = fields.String(required=True)


class _Converter(OpenAPIConverter):
    """Names as required also what a schema calls ``NEEDED``: it lets that through for the domain to speak about."""

    def schema2jsonschema(self, schema: object) -> dict[str, Any]:
        described: dict[str, Any] = super().schema2jsonschema(schema)  # type: ignore[no-untyped-call] # as theirs
        needed = {*described.get("required", ()), *getattr(schema, "NEEDED", ())}
        return described | {"required": sorted(needed)} if needed else described


class _Schemas(MarshmallowPlugin):
    Converter = _Converter


class _Api(flask_smorest.Api):  # type: ignore[misc] # flask-smorest has no types
    ERROR_SCHEMA = ProblemDetails

    def _register_error_handlers(self) -> None:
        """Leave errors to ``shared.http.errors``."""

    def _register_responses(self) -> None:
        super()._register_responses()
        # The library writes every response under one media type; errors have their own.
        for response in self.spec.components.responses_lazy.values():
            content = response.get("content", {})
            if "application/json" in content:
                content[problems.MEDIA_TYPE] = content.pop("application/json")


def describe(app: flask.Flask, spec: AppSpec) -> None:
    """Mount the blueprints of a service under ``/<service>/api/v1`` and serve their description."""
    app.config |= {"API_TITLE": spec.title.en, "API_VERSION": VERSION, "OPENAPI_VERSION": "3.1.0"}
    cookie = SECURITY["cookie"] | {"name": cookie_name(spec.public_url)}
    api = _Api(
        app,
        spec_kwargs={
            "marshmallow_plugin": _Schemas(),
            "info": {"description": spec.title.zh},
            "security": [{"bearer": []}, {"cookie": []}],
            "servers": [{"url": "/"}],
        },
    )
    api.register_field(Id, "string", "uuid")
    api.spec.components.security_scheme("bearer", SECURITY["bearer"])
    api.spec.components.security_scheme("cookie", cookie)
    for blueprint in spec.blueprints:
        api.register_blueprint(blueprint, url_prefix=f"/{spec.service}/api/v1{blueprint.url_prefix or ''}")
    document: list[bytes] = []

    @public("what the API can do is no secret")
    def openapi() -> flask.Response:
        """Serve the description, which is written once."""
        if not document:
            document.append(dumps(api.spec.to_dict()))
        return flask.Response(document[0], mimetype="application/json", headers={"Cache-Control": "no-cache"})

    app.add_url_rule(f"/{spec.service}/openapi.json", "openapi", openapi)
