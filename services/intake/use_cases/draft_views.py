"""How a draft is sealed, read and shown: what is in it, what it still lacks, and until when it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping

from services.intake.domain import timers
from services.intake.domain.drafts import Body, has_consent
from services.intake.domain.errors import Fault, InvalidFiling
from services.intake.domain.masking import mask_name
from services.intake.domain.request import DRAFT
from services.intake.schemas.drafts import filing_of
from services.intake.use_cases.check_filing import check
from services.intake.use_cases.context import Context
from services.intake.use_cases.leg_light import today
from shared.clock import local_date
from shared.directory import District

Draft = Mapping[str, Any] | RowMapping
"""A row of the table of drafts."""


def missing_of(context: Context, body: Body) -> list[Fault]:
    """Tell what a draft still lacks, or what is wrong in it, as submitting it would."""
    district = context.directory.current()
    try:
        check(filing_of(body), district, today(context.clock.now(), district))
    except InvalidFiling as error:
        return list(error.faults)
    return []


def timer_of(district: District, begun: datetime, body: Body, now: datetime) -> dict[str, Any]:
    """Give the columns that tell what time does to a draft next, after it was written with ``body``."""
    # What somebody agreed to is kept until it is used; without that there is no ground to keep it for long.
    if has_consent(body):
        return {"timer": None, "timer_at": None}
    expires_on = timers.draft_expires_on(local_date(begun, district.timezone), days_of(district))
    return {
        "timer": timers.DRAFT_EXPIRING,
        "timer_at": max(now, timers.draft_warning(expires_on, district.timezone)),
    }


def days_of(district: District) -> int:
    """Give for how many calendar days the district keeps a draft without a consent."""
    return int(district.options["retention"]["draft_days"])


def brief(context: Context, row: Draft, body: Body) -> dict[str, Any]:
    """Show a draft as a list does: the name masked."""
    district = context.directory.current()
    names = ("id", "version", "unit", "origin", "created_at", "updated_at")
    begun_on = local_date(row["created_at"], district.timezone)
    name = (body.get("person") or {}).get("name")
    kept = has_consent(body)
    return {name: row[name] for name in names} | {
        "status": DRAFT,
        "expires_on": None if kept else timers.draft_expires_on(begun_on, days_of(district)),
        "name": mask_name(name) if name else None,
        "programmes": [leg["programme"] for leg in body.get("legs") or () if leg.get("programme")],
    }


def full(context: Context, row: Draft) -> dict[str, Any]:
    """Show a draft with all that is in it, and what it still lacks."""
    body = opened(context, row)
    missing = [
        {"field": fault.field, "messages": fault.message.both()} for fault in missing_of(context, body)
    ]
    return brief(context, row, body) | {"body": body, "missing": missing}


def opened(context: Context, row: Draft) -> dict[str, Any]:
    """Decrypt what is in a draft."""
    plain = context.keyring.fields.decrypt("drafts", "body", row["id"], row["body"])
    body: dict[str, Any] = orjson.loads(plain or "{}")
    return body


def sealed(context: Context, draft: str, body: Body) -> bytes:
    """Encrypt what is in a draft for its row."""
    return context.keyring.fields.encrypt("drafts", "body", draft, orjson.dumps(dict(body)))
