"""The figures at the HTTP edge: what may be asked, and how they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validates_schema

from shared.http.exports import REASON, Watermark
from shared.http.openapi import BothLanguages
from shared.http.schema import Choice, Invalid, Length, Matches, Schema
from shared.text import Text

_CODE = "[a-z0-9]+(?:-[a-z0-9]+)*"
_CODE_FORM = Text("应为小写代码，如 civil-affairs。", "Must be a code in lower case such as civil-affairs.")
_UNIT_FORM = Text("应为 6 至 12 位区划代码。", "Must be an official unit code of 6 to 12 digits.")
_MONTH = r"20\d{2}-(?:0[1-9]|1[0-2])"
_MONTH_FORM = Text("应为月份，如 2026-11。", "Must be a month such as 2026-11.")
_BACKWARDS = Text("截止月份早于起始月份，请对调。", "The last month is before the first; change them round.")
_SAY_WHY = Text("请写明导出的用途；用途会印在副本上。", "Say what they are taken for; it stands on the copy.")

_WITHHELD = "null where it is withheld"
_YUAN = "in yuan, as decided"
_BY_PROGRAMME = (
    "the sum of the programmes' people: who is in two programmes is in it twice, so it is no number of people"
)
_TOTAL = "of all there is; for others and for the wall every number in it is null"
_SHOWN = "for others and for the wall: the sum of what is shown here, which is not the total; else null"


class StatisticsQuery(Schema):
    """Which figures: months are counted from and to and including, in the district's own time."""

    programme = fields.String(validate=[Length(max=64), Matches(_CODE, _CODE_FORM)])
    agency = fields.String(validate=[Length(max=64), Matches(_CODE, _CODE_FORM)])
    unit = fields.String(validate=Matches(r"\d{6,12}", _UNIT_FORM))
    first = fields.String(
        data_key="from", validate=Matches(_MONTH, _MONTH_FORM), metadata={"example": "2026-01"}
    )
    last = fields.String(
        data_key="until", validate=Matches(_MONTH, _MONTH_FORM), metadata={"example": "2026-11"}
    )
    by = fields.String(
        validate=Choice(["month", "street", "agency"]), metadata={"description": "side by side by what"}
    )
    purpose = fields.String(
        data_key="for",
        load_default="own",
        validate=Choice(["own", "export", "wall"]),
        metadata={"description": "for others and for the wall what is under five people is withheld"},
    )

    reason = fields.String(
        validate=REASON,
        metadata={"description": "why they are taken away; stands on the copy, and `for=export` needs it"},
    )

    @validates_schema
    def _says_why(self, data: Mapping[str, Any], **_: object) -> None:
        if data.get("purpose") == "export" and not data.get("reason"):
            raise Invalid(_SAY_WHY, "reason")

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **_: object) -> None:
        if data.get("first", "") > data.get("last", "9999"):
            raise Invalid(_BACKWARDS, "until")


class GrantedOut(Schema):
    """What was granted: to how many people, how often, and how much in yuan."""

    people = fields.Integer(required=True, allow_none=True)
    referrals = fields.Integer(required=True, allow_none=True)
    amount = fields.Float(required=True, allow_none=True, metadata={"description": _YUAN})


class GrantedSumOut(Schema):
    """What was granted in all programmes together."""

    people_by_programme = fields.Integer(
        required=True, allow_none=True, metadata={"description": _BY_PROGRAMME}
    )
    referrals = fields.Integer(required=True, allow_none=True)
    amount = fields.Float(required=True, allow_none=True, metadata={"description": _YUAN})


class OnTimeOut(Schema):
    """How many decisions came too late, and the share of those that did not."""

    late = fields.Integer(required=True, allow_none=True)
    share = fields.Float(required=True, allow_none=True, metadata={"description": "0 to 1"})


class SatisfactionOut(Schema):
    """How people rated what was done for them, 1 to 5."""

    ratings = fields.Integer(required=True, allow_none=True)
    average = fields.Float(required=True, allow_none=True)
    grades = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True, allow_none=True)


class CountsOut(Schema):
    """What was counted in referrals; every number is null where it is withheld."""

    received = fields.Integer(required=True, allow_none=True, metadata={"description": _WITHHELD})
    decided = fields.Integer(required=True, allow_none=True)
    on_time = fields.Nested(OnTimeOut, required=True)
    returned = fields.Integer(required=True, allow_none=True)
    ended_otherwise = fields.Integer(
        required=True, allow_none=True, metadata={"description": "withdrawn, cancelled, lapsed and the like"}
    )
    satisfaction = fields.Nested(SatisfactionOut, required=True)


class ProgrammeFiguresOut(CountsOut):
    """One programme's figures."""

    programme = fields.String(required=True)
    programme_name = fields.Nested(BothLanguages, required=True)
    people = fields.Integer(
        required=True, allow_none=True, metadata={"description": "who it was received from"}
    )
    granted = fields.Nested(GrantedOut, required=True)


class SumOut(CountsOut):
    """The figures of several programmes together."""

    people_by_programme = fields.Integer(
        required=True, allow_none=True, metadata={"description": _BY_PROGRAMME}
    )
    granted = fields.Nested(GrantedSumOut, required=True)


class GroupOut(Schema):
    """One month, street or agency."""

    key = fields.String(required=True)
    name = fields.Nested(BothLanguages, required=True)
    programmes = fields.List(fields.Nested(ProgrammeFiguresOut), required=True)
    total = fields.Nested(SumOut, required=True, metadata={"description": _TOTAL})
    shown = fields.Nested(SumOut, required=True, allow_none=True, metadata={"description": _SHOWN})


class StepOut(Schema):
    """How many working days one step took: half of the referrals no longer than the median."""

    step = fields.String(required=True)
    name = fields.Nested(BothLanguages, required=True)
    referrals = fields.Integer(required=True, allow_none=True)
    median = fields.Integer(required=True)
    p90 = fields.Integer(required=True)


class AgencyDaysOut(Schema):
    """The working days one agency used, by step."""

    agency = fields.String(required=True)
    agency_name = fields.Nested(BothLanguages, required=True)
    steps = fields.List(fields.Nested(StepOut), required=True)


class NoteOut(Schema):
    """Something to be known about the figures."""

    id = fields.String(required=True)
    text = fields.Nested(BothLanguages, required=True)


class Statistics(Schema):
    """The figures within the reader's own scope."""

    scope = fields.String(required=True, validate=Choice(["district", "agency", "street", "unit"]))
    purpose = fields.String(required=True, data_key="for")
    suppression = fields.String(required=True, validate=Choice(["exempt", "applied"]))
    complete = fields.Boolean(required=True)
    programmes = fields.List(fields.Nested(ProgrammeFiguresOut), required=True)
    total = fields.Nested(SumOut, required=True, metadata={"description": _TOTAL})
    shown = fields.Nested(SumOut, required=True, allow_none=True, metadata={"description": _SHOWN})
    by = fields.String(required=True, allow_none=True)
    groups = fields.List(fields.Nested(GroupOut), required=True)
    agencies = fields.List(fields.Nested(AgencyDaysOut), required=True)
    notes = fields.List(fields.Nested(NoteOut), required=True)
    watermark = fields.Nested(
        Watermark,
        required=True,
        allow_none=True,
        metadata={"description": "who took them, when and why; null for one's own work"},
    )
