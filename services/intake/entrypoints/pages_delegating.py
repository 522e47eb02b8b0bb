"""What the page of one's own account does about acting for colleagues."""

from __future__ import annotations

import uuid

import flask
from werkzeug.wrappers import Response

from services.intake.entrypoints.pages_account import ACCOUNT, tried
from services.intake.schemas import account as schemas
from services.intake.use_cases import delegating
from services.intake.use_cases.context import Context
from shared.http.blueprint import read_form
from shared.http.cookies import set_session
from shared.http.policy import current_principal, permit
from shared.http.redirects import see_other

_AWAY, _ACTING = schemas.DelegationBody(), schemas.ActingBody()


def blueprint(context: Context) -> flask.Blueprint:
    """Make the forms of acting for colleagues."""
    pages = flask.Blueprint("delegating", __name__, template_folder="../templates", url_prefix=ACCOUNT)

    @pages.post("/delegations")
    @permit("account.own")
    def delegate() -> Response:
        """Let a colleague act for oneself."""

        def delegated() -> Response:
            given = read_form(flask.request, _AWAY)
            delegating.delegate_own(context, current_principal(), given["deputy"], given["until"])
            return see_other(ACCOUNT, "delegated")

        return tried(context, delegated)

    @pages.post("/delegations/<uuid:delegation>/end")
    @permit("account.own")
    def end(delegation: uuid.UUID) -> Response:
        """Take a delegation back, or give it up."""
        delegating.end_delegation(context, current_principal(), str(delegation))
        return see_other(ACCOUNT, "delegation-ended")

    @pages.post("/act-for")
    @permit("account.own")
    def act_for() -> Response:
        """Go on under a colleague's posts, or under one's own again."""
        given = read_form(flask.request, _ACTING)
        acting = delegating.act_for(context, current_principal(), given["staff"])
        response = flask.make_response(see_other("/"))
        set_session(response, acting.token)
        return response

    return pages
