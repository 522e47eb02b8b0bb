"""The body of closing a referral: its outcome, with what the programme asks for by it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, validates_schema

from services.referrals.domain import reasons
from services.referrals.domain.outcomes import OUTCOMES
from services.referrals.schemas.period import Period, of_time
from shared.http.schema import Invalid, InWords, Length, Schema, said
from shared.text import Text

LARGEST_AMOUNT = 100_000_000
_AMOUNT = Text(
    "金额应在 0 与 1 亿元之间，最多两位小数。", "From 0 to 100 million yuan, with at most two decimals."
)
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


class OutcomeNeedsOut(Schema):
    """What closing takes with an outcome, beside `note` and `evidence`.

    An approval that is told by `amount` and `period` needs no other detail.
    """

    needed = fields.List(fields.String(), required=True, metadata={"example": ["post", "employer"]})
    optional = fields.List(fields.String(), required=True, metadata={"example": ["amount", "period"]})


class Close(Schema):
    """The outcome, one of the referral's `outcomes`, with what the programme asks for by it.

    Beside what is listed it takes the programme's own details as short values (such as `post`, `employer`, `category`,
    `grade`, `share`, `sessions`, `course`, `passed`, `lawyer`): which ones each outcome needs or may tell is said by
    the referral's `outcome_needs`, and by the 422. Details, `note` and `evidence` go sealed to the desk that filed the
    request and are kept nowhere else.
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
    note = fields.String(validate=InWords(max=2000))
    evidence = fields.String(
        validate=InWords(max=200), metadata={"description": "number and date of the decision"}
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
