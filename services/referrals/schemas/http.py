"""What crosses this service's HTTP edge: queries, bodies of actions, and how referrals and cases are answered."""

from __future__ import annotations

from marshmallow import fields

from services.referrals.domain.reasons import SUCCESSOR_REFUSALS
from services.referrals.domain.status import Status, Tab
from services.referrals.domain.supervision import LEVELS
from services.referrals.schemas.closing import OutcomeNeedsOut
from shared.http.openapi import BothLanguages
from shared.http.schema import Choice, Id, Length, Matches, Moment, Range, Schema
from shared.text import Text

MOST = 100
LIGHTS = ("green", "yellow", "red", "grey", "blue")

_CODE = "[a-z0-9]+(?:-[a-z0-9]+)*"
_CODE_FORM = Text("应为小写代码，如 civil-affairs。", "Must be a code in lower case such as civil-affairs.")
_UNIT_FORM = Text("应为 6 至 12 位区划代码。", "Must be an official unit code of 6 to 12 digits.")


class _Paged(Schema):
    limit = fields.Integer(validate=Range(1, MOST), metadata={"description": "rows per page, 20 if left out"})
    cursor = fields.String(metadata={"description": "the `next` of the page before"})


class ReferralsQuery(_Paged):
    """What a list of referrals is to show."""

    agency = fields.String(validate=[Length(max=64), Matches(_CODE, _CODE_FORM)])
    unit = fields.String(
        validate=Matches(r"\d{6,12}", _UNIT_FORM),
        metadata={"description": "a filing unit, or a street with its communities"},
    )
    status = fields.List(
        fields.String(validate=Choice([status.value for status in Status])),
        load_default=list,
        metadata={"description": "may be given several times"},
    )
    light = fields.String(validate=Choice(LIGHTS))
    assignee = fields.String(
        validate=Length(min=1, max=64),
        metadata={
            "description": "`me`, a staff id, or `none` for open ones nobody has taken on; at one's own agency"
        },
    )
    supervised = fields.String(
        validate=Choice(LEVELS), metadata={"description": "the notice given for what is due now"}
    )
    q = fields.String(
        validate=Length(min=2, max=40),
        metadata={
            "description": "number, name, initials, phone or last four of the ID number, at one's own agency"
        },
    )


class QueueQuery(Schema):
    """What the page of a queue shows: one drawer, or somebody looked up."""

    tab = fields.String(load_default=Tab.TODO.value, validate=Choice([tab.value for tab in Tab]))
    light = fields.String(validate=Choice(LIGHTS))
    q = fields.String(validate=Length(min=2, max=40))
    cursor = fields.String()


class CasesQuery(_Paged):
    """What a board shows: cases whose worst light is this, of this unit or street, with a leg at this agency."""

    agency = fields.String(validate=[Length(max=64), Matches(_CODE, _CODE_FORM)])
    unit = fields.String(validate=Matches(r"\d{6,12}", _UNIT_FORM))
    light = fields.String(validate=Choice(LIGHTS))


class OpenPacket(Schema):
    """Why the packet is opened; kept in the audit log."""

    reason = fields.String(
        required=True,
        validate=[
            Length(min=2, max=200),
            Matches(r"\s*\S[\s\S]*", Text("请写明查看理由。", "Say why you need to see it.")),
        ],
    )


class Named(Schema):
    """A code and its name."""

    id = fields.String()
    name = fields.Nested(BothLanguages)


_OWN = {
    "description": "of the leg's own programme, where `programme` outside the badge says less; else empty"
}


class BadgeOut(Schema):
    """What tells one row from the next: masked, and only for one's own agency."""

    programme = fields.String(allow_none=True)
    name = fields.String(allow_none=True)
    id_number = fields.String(allow_none=True)
    papers = fields.List(fields.Nested(Named), metadata=_OWN)
    steps = fields.List(fields.Nested(Named), metadata=_OWN)


class PendingHint(Schema):
    """That something waits for the leader."""

    action = fields.String(required=True)
    by = fields.String(required=True, allow_none=True)
    at = Moment(required=True)


class WarningOut(Schema):
    """What the agency should think of again though it was taken."""

    code = fields.String(
        required=True, metadata={"enum": ["day-off", "no-public-notice", "registered-elsewhere"]}
    )
    field = fields.String(required=True)
    message = fields.String(required=True)
    messages = fields.Nested(BothLanguages, required=True)


class ReferralOut(Schema):
    """One referral as this reader may see it."""

    id = Id(required=True)
    number = fields.String(required=True, metadata={"example": "MZ-2026-7K3F9QXD"})
    agency = fields.String(required=True)
    agency_name = fields.Nested(BothLanguages, required=True)
    programme = fields.String(required=True)
    programme_name = fields.Nested(BothLanguages, required=True)
    status = fields.String(required=True, validate=Choice([status.value for status in Status]))
    status_name = fields.Nested(BothLanguages, required=True)
    status_since = Moment(required=True)
    version = fields.Integer(required=True, metadata={"description": "to be sent in If-Match"})
    light = fields.String(required=True, validate=Choice(LIGHTS))
    clock = fields.String(
        required=True, allow_none=True, metadata={"description": "the running clock due first"}
    )
    due_on = fields.Date(required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    yellow_on = fields.Date(required=True, allow_none=True)
    days_left = fields.Integer(
        required=True, allow_none=True, metadata={"description": "in working days; negative: overdue"}
    )
    unit = fields.String(required=True, metadata={"description": "the unit that filed the request"})
    street = fields.String(required=True)
    urgency = fields.String(required=True)
    issued_at = Moment(required=True, allow_none=True)
    received_at = Moment(required=True, allow_none=True)
    accepted_at = Moment(required=True, allow_none=True)
    closed_at = Moment(required=True, allow_none=True)
    step = fields.String(required=True, allow_none=True)
    outcome = fields.String(required=True, allow_none=True)
    outcome_fields = fields.Dict(keys=fields.String(), required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)
    actions = fields.List(
        fields.String(), required=True, metadata={"description": "what this reader may do now"}
    )
    side_actions = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "what this reader may do about it without changing its status"},
    )
    assignee = fields.String(
        required=True, allow_none=True, metadata={"description": "staff id; own agency only"}
    )
    delegated_to = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "staff id of who stands in today; own agency only"},
    )
    delegated_until = fields.Date(required=True, allow_none=True)
    desk_street = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the street whose counter of the agency it belongs to"},
    )
    supervised = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "the gravest notice given for what is due now", "enum": [*LEVELS, None]},
    )
    overdue_reason = fields.String(
        required=True, allow_none=True, metadata={"description": "why it is or was late, once said"}
    )
    pending = fields.Nested(
        PendingHint, required=True, allow_none=True, metadata={"description": "what waits for the leader"}
    )
    successor_refused = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "why nobody goes on with it, while the coordinator has to decide again about its return",
            "enum": [*SUCCESSOR_REFUSALS, None],
        },
    )
    papers = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "papers asked of the person, while they are awaited"},
    )
    papers_due_on = fields.Date(required=True, allow_none=True)
    review_on = fields.Date(required=True, allow_none=True)
    appointment_on = fields.Date(
        required=True, allow_none=True, metadata={"description": "the newest one; own agency only"}
    )
    warnings = fields.List(
        fields.Nested(WarningOut),
        required=True,
        metadata={
            "description": "such as an appointment on a day off, or a grant without its public notice; own agency only"
        },
    )
    frozen = fields.Boolean(
        required=True,
        metadata={
            "description": "consent has ended and the packet does not open: until the agency names its ground "
            "(acknowledge-withdrawal), and for good where it has deleted what it held"
        },
    )
    withdrawal_asked_at = Moment(
        required=True,
        allow_none=True,
        metadata={
            "description": "since when the person wishes to withdraw what was accepted; close it as withdrawn"
        },
    )
    predecessor = Id(required=True, allow_none=True)
    successor = Id(required=True, allow_none=True)
    steps = fields.List(fields.String(), required=True)
    outcomes = fields.List(fields.String(), required=True)
    outcome_needs = fields.Dict(keys=fields.String(), values=fields.Nested(OutcomeNeedsOut), required=True)
    badge = fields.Nested(BadgeOut, required=True, allow_none=True)
    request_id = Id(required=True, allow_none=True, metadata={"description": "for those who may see cases"})


class Referrals(Schema):
    """One page of referrals: due first, then paused, then ended with the newest first."""

    items = fields.List(fields.Nested(ReferralOut), required=True)
    next = fields.String(required=True, allow_none=True)


class HistoryLineOut(Schema):
    """One thing that was done."""

    at = Moment(required=True)
    action = fields.String(required=True)
    from_status = fields.String(required=True, allow_none=True)
    to_status = fields.String(required=True)
    role = fields.String(required=True)
    actor = fields.String(
        required=True, allow_none=True, metadata={"description": "for the agency's own staff"}
    )
    fields_ = fields.Dict(keys=fields.String(), required=True, data_key="fields", attribute="fields")


class History(Schema):
    """What was done with a referral, oldest first."""

    items = fields.List(fields.Nested(HistoryLineOut), required=True)


class PacketOut(Schema):
    """What the packet said; shown once, kept nowhere."""

    referral = Id(required=True)
    rev = fields.Integer(required=True)
    opened_at = Moment(required=True)
    body = fields.Dict(keys=fields.String(), required=True)


class CaseOut(Schema):
    """One request with all its legs; while none was issued it has the status it has at intake, and no `issued_at`."""

    id = Id(required=True)
    number = fields.String(required=True, metadata={"example": "PL-2026-000123"})
    status = fields.String(required=True, validate=Choice(["submitted", "sent-back", "in-progress", "ended"]))
    light = fields.String(required=True, validate=Choice(LIGHTS))
    unit = fields.String(required=True)
    street = fields.String(required=True)
    urgency = fields.String(required=True)
    issued_at = Moment(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    legs = fields.List(fields.Nested(ReferralOut), required=True)


class Cases(Schema):
    """One page of cases: the one with the leg due first comes first."""

    items = fields.List(fields.Nested(CaseOut), required=True)
    next = fields.String(required=True, allow_none=True)
