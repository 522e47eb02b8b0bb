"""The JSON API of one's own account: its posts, another password, the second factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict

import flask

from services.intake.schemas import account as schemas
from services.intake.use_cases import second_factor, staff
from services.intake.use_cases.context import Context
from services.intake.use_cases.own_account import own_account
from shared.http.blueprint import Blueprint
from shared.http.json_provider import json_response
from shared.http.policy import current_principal, permit

OK, NO_CONTENT = 200, 204


def blueprint(context: Context) -> Blueprint:
    """Make the API of one's own account."""
    api = Blueprint("account", __name__, url_prefix="/account", description="One's own account")

    @api.get("")
    @api.response(OK, schemas.AccountShown)
    @permit("account.own")
    def show() -> flask.Response:
        """Show one's own account and its posts."""
        return json_response(asdict(own_account(context, current_principal())))

    @api.post("/password")
    @api.arguments(schemas.NewPassword)
    @api.response(NO_CONTENT)
    @permit("account.own")
    def password(body: Mapping[str, str]) -> flask.Response:
        """Take another password: long, and not one of those that are tried first. Other sessions end."""
        staff.change_password(
            context, current_principal(), body["old_password"], body["new_password"], body["code"]
        )
        return flask.Response(status=NO_CONTENT)

    @api.post("/second-factor")
    @api.response(OK, schemas.EnrolmentShown)
    @permit("account.own")
    def begin() -> flask.Response:
        """Begin with one-time codes (TOTP, RFC 6238): gives a secret, in use once it is confirmed."""
        return json_response(asdict(second_factor.begin(context, current_principal())))

    @api.post("/second-factor/confirm")
    @api.arguments(schemas.FirstCode)
    @api.response(OK, schemas.RecoveryCodes)
    @permit("account.own")
    def confirm(body: Mapping[str, str]) -> flask.Response:
        """Confirm the secret by a first code; gives recovery codes."""
        return _codes(second_factor.confirm(context, current_principal(), body["code"]))

    @api.post("/second-factor/recovery-codes")
    @api.arguments(schemas.BothFactors)
    @api.response(OK, schemas.RecoveryCodes)
    @permit("account.own")
    def renew(body: Mapping[str, str]) -> flask.Response:
        """Replace the recovery codes."""
        principal = current_principal()
        return _codes(second_factor.renew_codes(context, principal, body["password"], body["code"]))

    @api.post("/second-factor/remove")
    @api.arguments(schemas.BothFactors)
    @api.response(NO_CONTENT)
    @permit("account.own")
    def remove(body: Mapping[str, str]) -> flask.Response:
        """Do without one-time codes again."""
        second_factor.remove(context, current_principal(), body["password"], body["code"])
        return flask.Response(status=NO_CONTENT)

    return api


def _codes(codes: list[str]) -> flask.Response:
    return json_response({"recovery_codes": codes})
