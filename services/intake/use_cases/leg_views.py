"""How legs, their history and consents are shown at the desk: codes from the mirror, words where one may read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from services.intake.domain.consents import covered_kinds
from services.intake.domain.filing import Consent
from services.intake.persistence import queries
from services.intake.use_cases.context import Context
from services.intake.use_cases.leg_light import light_of
from shared.clock import local_date
from shared.sealing import CannotOpen

UNREADABLE = "unreadable"
APPEAL_DAYS = 60
_OBJECTED_TO = frozenset({"refused", "terminated"})


def leg_shown(row: queries.Row, now: datetime) -> dict[str, Any]:
    """Show one leg as lists do."""
    names = ("id", "number", "programme", "agency", "status", "due_on", "outcome")
    return {name: row[name] for name in names} | {"light": light_of(row, now)}


def full_leg(context: Context, row: queries.Row, now: datetime) -> dict[str, Any]:
    """Show one leg with everything, as whoever filed it may see it."""
    names = (
        "version",
        "yellow_on",
        "updated_at",
        "ended_at",
        "cancel_requested_at",
        "cancel_refusal",
        "replaces",
        "successor",
        "frozen_at",
        "rating",
    )
    return (
        leg_shown(row, now)
        | {name: row[name] for name in names}
        | {
            "beneficiary": stored_json(context, "legs", "beneficiary", row["id"], row["beneficiary"]),
            "note": context.keyring.fields.decrypt("legs", "note", row["id"], row["note"]),
            "appeal_by": _appeal_by(context, row),
        }
        | _answer(context, row)
    )


def _appeal_by(context: Context, row: queries.Row) -> date | None:
    """Give the last day to object to a refusal or termination (行政复议法 Art. 20); None where there is neither."""
    if row["outcome"] not in _OBJECTED_TO or row["ended_at"] is None:
        return None
    told_on = local_date(row["ended_at"], context.directory.current().timezone)
    return told_on + timedelta(days=APPEAL_DAYS)


def line_shown(line: queries.Row) -> dict[str, Any]:
    """Show one line of the history of a leg, in codes."""
    return {
        "fact": line["fact"],
        "at": line["at"],
        "status": line["status"],
        "leg": {"id": line["leg_id"], **{name: line[name] for name in ("number", "agency", "programme")}},
        "staff": line["staff"],
        "detail": line["detail"],
    }


def words_shown(context: Context, line: queries.Row) -> dict[str, Any]:
    """Give what was said with a line: ``{"words": …}`` of the agency or of the desk itself, or nothing."""
    words = stored_json(context, "leg_events", "words", line["id"], line["words"])
    if words is None and line["answer"] is not None:
        try:
            words = _opened(context, line["answer"], line["leg_id"], line["agency"])
        except CannotOpen as error:
            return {UNREADABLE: error.reason}
    return {} if words is None else {"words": words}


def consent_shown(context: Context, row: queries.Row | Mapping[str, Any]) -> dict[str, Any]:
    """Show one consent."""
    particulars = stored_json(context, "consents", "particulars", row["id"], row["particulars"]) or {}
    names = ("data_kinds", "purpose", "basis", "starts_on", "expires_on", "given_by", "recorded_at")
    return {
        "id": row["id"],
        "agency": row["agency"],
        "programmes": [row["programme"]],
        **{name: row[name] for name in names},
        "withdrawn_at": row["withdrawn_at"],
    } | particulars


def kinds_in(rows: Sequence[queries.Row], leg: queries.Row, day: date) -> frozenset[str]:
    """Collect the data kinds that the agency of a leg may learn on a day, by consents as they are stored."""
    given = (
        Consent(
            agency=row["agency"],
            programmes=(row["programme"],),
            data_kinds=frozenset(row["data_kinds"]),
            starts_on=row["starts_on"],
            expires_on=row["expires_on"],
        )
        for row in rows
        if row["withdrawn_at"] is None
    )
    return covered_kinds(given, leg["agency"], leg["programme"], day)


def stored_json(context: Context, table: str, column: str, row: str, value: bytes | None) -> Any:  # noqa: ANN401 - stored JSON
    """Decrypt a document; None where there is none."""
    plain = context.keyring.fields.decrypt(table, column, row, value)
    return None if plain is None else orjson.loads(plain)


def refused_answers(shown: Mapping[str, Any]) -> Mapping[str, str]:
    """Take out of a request as it is shown which legs' answers were refused, and why: none of their agency's sealing.

    All else about the request is shown as ever: one forged answer must not keep the desk from it.
    """
    found = {leg["id"]: reason for leg in shown["legs"] if (reason := leg.pop(UNREADABLE, None))}
    lines = [(line, line.pop(UNREADABLE, None)) for line in shown["history"]]
    return found | {line["leg"]["id"]: reason for line, reason in lines if reason}


def _answer(context: Context, row: queries.Row) -> dict[str, Any]:
    if row["answer"] is None:
        return {"answer": None}
    try:
        return {"answer": _opened(context, row["answer"], row["id"], row["agency"])}
    except CannotOpen as error:
        return {"answer": None, UNREADABLE: error.reason}


def _opened(context: Context, answer: str, leg: str, agency: str) -> Mapping[str, Any]:
    return context.keyring.open(answer, "intake", "answer", leg, sender=agency).body
