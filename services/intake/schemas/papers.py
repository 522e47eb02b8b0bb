"""Papers over HTTP: a form with one file, and checklists that tell what is there and what is missing."""

from __future__ import annotations

from marshmallow import fields

from services.intake.domain.papers import STATES
from services.intake.schemas.hints import Hint
from services.intake.schemas.http import CODE, LegBrief
from shared.blobs.files import ENDINGS
from shared.http.openapi import BothLanguages
from shared.http.schema import Id, Length, Schema
from shared.http.uploads import File

NOT_SEEN = {"description": "which agencies do not get to see it, since no consent names its kind of data"}


class PaperForm(Schema):
    """One file, as multipart/form-data: PDF, JPEG or PNG by its content, at most 10 MiB."""

    kind = fields.String(
        required=True,
        validate=CODE,
        metadata={
            "description": "a paper of the programmes' lists, or `slip`: an agency's answer on paper",
            "example": "id-card",
        },
    )
    leg = Id(metadata={"description": "for this leg alone; left out, for every leg that wants its kind"})
    file = File(required=True)


class ReuseBody(Schema):
    """Which papers of earlier requests to take over."""

    papers = fields.List(Id(), required=True, validate=Length(min=1, max=40))


class PaperFile(Schema):
    """One file on hand; its content is fetched by its id."""

    id = fields.UUID()
    kind = fields.String()
    name = fields.Nested(BothLanguages)
    leg = fields.UUID(allow_none=True)
    type = fields.String(metadata={"enum": list(ENDINGS)})
    size = fields.Integer(metadata={"description": "in bytes"})
    added_at = fields.DateTime()
    added_by = fields.String()
    taken_from = fields.UUID(allow_none=True, metadata={"description": "the request it was taken over from"})


class EarlierFile(PaperFile):
    """A file of an earlier request at the same unit, by the same person."""

    number = fields.String()


class PaperLine(Schema):
    """One paper a programme lists."""

    kind = fields.String()
    name = fields.Nested(BothLanguages)
    required = fields.Boolean()
    asked = fields.Boolean(metadata={"description": "its agency waits for it now"})
    state = fields.String(metadata={"enum": list(STATES)})
    files = fields.List(fields.UUID())
    earlier = fields.List(fields.UUID(), metadata={"description": "what may be taken over instead of asking"})


class PaperChecklist(LegBrief):
    """What one leg's programme wants; a draft's legs have no id, agency and status yet."""

    papers = fields.List(fields.Nested(PaperLine))
    missing = fields.List(fields.String())
    complete = fields.Boolean()


class Papers(Schema):
    """Every file, and the checklist of each leg."""

    items = fields.List(fields.Nested(PaperFile))
    earlier = fields.List(fields.Nested(EarlierFile))
    legs = fields.List(fields.Nested(PaperChecklist))


class PaperAdded(Schema):
    """A file that was handed in, and the legs it is for: `paper_id` is the file's own id, `id` the request's."""

    id = fields.UUID(
        metadata={"description": "of the request, as in every answer about one; not of the paper"}
    )
    number = fields.String(metadata={"description": "of the request"})
    status = fields.String(metadata={"description": "of the request"})
    version = fields.Integer(metadata={"description": "of the request"})
    paper_id = fields.UUID(
        metadata={
            "description": "by which the paper is fetched, removed, or named as a `slip`; also `paper.id`"
        }
    )
    paper = fields.Nested(PaperFile)
    legs = fields.List(fields.Nested(LegBrief))
    warnings = fields.List(fields.Nested(Hint), metadata=NOT_SEEN)


class PapersReused(Schema):
    """Files that were taken over, and the legs they are for."""

    id = fields.UUID()
    number = fields.String()
    status = fields.String()
    version = fields.Integer()
    papers = fields.List(fields.Nested(PaperFile))
    legs = fields.List(fields.Nested(LegBrief))
    warnings = fields.List(fields.Nested(Hint), metadata=NOT_SEEN)


class DraftPaperAdded(Schema):
    """A file that was handed in with a draft."""

    paper = fields.Nested(PaperFile)
