"""The period of an approval is kept in the open, so it can say nothing but time."""

from __future__ import annotations

import pytest
from marshmallow import ValidationError

from services.referrals.schemas.closing import Close

CLOSE = Close()


@pytest.mark.parametrize(
    "period",
    [
        *(
            "monthly",
            "once",
            "12 months",
            "P12M",
            "2026-12 to 2027-11",
            "12m",
            "per month",
            "3 years",
            "half-yearly",
        ),
        *(
            "每月",
            "一次性",
            "12个月",
            "按月",
            "2026年12月至2027年11月",
            "2026-12-01/2027-11-30",
            "monthly, for 12 months",
        ),
    ],
)
def test_a_span_of_time_is_taken(period: str) -> None:
    assert CLOSE.load({"outcome": "approved", "amount": 500, "period": period})["period"] == period


@pytest.mark.parametrize(
    "period", ["张三每月", "monthly, he is ill", "每月治疗", "13800000000 call", "–", "a" * 41]
)
def test_anything_about_a_person_is_refused(period: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CLOSE.load({"outcome": "approved", "amount": 500, "period": period})
    assert isinstance(refused.value.messages, dict)
    assert list(refused.value.messages) == ["period"]
