"""Refusals are written to the audit log: who was told no, for which action, on what, and by which rule.

The one place for it: whatever a view raises comes by here, and so does what a page shows beside its form.
"""

from __future__ import annotations

import uuid
from typing import Any

import flask

from shared.audit import AuditEntry, asking
from shared.http.policy import maybe_principal
from shared.http.problems import BadInput, NotFound, NotYours, OutOfReach, Problem, StaleVersion, TooMany
from shared.http.state import state
from shared.identity import Principal

ACCESS, OPERATION = "access.refused", "operation.refused"
ID_CHARACTERS = 64
QUOTA_SPENT = "quota-spent"
"""The last part of the type of what tells that somebody has had all that anybody may have on a day."""
_CONFLICT = 409
_AGAINST_THE_STATE = frozenset({_CONFLICT, StaleVersion.STATUS})
_BY_A_RULE = _AGAINST_THE_STATE | {BadInput.STATUS, TooMany.STATUS}


def refused_by(problem: Problem) -> str | None:
    """Give the rule by which this answer refuses what was asked: the last part of a problem's type.

    None where nothing was refused: a field of the wrong form, a page that does not exist, a fault of ours, or what is
    to be sent again in a moment.
    """
    if isinstance(problem, OutOfReach):
        return "out-of-reach"
    if problem.status == NotYours.STATUS:
        return problem.id
    if problem.status in _AGAINST_THE_STATE:
        return None if "Retry-After" in problem.headers else problem.id
    if problem.id == QUOTA_SPENT:
        return problem.id
    if problem.status != BadInput.STATUS:
        return None
    broken = sorted({error.rule for error in problem.errors if error.rule is not None})
    return problem.id if problem.id != BadInput.ID else ", ".join(broken) or None


def write_down(problem: Problem) -> None:
    """Write the refusal that a problem tells of, if it does and somebody is signed in."""
    principal = maybe_principal()
    rule = refused_by(problem) or _not_there(problem)
    if principal is None or rule is None:
        return
    endpoint = flask.request.endpoint or ""
    action = endpoint if flask.g.get("grant") is None else flask.g.action
    if isinstance(problem, OutOfReach):
        audit_refusal(principal, action, problem.object_type, problem.object_id, reason=rule)
        return
    code = OPERATION if problem.status in _BY_A_RULE else ACCESS
    about = ("route", endpoint) if problem.status == NotYours.STATUS else _asked_about(endpoint)
    audit_refusal(principal, action, *about, reason=rule, code=code)


def audit_refusal(
    principal: Principal, action: str, object_type: str, object_id: str, *, reason: str, code: str = ACCESS
) -> None:
    """Write one refusal in a transaction of its own, since the refused one is rolled back.

    ``action`` is the action of the policy; ``reason`` a code such as ``forbidden`` or ``out-of-reach``. A request is
    refused once, however many places notice it, use cases that write a line of their own among them.
    """
    asked = asking()
    if flask.g.get("refusal_written") or (asked is not None and asked.refused):
        return
    spec = state()
    grant = flask.g.get("grant")
    posts = principal.posts if grant is None else grant.posts
    entry = AuditEntry(
        at=spec.clock.now(),
        actor=principal.staff,
        post=str(posts[0]) if posts else "",
        action=code,
        object_type=object_type,
        object_id=object_id[:ID_CHARACTERS],
        reason=reason,
        detail={"action": action, "request_id": flask.g.request_id, **_named()},
    )
    with spec.database.unit_of_work() as uow:
        uow.audit(entry)
    flask.g.refusal_written = True


def shown(_: flask.Flask, context: dict[str, Any], **_more: object) -> None:
    """Remember what a page tells of as its ``problem``: those that show it beside their form raise nothing."""
    problem = context.get("problem")
    if isinstance(problem, Problem):
        flask.g.problem, flask.g.told = problem.id, problem


def write_down_shown() -> None:
    """Write the refusal that a page has shown; once its views have ended, since they may be amid a transaction."""
    told: Problem | None = flask.g.pop("told", None)
    if told is not None:
        write_down(told)


def _not_there(problem: Problem) -> str | None:
    # Another's thing that the database hides from whoever asks looks like none at all.
    asked = problem.status == NotFound.STATUS and flask.g.get("grant") is not None and _named()
    return problem.id if asked else None


def _asked_about(endpoint: str) -> tuple[str, str]:
    return next(((name.removesuffix("_id"), value) for name, value in _named().items()), ("route", endpoint))


def _named() -> dict[str, str]:
    # Only ids: any other word of an address may have been typed by somebody, about somebody.
    arguments = (flask.request.view_args or {}).items()
    return {name: str(value) for name, value in arguments if isinstance(value, uuid.UUID)}
