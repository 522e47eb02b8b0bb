"""The JSON API between grid and desk: leads one way, errands the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask

from services.intake.schemas.drafts import LeadBody, LeadShown
from services.intake.schemas.tasks import ErrandBody, TaskShown
from services.intake.use_cases.context import Context
from services.intake.use_cases.leads import GiveErrand, ReportLead, give_errand, report_lead
from shared.http.blueprint import Blueprint
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit

CREATED = 201


def blueprint(context: Context) -> Blueprint:
    """Make the API of leads and errands."""
    api = Blueprint(
        "leads", __name__, description="What grid workers and the desk of their unit tell each other"
    )

    @api.post("/leads")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(LeadBody)
    @api.response(CREATED, LeadShown)
    @permit("leads.report")
    def report(body: Mapping[str, Any]) -> flask.Response:
        """Report somebody who may need help; it becomes a draft at the desk of that community."""
        once = once_for(flask.request, CREATED, dict)
        lead = ReportLead(**{**body, "name": body["name"].strip()})
        return json_response(report_lead(context, current_principal(), lead, once=once), CREATED)

    @api.post("/tasks")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(ErrandBody)
    @api.response(CREATED, TaskShown)
    @permit("tasks.give")
    def give(body: Mapping[str, Any]) -> flask.Response:
        """Ask the grid worker of one's own unit for a visit or for help with papers: name and errand, no more."""
        once = once_for(flask.request, CREATED, dict)
        return json_response(
            give_errand(context, current_principal(), GiveErrand(**body), once=once), CREATED
        )

    return api
