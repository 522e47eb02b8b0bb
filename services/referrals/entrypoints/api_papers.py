"""The JSON API of papers as agencies see them: which came with a referral, and each of them as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import flask

from services.referrals.schemas import papers as schemas
from services.referrals.use_cases import papers
from services.referrals.use_cases.context import Context
from shared.blobs.files import ENDINGS
from shared.http.blueprint import Blueprint
from shared.http.downloads import documented, download
from shared.http.policy import current_principal, permit

OK = 200
FILE = documented(*ENDINGS, papers.LOCKED)


def blueprint(context: Context) -> Blueprint:
    """Make the API of papers."""
    api = Blueprint("papers", __name__, description="Papers that came with a referral")

    @api.get("/referrals/<uuid:referral_id>/papers")
    @api.arguments(schemas.PaperQuery, location="query")
    @api.response(OK, schemas.PapersOut)
    @permit("referrals.open-packet")
    def list_papers(query: Mapping[str, Any], referral_id: UUID) -> Mapping[str, Any]:
        """List the papers of a referral of one's own agency; its packet is opened for it, audited with the reason."""
        found = papers.list_papers(context, current_principal(), str(referral_id), query["reason"])
        return {"items": [_shown(one) for one in found]}

    @api.get("/referrals/<uuid:referral_id>/papers/<which>")
    @api.arguments(schemas.PaperQuery, location="query")
    @api.doc(responses={OK: FILE})
    @permit("referrals.open-paper")
    def fetch(query: Mapping[str, Any], referral_id: UUID, which: str) -> flask.Response:
        """Fetch one paper, by its place in the list or its id; each time is audited with its reason.

        An agency whose own system holds its key gets the ciphertext, by the id its packet names: format byte 1, nonce
        (12), AES-256-GCM ciphertext and tag, under the packet's `content_key`, with the id as additional data.
        """
        fetched = papers.fetch_paper(context, current_principal(), str(referral_id), which, query["reason"])
        return download(fetched.content, fetched.media, fetched.name)

    return api


def _shown(listed: papers.ListedPaper) -> dict[str, Any]:
    paper = listed.paper
    return {
        "n": paper.n,
        "id": paper.id,
        "kind": paper.kind,
        "name": listed.name.both() if listed.name else None,
        "type": paper.media,
        "size": paper.size,
    }
