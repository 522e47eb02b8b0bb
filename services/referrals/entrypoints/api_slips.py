"""The JSON API of slips: what agencies answered on paper, handed in by the coordinator and fetched by the agency."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import flask

from services.referrals.domain.slips import Slip
from services.referrals.schemas import slips as schemas
from services.referrals.use_cases import slips
from services.referrals.use_cases.context import Context
from shared.http.blueprint import Blueprint
from shared.http.downloads import PAPER, download
from shared.http.idempotency import once_for
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit
from shared.http.uploads import takes_a_file

OK, CREATED = 200, 201
_SLIP = schemas.SlipOut()


def blueprint(context: Context) -> Blueprint:
    """Make the API of slips."""
    api = Blueprint("slips", __name__, description="Scans of what agencies answered on paper")

    @api.post("/referrals/<uuid:referral_id>/slips")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.SlipForm, location="files")
    @api.response(CREATED, schemas.SlipOut)
    @permit("referrals.add-slip")
    @takes_a_file
    def add(body: Mapping[str, Any], referral_id: UUID) -> Mapping[str, Any]:
        """Hand in the scan of an answer on paper, by which `record-on-behalf` then takes it down.

        PDF, JPEG or PNG, judged by its content, at most 10 MiB, at most 20 for each referral. Each serves one decision.
        """
        once = once_for(flask.request, CREATED, lambda slip: _SLIP.dump(_shown(slip)))
        return _shown(slips.add_slip(context, current_principal(), str(referral_id), body["file"], once=once))

    @api.get("/referrals/<uuid:referral_id>/slips")
    @api.response(OK, schemas.SlipsOut)
    @permit("referrals.open-slip")
    def list_slips(referral_id: UUID) -> Mapping[str, Any]:
        """List the slips one may open: the agency all of its own referral's, a coordinator those they handed in.

        The agency's are those too by which the help desk took something down (`added_by`: `intake-desk`).
        """
        found = slips.list_slips(context, current_principal(), str(referral_id))
        return {"items": [_shown(slip) for slip in found]}

    @api.get("/referrals/<uuid:referral_id>/slips/<uuid:slip>")
    @api.arguments(schemas.SlipQuery, location="query")
    @api.doc(responses={OK: PAPER})
    @permit("referrals.open-slip")
    def fetch(query: Mapping[str, Any], referral_id: UUID, slip: UUID) -> flask.Response:
        """Fetch one slip; each time is audited with its reason.

        One of the help desk's is sealed to the agency: where that holds its own key, its system is told where it lies
        and what opens it with `referral.recorded-on-behalf` (`scan`), and fetches it among the papers.
        """
        who = current_principal()
        fetched = slips.open_slip(context, who, str(referral_id), str(slip), query["reason"])
        return download(fetched.content, fetched.media, fetched.name)

    return api


def _shown(slip: Slip) -> dict[str, Any]:
    return {
        "id": slip.id,
        "type": slip.media,
        "size": slip.size,
        "added_at": slip.added_at,
        "added_by": slip.added_by,
    }
