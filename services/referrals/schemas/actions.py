"""The bodies of actions: what somebody fills in to take one."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from marshmallow import ValidationError, fields

from services.referrals.domain import reasons
from services.referrals.domain.appointments import HOURS
from services.referrals.domain.errors import BadFields, FieldFault
from services.referrals.domain.handing_over import NEXT
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.slips import RECORDED
from services.referrals.domain.supervision import LEVELS
from services.referrals.domain.transitions import TRANSITIONS
from services.referrals.domain.wording import HOUR_NEEDED
from services.referrals.schemas.closing import Close
from shared.http.schema import Id, InWords, Length, Matches, Schema
from shared.http.wording import field_errors
from shared.text import Text

_WORDS = 2000
_SHORT = 200


class NothingToSay(Schema):
    """An action that needs no more than its name."""


class Start(Schema):
    """Work begins, or reaches one of the programme's named steps."""

    step = fields.String(
        validate=Length(max=64),
        metadata={"description": "one of `steps`; may be left out at the start"},
    )


def _coded(known: Mapping[str, Text], **metadata: Any) -> fields.String:  # noqa: ANN401 - OpenAPI
    # Which code is known is checked by the domain, whose message names them all.
    return fields.String(validate=Length(max=64), metadata={"enum": list(known), **metadata})


def _note() -> fields.String:
    return fields.String(
        validate=InWords(max=_WORDS), metadata={"description": "in words; goes sealed to the help desk"}
    )


def _staff() -> fields.String:
    return fields.String(validate=Length(max=64), metadata={"description": "an officer of the same agency"})


class RequestDocuments(Schema):
    """Every paper that is missing, asked for once (行政许可法 Art. 32)."""

    papers = fields.List(fields.String(validate=Length(max=64)), validate=Length(max=50))
    note = _note()


class Suspend(Schema):
    """Why work has to wait, and when it is looked at again."""

    reason = _coded(reasons.SUSPEND_REASONS)
    review_on = fields.Date()
    note = _note()


class Extend(Schema):
    """More time for the decision, up to the programme's longest; all of it if no day is given."""

    reason = _coded(reasons.EXTEND_REASONS)
    due_on = fields.Date()
    note = _note()


class ProposeReturn(Schema):
    """Why this agency is not the one to help."""

    reason = _coded(reasons.RETURN_REASONS)
    note = _note()


class ConfirmReturn(Schema):
    """What comes next: nothing, or a successor at another agency."""

    next = fields.String(validate=Length(max=64), metadata={"enum": list(NEXT)})
    reason = _coded(
        reasons.RETURN_REASONS, description="needed where `next` is none: why nobody goes on with it"
    )
    to_agency = fields.String(validate=Length(max=64))
    to_programme = fields.String(validate=Length(max=64))


class RefuseReturn(Schema):
    """Why the referral stays."""

    reason = _coded(reasons.KEEP_REASONS)


class ProposeTransfer(Schema):
    """Which agency should go on, and why."""

    reason = _coded(reasons.TRANSFER_REASONS)
    to_agency = fields.String(validate=Length(max=64))
    to_programme = fields.String(validate=Length(max=64))
    note = _note()


class Reopen(Schema):
    """Why a closed referral is worked on again."""

    reason = _coded(reasons.REOPEN_REASONS)


class Assign(Schema):
    """Whose it is now."""

    assignee = _staff()


class Delegate(Schema):
    """Who acts, and until which day."""

    assignee = _staff()
    until = fields.Date(metadata={"description": "the last day, today or later, within a year"})


class Supervise(Schema):
    """How serious the notice is."""

    level = fields.String(validate=Length(max=64), metadata={"enum": list(LEVELS)})


class ExplainDelay(Schema):
    """Why it is overdue."""

    reason = _coded(reasons.OVERDUE_REASONS)


class Words(Schema):
    """A few words."""

    text = fields.String(required=True, validate=Length(min=1, max=_WORDS))


class Appointment(Schema):
    """When and where the person is to come, and what to bring; place and papers go sealed to the help desk."""

    on = fields.Date(
        metadata={"description": "today or later, within a year; a day off is told in `warnings`"}
    )
    at = fields.String(
        validate=[Length(max=40), Matches(HOURS, HOUR_NEEDED)],
        metadata={
            "description": "the hour, such as 09:30, or from when until when, such as 09:30-11:00; needed, as the "
            "place is, unless the agency's own system holds its key"
        },
    )
    place = fields.String(validate=InWords(max=_SHORT))
    bring = fields.String(validate=InWords(max=_WORDS))


class AcknowledgeWithdrawal(Schema):
    """On what ground of its own the agency keeps what it has."""

    ground = _coded(reasons.KEEPING_GROUNDS)
    note = _note()


class RecordOnBehalf(Schema):
    """What the agency answered on paper."""

    action = fields.String(required=True, validate=Length(max=64), metadata={"enum": list(RECORDED)})
    fields_ = fields.Dict(
        keys=fields.String(),
        data_key="fields",
        attribute="fields",
        load_default=dict,
        metadata={
            "description": "what the action itself takes; its words, such as the `note`, go sealed to the help desk"
        },
    )
    slip = Id(
        required=True,
        metadata={"description": "the scanned slip: an id that `…/slips` gave for this referral"},
    )


class Decline(Schema):
    """Why the leader does not agree; whoever asked takes it back without a reason."""

    reason = _coded(reasons.DECLINE_REASONS)


BODIES: Mapping[str, type[Schema]] = MappingProxyType(
    {
        "request-documents": RequestDocuments,
        "start": Start,
        "step": Start,
        "suspend": Suspend,
        "extend": Extend,
        "propose-return": ProposeReturn,
        "confirm-return": ConfirmReturn,
        "refuse-return": RefuseReturn,
        "propose-transfer": ProposeTransfer,
        "close": Close,
        "reopen": Reopen,
        "assign": Assign,
        "reassign": Assign,
        "delegate": Delegate,
        "supervise": Supervise,
        "explain-delay": ExplainDelay,
        "note": Words,
        "message": Words,
        "appointment": Appointment,
        "acknowledge-withdrawal": AcknowledgeWithdrawal,
        "record-on-behalf": RecordOnBehalf,
        "decline": Decline,
    }
)
"""By action, what its body holds; every other action needs no more than its name."""

OFFERED = (
    *(action for action, row in TRANSITIONS.items() if row.roles),
    *(action for action, row in SIDE_ACTIONS.items() if row.roles),
)
"""The actions somebody who signs in may take, in the order of the tables."""


@cache
def body_of(action: str) -> type[Schema]:
    """Give the schema of an action's body, by the action's own name and with what its row says it needs.

    What is missing is still told by the domain, whose message names what may be chosen.
    """
    base = BODIES.get(action, NothingToSay)
    row = TRANSITIONS.get(action) or SIDE_ACTIONS[action]
    name = "".join(part.title() for part in action.split("-"))
    return type(f"{name}Body", (base,), {"__doc__": base.__doc__, "NEEDED": row.required})


def fields_of(action: str, given: Mapping[str, Any], place: str) -> dict[str, Any]:
    """Load the fields of an action that is part of a body, where they stand in ``place``.

    Raises ``BadFields`` in the words of the action's own form.
    """
    try:
        loaded: dict[str, Any] = body_of(action)().load(given)
    except ValidationError as error:
        wrong = field_errors(error.messages, place)
        raise BadFields([FieldFault(each.field, each.message) for each in wrong]) from error
    return loaded
