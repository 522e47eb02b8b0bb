"""What a screening takes and answers, and the places of programmes."""

from __future__ import annotations

from marshmallow import fields

from services.intake.domain.screening import FITS, MET, MISSING, NOT_MET
from services.intake.schemas.http import CODE
from shared.http.openapi import BothLanguages
from shared.http.schema import Length, Schema


class ScreeningBody(Schema):
    """Answers, all of them optional."""

    answers = fields.Dict(
        keys=fields.String(validate=CODE),
        load_default=dict,
        validate=Length(max=200),
        metadata={"description": "by field id; the district's questions are at `/screenings/questions`"},
    )


class OptionShown(Schema):
    """One option of a question."""

    id = fields.String()
    label = fields.Nested(BothLanguages)


class Question(Schema):
    """One question."""

    field = fields.String()
    type = fields.String()
    label = fields.Nested(BothLanguages)
    options = fields.List(fields.Nested(OptionShown))


class Questions(Schema):
    """The district's questions."""

    items = fields.List(fields.Nested(Question))


class Clause(Schema):
    """The clause a programme stands on, and whether it is in force today."""

    law = fields.String()
    name = fields.Nested(BothLanguages)
    articles = fields.String()
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    in_force = fields.Boolean()
    verified = fields.String()


class CriterionShown(Schema):
    """How one condition stands; ``missing`` names the fields whose answer would settle it."""

    id = fields.String()
    name = fields.Nested(BothLanguages)
    state = fields.String(metadata={"enum": [MET, MISSING, NOT_MET]})
    missing = fields.List(fields.String())


class Piece(Schema):
    """What is missing: an answer, or a programme that comes first."""

    kind = fields.String(metadata={"enum": ["answer", "programme"]})
    id = fields.String()
    name = fields.Nested(BothLanguages)


class PaperShown(Schema):
    """One paper; ``by_hand`` ones go from the person to the agency directly."""

    id = fields.String()
    name = fields.Nested(BothLanguages)
    required = fields.Boolean()
    by_hand = fields.Boolean()


class PlacesShown(Schema):
    """Places of a programme as of a day, and how many wait for one."""

    places = fields.Integer()
    free = fields.Integer()
    as_of = fields.Date()
    waiting = fields.Integer()


class Suggested(Schema):
    """One programme and how it fits; never a decision."""

    programme = fields.String()
    name = fields.Nested(BothLanguages)
    agency = fields.String()
    category = fields.String()
    rank = fields.Integer()
    fit = fields.String(metadata={"enum": list(FITS)})
    held = fields.Boolean(allow_none=True, metadata={"description": "by the answers; null if none says so"})
    offered = fields.Boolean()
    instead = fields.Nested(BothLanguages, allow_none=True)
    basis = fields.List(fields.Nested(Clause))
    criteria = fields.List(fields.Nested(CriterionShown))
    missing = fields.List(fields.Nested(Piece))
    next_question = fields.Nested(
        Question,
        allow_none=True,
        metadata={"description": "the one to ask next; null once no answer would change how it fits"},
    )
    eased = fields.Nested(BothLanguages, allow_none=True)
    excludes = fields.List(fields.String())
    alternatives = fields.List(fields.String())
    papers = fields.List(fields.Nested(PaperShown))
    capacity = fields.Nested(PlacesShown, allow_none=True)
    note = fields.Nested(BothLanguages, allow_none=True)
    verified = fields.Dict(keys=fields.String(), values=fields.String())


class Screening(Schema):
    """All programmes of the district, best fit first."""

    items = fields.List(fields.Nested(Suggested))


class ProgrammePlaces(PlacesShown):
    """The places of one programme."""

    programme = fields.String()
    agency = fields.String()


class CapacityList(Schema):
    """The places of every programme that counts them."""

    items = fields.List(fields.Nested(ProgrammePlaces))
