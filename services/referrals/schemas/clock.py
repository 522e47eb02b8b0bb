"""How the explanation of a referral's time travels over HTTP."""

from __future__ import annotations

from marshmallow import fields

from shared.http.openapi import BothLanguages
from shared.http.schema import Choice, Id, Moment, Schema

WHYS = ("counted", "day-off", "paused", "stopped-on-last-day", "rolled", "past-due")


class DayOut(Schema):
    """One day of a count: whether it counts and why (not), and on whose word the calendar's answer is."""

    on = fields.Date(required=True)
    counted = fields.Boolean(required=True)
    units = fields.Float(required=True, metadata={"description": "how much of the clock's unit it used"})
    why = fields.String(required=True, validate=Choice(WHYS))
    why_name = fields.Nested(BothLanguages, required=True)
    pause = fields.String(required=True, allow_none=True)
    working = fields.Boolean(required=True)
    name = fields.Nested(BothLanguages, required=True, allow_none=True)
    source = fields.String(required=True)
    provisional = fields.Boolean(required=True)


class ClockOut(Schema):
    """One clock: its rule, when it started and is due, and for the one that matters now its days."""

    clock = fields.String(required=True)
    name = fields.Nested(BothLanguages, required=True)
    unit = fields.String(required=True)
    total = fields.Integer(required=True)
    extended_from = fields.Integer(required=True, allow_none=True)
    days_used = fields.Integer(required=True, metadata={"description": "units a predecessor had used"})
    starts_on = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "issued, received or accepted; relief-paid once aid that comes first was given"
        },
    )
    started_at = Moment(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    yellow_on = fields.Date(required=True, allow_none=True)
    running = fields.Boolean(required=True)
    left = fields.Integer(required=True, allow_none=True)
    days = fields.List(fields.Nested(DayOut), required=True)


class PauseOut(Schema):
    """A time in which the agency's clocks stood still; ``to`` is null while it lasts."""

    kind = fields.String(required=True)
    name = fields.Nested(BothLanguages, required=True)
    start = Moment(required=True, data_key="from")
    end = Moment(required=True, allow_none=True, data_key="to")


class NoticeOut(Schema):
    """A public notice, and whether its days count in the agency's time."""

    start = Moment(required=True, data_key="from")
    end = Moment(required=True, data_key="to")
    counts = fields.Boolean(required=True)


class StepDueOut(Schema):
    """The limit of one step within the decision's time."""

    step = fields.String(required=True)
    unit = fields.String(required=True)
    total = fields.Integer(required=True)
    started_at = Moment(required=True, allow_none=True)
    reached_at = Moment(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)


class Clocks(Schema):
    """How a referral's time is counted."""

    id = Id(required=True)
    light = fields.String(required=True)
    due_on = fields.Date(required=True, allow_none=True)
    days_left = fields.Integer(required=True, allow_none=True)
    clock = fields.String(required=True, allow_none=True)
    provisional = fields.Boolean(
        required=True, metadata={"description": "the due day stands on days that a notice may still change"}
    )
    clocks = fields.List(fields.Nested(ClockOut), required=True)
    pauses = fields.List(fields.Nested(PauseOut), required=True)
    publicity = fields.Nested(NoticeOut, required=True, allow_none=True)
    steps = fields.List(fields.Nested(StepDueOut), required=True)
