"""What leaves as a copy carries its mark – who took it, when, why – and is limited per person and day."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from marshmallow import fields

from shared.audit.quota import QuotaSpent
from shared.directory import District
from shared.http.openapi import BothLanguages
from shared.http.problems import TooMany
from shared.http.refusals import QUOTA_SPENT
from shared.http.schema import Length, Schema
from shared.text import Text

SPENT = Text(
    "今天的导出次数已用完（每人每天 {quota} 次）。请明天再试；确有需要，请联系数据保护人员。",
    "You have used up today's exports ({quota} for each person and day). Try again tomorrow, or ask whoever is bound "
    "to data protection.",
)
_MARK = Text("{by} 于 {at} 导出，用途：{reason}", "Taken by {by} at {at} for: {reason}")
REASON = Length(min=2, max=200)


class Watermark(Schema):
    """Who took a copy, when and why; it stands on every copy, whatever becomes of that."""

    by = fields.String(required=True)
    at = fields.DateTime(required=True)
    reason = fields.String(required=True)
    text = fields.Nested(BothLanguages, required=True)


def watermark(district: District, staff: str, at: datetime, reason: str) -> dict[str, object]:
    """Make the mark of one copy; its text tells the moment in the district's time.

    Who took it stands there by name: an account may be called after the kind of desk it is at, which no copy tells.
    """
    by = next((member.name for member in district.staff if member.id == staff), staff)
    told = at.astimezone(ZoneInfo(district.timezone)).strftime("%Y-%m-%d %H:%M")
    return {"by": by, "at": at, "reason": reason, "text": _MARK.format(by=by, at=told, reason=reason).both()}


def quota_spent(error: QuotaSpent) -> TooMany:
    """Translate a quota that is used up: 429, and when the next day begins."""
    return TooMany(
        SPENT.format(quota=str(error.quota)),
        id=QUOTA_SPENT,
        extensions={"quota": error.quota},
        headers={"Retry-After": str(error.again_in)},
    )
