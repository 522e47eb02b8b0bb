"""What time does to requests, drafts and consents at intake, and when: names and plain reckoning."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

CHECK_OVERDUE = "check-overdue"
"""The street has not checked a request within its time."""
FOLLOW_UP, FOLLOW_UP_OVERDUE = "follow-up", "follow-up-overdue"
"""The last leg has ended: the desk is to call; and it has not called in time."""
FORGET, FORGET_PERSON = "forget", "forget-person"
"""What a request says is kept no longer; and who asked, once nothing else of theirs is kept."""
DRAFT_EXPIRING, DRAFT_EXPIRED = "draft-expiring", "draft-expired"
CONSENT_EXPIRY, CONSENT_EXPIRED = "consent-expiry", "consent-expired"

DRAFT_WARNING_DAYS = 5
"""So many days before a draft is deleted the desk is told."""
CONSENT_WARNING_DAYS = 14
"""So many days before a consent ends in mid-leg the desk is told, in time to meet the person once."""
LOOK_AGAIN = timedelta(days=90)
"""After so long it is looked again whether somebody with an open request can be forgotten."""


def start_of(day: date, timezone: str) -> datetime:
    """Give the first moment of a day in the district's own time, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC)


def draft_expires_on(created_on: date, days: int) -> date:
    """Give the last day on which a draft without a consent is kept, ``days`` calendar days after it was begun."""
    return created_on + timedelta(days)


def draft_warning(expires_on: date, timezone: str) -> datetime:
    """Give the moment at which the desk is told that a draft is about to expire."""
    return start_of(expires_on - timedelta(DRAFT_WARNING_DAYS), timezone)


def after(day: date, timezone: str) -> datetime:
    """Give the first moment after a day in the district's own time."""
    return start_of(day + timedelta(1), timezone)


def consent_warning(expires_on: date, timezone: str) -> datetime:
    """Give the moment at which the desk is told that a consent is about to end."""
    return start_of(expires_on - timedelta(CONSENT_WARNING_DAYS), timezone)


def after_years(day: date, years: int, timezone: str) -> datetime:
    """Give the first moment after so many years from a day; from 29 February they end on the 28th of a common year."""
    try:
        last = day.replace(year=day.year + years)
    except ValueError:
        last = day.replace(year=day.year + years, day=28)
    return after(last, timezone)
