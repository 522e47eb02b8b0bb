"""The bodies of actions: what somebody fills in to take one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, validates_schema

from services.referrals.domain import reasons
from services.referrals.domain.handing_over import NEXT
from services.referrals.domain.outcomes import OUTCOMES
from services.referrals.domain.side_actions import SIDE_ACTIONS
from services.referrals.domain.slips import RECORDED
from services.referrals.domain.supervision import LEVELS
from services.referrals.domain.transitions import TRANSITIONS
from services.referrals.schemas.period import Period, of_time
from shared.http.schema import Id, Invalid, Length, Schema, said
from shared.text import Text

LARGEST_AMOUNT = 100_000_000
_AMOUNT = Text(
    "金额应在 0 与 1 亿元之间，最多两位小数。", "From 0 to 100 million yuan, with at most two decimals."
)

_WORDS = 2000
_SHORT = 200


class Amount(fields.Decimal):
    """An amount in yuan with at most two decimals, answered as a JSON number."""

    def __init__(self, **kwargs: Any) -> None:  # noqa: ANN401 - as the base
        # Its bounds are written out here: taken from a validator they would be decimals, which JSON does not know.
        metadata = {"minimum": 0, "maximum": LARGEST_AMOUNT, **kwargs.pop("metadata", {})}
        super().__init__(allow_nan=False, validate=_reasonable, metadata=metadata, **kwargs)

    def deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the base
        """Check it as an exact decimal, and give the number JSON knows."""
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        amount = super().deserialize(value, *args, **kwargs)
        if not isinstance(amount, Decimal):
            return amount
        return int(amount) if amount == amount.to_integral_value() else float(amount)


def _reasonable(value: Decimal) -> None:
    if not 0 <= value <= LARGEST_AMOUNT or value != value.quantize(Decimal("0.01")):
        raise Invalid(_AMOUNT)


class NothingToSay(Schema):
    """An action that needs no more than its name."""


class Start(Schema):
    """Work begins, or reaches one of the programme's named steps."""

    step = fields.String(
        validate=Length(max=64),
        metadata={"description": "one of `steps`; may be left out at the start"},
    )


class Close(Schema):
    """The outcome, one of the referral's `outcomes`, with what the programme asks for by it.

    Beside what is listed it takes the programme's own details, such as `post` and `employer`, as short values: which
    ones an outcome needs is said by the referral and by the 422. Details, `note` and `evidence` go sealed to the desk
    that filed the request and are kept nowhere else.
    """

    class Meta:
        """The details are the district's, by its pack; the domain refuses those that an outcome does not have."""

        unknown = INCLUDE

    outcome = fields.String(validate=Length(max=64), metadata={"enum": list(OUTCOMES)})
    amount = Amount(metadata={"description": "in yuan; needed where the programme asks for it"})
    period = Period(
        validate=[Length(min=1, max=40), of_time],
        metadata={
            "description": "needed where the programme asks for it, "
            "e.g. monthly, once, 12 months, P12M, 2026-12 to 2027-11"
        },
    )
    note = fields.String(validate=Length(max=2000))
    evidence = fields.String(
        validate=Length(max=200), metadata={"description": "number and date of the decision"}
    )
    reason = fields.String(
        validate=Length(max=64),
        metadata={
            "description": "needed when refused or terminated",
            "enum": list(reasons.REFUSAL_REASONS),
        },
    )
    overdue_reason = fields.String(
        validate=Length(max=64),
        metadata={
            "description": "needed when it comes late, unless the delay was explained before",
            "enum": list(reasons.OVERDUE_REASONS),
        },
    )

    @validates_schema
    def _details(self, data: Mapping[str, Any], **_: object) -> None:
        wrong = {name: [_DETAIL] for name in data if name not in self.fields and not _is_short(data[name])}
        if wrong:
            raise ValidationError(wrong)


_DETAIL = said(
    "应为不超过 200 字的文字、数字或是否。", "Must be a text of at most 200 characters, a number or yes/no."
)


def _is_short(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _SHORT and value.isprintable()
    return value is None or isinstance(value, bool | int | float)


def _coded(known: Mapping[str, Text], **metadata: Any) -> fields.String:  # noqa: ANN401 - OpenAPI
    # Which code is known is checked by the domain, whose message names them all.
    return fields.String(validate=Length(max=64), metadata={"enum": list(known), **metadata})


def _note() -> fields.String:
    return fields.String(
        validate=Length(max=_WORDS), metadata={"description": "in words; goes sealed to the help desk"}
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
    until = fields.Date()


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

    on = fields.Date()
    at = fields.String(validate=Length(max=40), metadata={"description": "the hour, such as 09:30"})
    place = fields.String(validate=Length(max=_SHORT))
    bring = fields.String(validate=Length(max=_WORDS))


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
        metadata={"description": "what the action itself takes"},
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


def body_of(action: str) -> type[Schema]:
    """Give the schema of an action's body."""
    return BODIES.get(action, NothingToSay)
