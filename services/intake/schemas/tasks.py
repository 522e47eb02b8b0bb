"""Tasks over HTTP: which to list, and how one is shown."""

from __future__ import annotations

from marshmallow import fields

from services.intake.domain.tasks import ERRANDS, KINDS
from shared.http.openapi import BothLanguages
from shared.http.schema import Choice, Id, Length, Schema

STATUSES = ("open", "done")


class TaskQuery(Schema):
    """Which of one's own tasks to list."""

    status = fields.String(load_default="open", validate=Choice(STATUSES))
    kind = fields.List(fields.String(validate=Choice(KINDS)), load_default=list)
    request = Id()
    limit = fields.String()
    cursor = fields.String()


class TaskShown(Schema):
    """One task. A grid worker gets what it is, when, name and errand, and nothing of a request."""

    id = fields.UUID()
    kind = fields.String(metadata={"enum": list(KINDS)})
    title = fields.Nested(BothLanguages)
    due_on = fields.Date(allow_none=True)
    overdue = fields.Boolean()
    raised_at = fields.DateTime()
    done_at = fields.DateTime(allow_none=True)
    done_by = fields.String(allow_none=True)
    role = fields.String(metadata={"description": "whose list it stands in"})
    unit = fields.String()
    street = fields.String(allow_none=True)
    request = fields.UUID(
        allow_none=True, metadata={"description": "the request, or the draft it may become"}
    )
    leg = fields.UUID(allow_none=True)
    detail = fields.Dict(metadata={"description": "codes and ids, by kind"})
    explained = fields.Nested(
        BothLanguages,
        metadata={"description": "what `detail` says, in words: what was asked, and why it was refused"},
    )
    name = fields.String()
    errand = fields.String()


class TaskPage(Schema):
    """One page of tasks."""

    items = fields.List(fields.Nested(TaskShown))
    next = fields.String(allow_none=True)


class ErrandBody(Schema):
    """Something the desk asks of the grid worker of its unit."""

    kind = fields.String(required=True, validate=Choice(ERRANDS))
    name = fields.String(required=True, validate=Length(min=1, max=60))
    errand = fields.String(required=True, validate=Length(min=1, max=200))
    due_on = fields.Date()
