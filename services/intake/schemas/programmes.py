"""How the district's catalogue is answered: programmes, agencies and fields, with labels in both languages."""

from __future__ import annotations

from typing import get_args

from marshmallow import fields

from services.intake.schemas.screenings import OptionShown, PaperShown
from shared.directory.model import FieldSource
from shared.directory.programmes import Disclosure
from shared.http.openapi import BothLanguages
from shared.http.schema import Schema


class Category(Schema):
    """A need that programmes are grouped by."""

    id = fields.String()
    name = fields.Nested(BothLanguages)


class AgencyShown(Category):
    """An office that decides about programmes."""

    contact = fields.Nested(BothLanguages)


class FieldShown(Schema):
    """Something that may be told: of the person's own record, or in ``answers`` under its id."""

    id = fields.String()
    source = fields.String(metadata={"enum": list(get_args(FieldSource))})
    kind = fields.String(metadata={"description": "the data kind that a consent has to name"})
    type = fields.String()
    label = fields.Nested(BothLanguages)
    options = fields.List(fields.Nested(OptionShown))


class Limit(Schema):
    """A length of time; ``starts_on`` and ``extended_total`` where it is a clock of its own."""

    unit = fields.String(metadata={"enum": ["working_day", "calendar_day", "hour"]})
    total = fields.Integer()
    extended_total = fields.Integer(allow_none=True)
    starts_on = fields.String(metadata={"enum": ["issued", "received", "accepted"]})


class Clocks(Schema):
    """By when an agency has to do what."""

    acknowledge = fields.Nested(Limit)
    accept = fields.Nested(Limit)
    decide = fields.Nested(Limit)


class StepShown(Category):
    """A named step between acceptance and decision."""

    limit = fields.Nested(Limit, allow_none=True)


class PaperOfKind(PaperShown):
    """One paper of a checklist, and the data kind that a consent has to name."""

    kind = fields.String()


class OutcomeShown(Schema):
    """An outcome a leg may end with, and the details it asks for."""

    id = fields.String()
    asks = fields.List(fields.String())


class ProgrammeShown(Category):
    """One kind of help with its rules."""

    agency = fields.String()
    category = fields.String()
    rank = fields.Integer()
    offered = fields.Boolean()
    instead = fields.Nested(BothLanguages, allow_none=True)
    beneficiary = fields.String()
    disclosure = fields.String(metadata={"enum": list(get_args(Disclosure))})
    person_fields = fields.List(fields.String())
    fields_ = fields.List(fields.String(), data_key="fields", attribute="fields")
    papers = fields.List(fields.Nested(PaperOfKind))
    steps = fields.List(fields.Nested(StepShown))
    clocks = fields.Nested(Clocks)
    publicity = fields.Dict(
        allow_none=True, metadata={"description": "the public notice; what is asked for a minor has none"}
    )
    outcomes = fields.List(fields.Nested(OutcomeShown))
    requires = fields.List(fields.String())
    excludes = fields.List(fields.String())
    alternatives = fields.List(fields.String())
    note = fields.Nested(BothLanguages, allow_none=True)
    consent_note = fields.Nested(BothLanguages, allow_none=True)
    verified = fields.Dict(keys=fields.String(), values=fields.String())


class Catalogue(Schema):
    """Everything of the district's pack that filing needs; ``version`` is also the ETag."""

    version = fields.String()
    categories = fields.List(fields.Nested(Category))
    agencies = fields.List(fields.Nested(AgencyShown))
    fields_ = fields.List(fields.Nested(FieldShown), data_key="fields", attribute="fields")
    items = fields.List(fields.Nested(ProgrammeShown))
