"""Who was given what about a person, and who looked at it: the answer to 个人信息保护法 Art. 44 and 45.

Nothing of it is written down twice: what was sent when is in the mirror of the legs, under which consent in the
consents that stood and stand, and what may be read of that in the pack the request was filed under.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from services.intake.domain.consents import INDISPENSABLE
from services.intake.domain.rights import SENT, TO_DESK
from services.intake.persistence import queries, rights
from services.intake.use_cases.audited import audit
from services.intake.use_cases.context import Context
from services.intake.use_cases.filings import filings_of
from services.intake.use_cases.leg_views import words_shown
from services.intake.use_cases.seal_legs import may_be_read
from shared.directory import District, UnknownVersion
from shared.identity import Principal, allow

Shown = dict[str, Any]
OPENED = "opened"


def read_disclosures(context: Context, principal: Principal, person: str) -> list[Shown]:
    """Give what was passed on about a person and every time it was opened, oldest first.

    ``{kind: sent | opened, at, what, request, leg, number, agency, agency_name, programme, post, data_kinds, fields,
    basis, purpose, reason}``. The masked name in an agency's list is no opening. What an agency reads in a system of
    its own it does not tell us; its lines say ``keys: own``.

    Raises:
        Forbidden, NotThere, OutOfReach: as ``filings_of``.
    """
    grant = allow(principal, "people.read-disclosures")
    with context.database.unit_of_work() as uow:
        found = filings_of(uow.connection, grant, person)
        shown = [line for row in found.own for line in disclosures_of(context, uow.connection, row)]
        audit(context, uow, principal, grant, "disclosures.listed", "person", found.named["person_id"])
    return sorted(shown, key=lambda line: line["at"])


def disclosures_of(context: Context, connection: Connection, request: RowMapping) -> Iterator[Shown]:
    """Give the lines of one request, in the order of its legs' history."""
    district = _pack(context, request["pack"])
    consents = rights.consents_of(connection, request["id"])
    for line in queries.timeline_of(connection, request["id"]):
        detail: Mapping[str, Any] = line["detail"] or {}
        fact = line["fact"]
        if fact == OPENED:
            yield (
                _common(context, line)
                | _nothing()
                | {
                    "kind": "opened",
                    "what": detail.get("what"),
                    "post": detail.get("by_post"),
                    "reason": _reason(context, line),
                }
            )
        elif fact in SENT and (SENT[fact] == "packet" or detail.get("to") == TO_DESK):
            consent = _standing(consents, line, line["at"])
            yield (
                _common(context, line)
                | _nothing()
                | {
                    "kind": "sent",
                    "what": SENT[fact],
                    **(_covered(district, line, consent) if SENT[fact] == "packet" else {}),
                }
            )


def _nothing() -> Shown:
    return dict.fromkeys(("post", "data_kinds", "fields", "basis", "purpose", "reason"))


def _common(context: Context, line: RowMapping) -> Shown:
    agency = context.directory.current().agency_ever(line["agency"])
    return {
        "at": line["at"],
        "request": line["request_id"],
        "leg": line["leg_id"],
        "number": line["number"],
        "agency": line["agency"],
        "agency_name": agency.name.both() if agency else None,
        "programme": line["programme"],
        "keys": agency.keys if agency else "platform",
    }


def _reason(context: Context, line: RowMapping) -> str | None:
    words: Any = words_shown(context, line).get("words") or {}
    note: str | None = words.get("note")
    return note


def _standing(
    consents: Sequence[Mapping[str, Any]], line: RowMapping, at: datetime
) -> Mapping[str, Any] | None:
    """Find the consent under which a leg's packet was sealed at a moment: the newest there was by then."""
    known = [
        row
        for row in consents
        if (row["agency"], row["programme"]) == (line["agency"], line["programme"])
        and row["recorded_at"] <= at
    ]
    return max(known, key=lambda row: row["recorded_at"], default=None)


def _covered(district: District, line: RowMapping, consent: Mapping[str, Any] | None) -> Shown:
    if consent is None or INDISPENSABLE not in consent["data_kinds"]:
        return {}
    kinds: list[str] = consent["data_kinds"]
    told: Shown = {"data_kinds": kinds, "basis": consent["basis"], "purpose": consent["purpose"]}
    programme = district.programmes.get(line["programme"])
    if programme is not None:
        readable = may_be_read(district, programme, frozenset(kinds))
        told["fields"] = sorted(readable.person | readable.answers)
    return told


def _pack(context: Context, version: str) -> District:
    try:
        return context.directory.version(version)
    except UnknownVersion:
        return context.directory.current()
