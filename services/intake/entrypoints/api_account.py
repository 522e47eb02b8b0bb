"""The JSON API of one's own account: its posts, another password, the second factor."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import flask

from services.intake.schemas import account as schemas
from services.intake.use_cases import delegating, second_factor, staff
from services.intake.use_cases.context import Context
from services.intake.use_cases.own_account import own_account
from shared.http.blueprint import Blueprint
from shared.http.json_provider import json_response
from shared.http.policy import current_principal, permit
from shared.identity import LIFETIME

OK, CREATED, NO_CONTENT = 200, 201, 204


def blueprint(context: Context) -> Blueprint:
    """Make the API of one's own account."""
    api = Blueprint("account", __name__, url_prefix="/account", description="One's own account")

    @api.get("")
    @api.response(OK, schemas.AccountShown)
    @permit("account.own")
    def show() -> flask.Response:
        """Show one's own account and its posts."""
        return json_response(asdict(own_account(context, current_principal())))

    @api.post("/delegations")
    @api.arguments(schemas.DelegationBody)
    @api.response(CREATED, schemas.DelegationShown)
    @permit("account.own")
    def delegate(body: Mapping[str, Any]) -> flask.Response:
        """Let a colleague act for oneself while one is away: under posts at a desk, a street or an agency."""
        made = delegating.delegate_own(context, current_principal(), body["deputy"], body["until"])
        return json_response(asdict(made), CREATED)

    @api.post("/delegations/<uuid:delegation>/end")
    @api.response(NO_CONTENT)
    @permit("account.own")
    def end(delegation: uuid.UUID) -> flask.Response:
        """Take a delegation back, or give it up; within a minute it is good for nothing."""
        delegating.end_delegation(context, current_principal(), str(delegation))
        return flask.Response(status=NO_CONTENT)

    @api.post("/act-for")
    @api.arguments(schemas.ActingBody)
    @api.response(OK, schemas.TokenShown)
    @permit("account.own")
    def act_for(body: Mapping[str, Any]) -> flask.Response:
        """Give a token under the posts of a colleague one may act for, or under one's own again.

        Its `sub` stays oneself, `acting_for` names the colleague.
        """
        acting = delegating.act_for(context, current_principal(), body["staff"])
        seconds = int(LIFETIME.total_seconds())
        return json_response({"access_token": acting.token, "token_type": "bearer", "expires_in": seconds})

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
