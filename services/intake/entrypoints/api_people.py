"""The JSON API of what a person may ask for as of right: a copy, who was given what, objection."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

import flask

from services.intake.schemas import people as schemas
from services.intake.use_cases import object_to
from services.intake.use_cases.context import Context
from services.intake.use_cases.disclosures import read_disclosures
from services.intake.use_cases.export_person import export_person
from shared.http.blueprint import Blueprint
from shared.http.exports import watermark
from shared.http.idempotency import once_for
from shared.http.json_provider import json_response
from shared.http.openapi import IDEMPOTENCY_KEY
from shared.http.policy import current_principal, permit

OK, CREATED = 200, 201


def blueprint(context: Context) -> Blueprint:
    """Make the API of a person's rights."""
    api = Blueprint("people", __name__, description="What a person may ask for as of right")

    @api.get("/people/<uuid:person>/export")
    @api.arguments(schemas.ExportQuery, location="query")
    @api.response(OK, schemas.Export)
    @permit("people.export")
    def export(query: Mapping[str, Any], person: uuid.UUID) -> flask.Response:
        """Give a copy of all that is held about a person. It is marked, audited, and limited per person and day."""
        made = export_person(context, current_principal(), str(person), query["reason"])
        district = context.directory.current()
        mark = watermark(district, made.pop("made_by"), made.pop("made_at"), made.pop("reason"))
        name = f"copy-{str(person)[-8:]}.json"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return json_response({"watermark": mark, **made}, headers=headers)

    @api.get("/people/<uuid:person>/disclosures")
    @api.response(OK, schemas.Disclosures)
    @permit("people.read-disclosures")
    def disclosures(person: uuid.UUID) -> flask.Response:
        """Tell which agency was given what when, and every time it was opened."""
        return json_response({"items": read_disclosures(context, current_principal(), str(person))})

    @api.post("/people/<uuid:person>/objections")
    @api.doc(parameters=[IDEMPOTENCY_KEY])
    @api.arguments(schemas.ObjectBody)
    @api.response(CREATED, schemas.Objection)
    @permit("people.object")
    def objects(body: Mapping[str, Any], person: uuid.UUID) -> flask.Response:
        """Write an objection down and send it, sealed, to the agencies that hold the person's data."""
        once = once_for(flask.request, CREATED, dict)
        made = object_to.object_to(
            context, current_principal(), str(person), body["text"], body["legs"], once=once
        )
        return json_response(made, CREATED)

    @api.post("/people/<uuid:person>/objections/<uuid:objection>/answer")
    @api.arguments(schemas.AnswerBody)
    @api.response(OK, schemas.Objection)
    @permit("people.object")
    def answer(body: Mapping[str, Any], person: uuid.UUID, objection: uuid.UUID) -> flask.Response:
        """Record how an objection was answered."""
        return json_response(
            object_to.answer_objection(context, current_principal(), str(person), str(objection), **body)
        )

    return api
