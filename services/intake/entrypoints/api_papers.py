"""The JSON API of papers: what is there and missing, handed in as a file, taken over, fetched, taken away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.schemas import papers as schemas
from services.intake.use_cases import draft_papers, papers, read_papers
from services.intake.use_cases.context import Context
from services.intake.use_cases.filing_warnings import shown
from services.intake.use_cases.papers import AddPaper
from services.intake.use_cases.read_papers import OpenedPaper
from shared.http.blueprint import Blueprint
from shared.http.conditional import etag
from shared.http.downloads import PAPER, download
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.locale import language
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit
from shared.http.uploads import takes_a_file

OK, CREATED, NO_CONTENT = 200, 201, 204


def blueprint(context: Context) -> Blueprint:
    """Make the API of papers."""
    api = Blueprint("papers", __name__, description="Papers handed in with requests, and with drafts of them")
    _requests(api, context)
    _drafts(api, context)
    return api


def _requests(api: Blueprint, context: Context) -> None:
    @api.get("/requests/<uuid:request>/papers")
    @api.response(OK, schemas.Papers)
    @permit("papers.read")
    def read(request: uuid.UUID) -> flask.Response:
        """List the papers of a request with the checklist of each leg: what is there, missing, or on file already."""
        return json_response(read_papers.read_papers(context, current_principal(), str(request)))

    @api.post("/requests/<uuid:request>/papers")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.PaperForm, location="files")
    @api.response(CREATED, schemas.PaperAdded)
    @permit("papers.add")
    @takes_a_file
    def add(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Hand in one file: PDF, JPEG or PNG, judged by its content, at most 10 MiB, at most 20 for each leg.

        It serves every leg that wants its kind, as far as the consent lets that leg's agency see it. What an agency
        has already is sealed again; one that waits for papers gets them with `supply`.
        """
        once = once_for(flask.request, CREATED, lambda added: shown(added, language()))
        added = papers.add_paper(context, current_principal(), _command(body, request), once=once)
        return json_response(shown(added, language()), CREATED, {"ETag": etag(added["version"])})

    @api.post("/requests/<uuid:request>/papers/reuse")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.ReuseBody)
    @api.response(CREATED, schemas.PapersReused)
    @permit("papers.add")
    def reuse(body: Mapping[str, Any], request: uuid.UUID) -> flask.Response:
        """Take over papers the person handed in with an earlier request at this unit, instead of asking again."""
        once = once_for(flask.request, CREATED, lambda taken: shown(taken, language()))
        who = current_principal()
        taken = papers.reuse_papers(context, who, str(request), body["papers"], once=once)
        return json_response(shown(taken, language()), CREATED, {"ETag": etag(taken["version"])})

    @api.get("/requests/<uuid:request>/papers/<uuid:paper>")
    @api.doc(responses={OK: PAPER})
    @permit("papers.open")
    def fetch(request: uuid.UUID, paper: uuid.UUID) -> flask.Response:
        """Fetch one file; each time is audited."""
        return _file(read_papers.open_paper(context, current_principal(), str(request), str(paper)))

    @api.delete("/requests/<uuid:request>/papers/<uuid:paper>")
    @api.response(NO_CONTENT)
    @permit("papers.remove")
    def remove(request: uuid.UUID, paper: uuid.UUID) -> flask.Response:
        """Take a file away: agencies' packets are sealed again without it, and its content is deleted."""
        papers.remove_paper(context, current_principal(), str(request), str(paper))
        return flask.Response(status=NO_CONTENT)


def _drafts(api: Blueprint, context: Context) -> None:
    @api.get("/drafts/<uuid:draft>/papers")
    @api.response(OK, schemas.Papers)
    @permit("papers.read")
    def read_of_draft(draft: uuid.UUID) -> flask.Response:
        """List the papers of a draft with the checklist of each programme in it."""
        return json_response(draft_papers.read_draft_papers(context, current_principal(), str(draft)))

    @api.post("/drafts/<uuid:draft>/papers")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.PaperForm, location="files")
    @api.response(CREATED, schemas.DraftPaperAdded)
    @permit("papers.add")
    @takes_a_file
    def add_to_draft(body: Mapping[str, Any], draft: uuid.UUID) -> flask.Response:
        """Hand in one file before the request is filed; it goes into the first packet of every leg that wants it."""
        once = once_for(flask.request, CREATED, dict)
        who = current_principal()
        return json_response(
            draft_papers.add_draft_paper(context, who, _command(body, draft), once=once), CREATED
        )

    @api.get("/drafts/<uuid:draft>/papers/<uuid:paper>")
    @api.doc(responses={OK: PAPER})
    @permit("papers.open")
    def fetch_of_draft(draft: uuid.UUID, paper: uuid.UUID) -> flask.Response:
        """Fetch one file of a draft; each time is audited."""
        return _file(draft_papers.open_draft_paper(context, current_principal(), str(draft), str(paper)))

    @api.delete("/drafts/<uuid:draft>/papers/<uuid:paper>")
    @api.response(NO_CONTENT)
    @permit("papers.remove")
    def remove_of_draft(draft: uuid.UUID, paper: uuid.UUID) -> flask.Response:
        """Take a file of a draft away; its content is deleted."""
        draft_papers.remove_draft_paper(context, current_principal(), str(draft), str(paper))
        return flask.Response(status=NO_CONTENT)


def _command(body: Mapping[str, Any], request: uuid.UUID) -> AddPaper:
    return AddPaper(request=str(request), kind=body["kind"], content=body["file"], leg=body.get("leg"))


def _file(opened: OpenedPaper) -> flask.Response:
    return download(opened.content, opened.media, opened.name)
