"""The JSON API of actions: what is done with a referral, one by one or many at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import flask

from services.referrals.domain.by_command import BY_COMMAND
from services.referrals.domain.side_actions import is_versioned
from services.referrals.domain.transitions import NAMED_ACTIONS
from services.referrals.entrypoints import answers
from services.referrals.entrypoints.action_docs import described
from services.referrals.entrypoints.problems import problem_of
from services.referrals.schemas import actions, http
from services.referrals.schemas import batch as bodies
from services.referrals.use_cases import act, batch, pending
from services.referrals.use_cases.context import Context
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag, if_match
from shared.http.idempotency import once_for
from shared.http.locale import language
from shared.http.openapi import IDEMPOTENCY_KEY, IF_MATCH
from shared.http.policy import current_principal, permit
from shared.http.problems import NotFound
from shared.http.schema import Schema

_REFERRAL = http.ReferralOut()


def blueprint(context: Context) -> Blueprint:
    """Make the API of actions."""
    api = Blueprint("actions", __name__, description="What is done with a referral")
    _each(api, context)
    _many(api, context)
    return api


def _each(api: Blueprint, context: Context) -> None:
    def take(action: str, referral_id: UUID, fields: Mapping[str, Any]) -> Any:  # noqa: ANN401 - body and headers
        once = once_for(flask.request, 200, lambda view: _REFERRAL.dump(answers.referral(view)))
        # What only messages may bring is refused whatever version was seen.
        version = (
            if_match(flask.request) if action not in BY_COMMAND and is_versioned(action) else act.UNVERSIONED
        )
        command = act.Action(referral_id=str(referral_id), action=action, version=version, fields=fields)
        view = act.take_action(context, current_principal(), command, once=once)
        return answers.referral(view), {"ETag": etag(view.referral.version)}

    def mount(action: str, schema: type[Schema]) -> None:
        def view(body: Mapping[str, Any], referral_id: UUID) -> Any:  # noqa: ANN401 - as above
            return take(action, referral_id, body)

        versioned = is_versioned(action)
        view.__name__ = action
        view.__doc__ = described(action)
        guarded = permit(f"referrals.{action}")(view)
        answered = api.response(200, http.ReferralOut)(guarded)
        parameters = [IF_MATCH, IDEMPOTENCY_KEY] if versioned else [IDEMPOTENCY_KEY]
        documented = api.doc(parameters=parameters)(api.arguments(schema)(answered))
        api.post(f"/referrals/<uuid:referral_id>/{action}", endpoint=action)(documented)

    for action in actions.OFFERED:
        mount(action, actions.body_of(action))

    @api.post("/referrals/<uuid:referral_id>/<action>")
    @api.response(200, http.ReferralOut)
    @permit("referrals.read")
    def other(referral_id: UUID, action: str) -> Any:  # noqa: ANN401 - as above
        """What only the help desk or time brings about: said by 403 where an action has that name."""
        if action not in NAMED_ACTIONS:
            raise NotFound
        return take(action, referral_id, {})

    @api.post("/referrals/<uuid:referral_id>/pending/open")
    @api.response(200, bodies.PendingOut)
    @permit("referrals.open-pending")
    def open_pending(referral_id: UUID) -> Mapping[str, Any]:
        """Open what waits for the leader, with the words that go with it; each look is audited."""
        return pending.open_pending(context, current_principal(), str(referral_id))


def _many(api: Blueprint, context: Context) -> None:
    @api.post("/referrals/batch")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(bodies.Batch)
    @api.response(200, bodies.BatchOut)
    @permit("referrals.read")
    def take_many(body: Mapping[str, Any]) -> Mapping[str, Any]:
        """Acknowledge, assign or urge many at once; each item is answered for itself."""
        once = once_for(flask.request, 200, _batch)
        fields = {"assignee": body["assignee"]} if "assignee" in body else {}
        items = [(str(item["id"]), item.get("version")) for item in body["items"]]
        return _batch(batch.take_many(context, current_principal(), body["action"], fields, items, once=once))


def _batch(results: list[batch.Result]) -> dict[str, Any]:
    items = []
    for result in results:
        problem = None if result.error is None else problem_of(result.error)
        items.append(
            {
                "id": result.referral_id,
                "status": 200 if problem is None else problem.status,
                "version": result.version,
                "problem": None if problem is None else problem.body(language(), flask.g.request_id),
            }
        )
    return {"items": items}
