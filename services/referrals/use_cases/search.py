"""Finding a person's referrals at one's own agency by number, name, initials, phone or last four characters."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import structlog

from services.referrals.domain.referral import Referral
from services.referrals.persistence import queries
from services.referrals.use_cases.audited import audit
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.reaching import is_own
from shared.db import UnitOfWork
from shared.directory import District
from shared.identity import Principal, allow
from shared.sealing import CannotOpen, initials
from shared.sealing.blind import normalise

log = structlog.get_logger(__name__)

MOST_FOUND = 100
"""Hits shown at most: whoever finds more looks for too little."""

_NUMBER = re.compile(r"[A-Z]{2}-\d{4}-[0-9A-Z]{8}")
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("last4", re.compile(r"\d{3}[\dXx]")),
    ("phone", re.compile(r"\+?[\d\s()-]{7,20}")),
    ("initials", re.compile(r"[A-Za-z]{2,8}")),
    ("name", re.compile(r"[^\d]{2,40}")),
)
"""Kind → what a query of that kind looks like; one query may be read in more than one way."""


def kinds_of(query: str) -> tuple[str, ...]:
    """Tell as what a query may be read: ``number``, or kinds of the blind index; empty when as nothing."""
    text = query.strip()
    if _NUMBER.fullmatch(text.upper()):
        return ("number",)
    return tuple(kind for kind, form in _FORMS if form.fullmatch(text))


def search(
    context: Context, principal: Principal, query: str, district: District, uow: UnitOfWork
) -> list[Referral]:
    """Find referrals of the principal's own agencies; every look-up is audited, without the words looked for.

    Only what the sealed packet confirms is found: a token of the blind index alone proves nothing.
    Raises ``shared.identity.Forbidden``.
    """
    grant = allow(principal, "referrals.search")
    text = query.strip()
    kinds = kinds_of(text)
    agencies = grant.agencies | {agency for agency, _ in grant.counters}
    mine = {name: district.agencies[name] for name in sorted(agencies) if name in district.agencies}
    tokens = [
        (name, kind, token)
        for name, agency in mine.items()
        if agency.keys == "platform"
        for kind in kinds
        if kind != "number"
        for token in context.keyring.index.looked_for(name, kind, text)
    ]
    found: list[Referral] = []
    if tokens or "number" in kinds:
        found = queries.candidates(
            uow.connection,
            number=text.upper() if "number" in kinds else None,
            agencies=agencies,
            tokens=tokens,
            limit=MOST_FOUND,
        )
        found = [referral for referral in found if is_own(grant, referral)]
        if "number" not in kinds:
            found = _confirmed(context, uow, found, kinds, text)
    looked = {"by": list(kinds), "found": len(found)}
    audit(context, uow, principal, grant, "referrals.searched", ("agency", ",".join(mine)), looked)
    return found


def _confirmed(
    context: Context, uow: UnitOfWork, found: Sequence[Referral], kinds: Sequence[str], text: str
) -> list[Referral]:
    packets = queries.newest_packets(uow.connection, [referral.id for referral in found])
    kept = []
    for referral in found:
        try:
            body = context.keyring.open(packets[referral.id], referral.agency, "packet", referral.id).body
        except CannotOpen as error:
            log.warning("search.unconfirmed", referral=referral.id, reason=error.reason)
            continue
        if any(_agrees(kind, text, known) for kind in kinds for known in _people(body)):
            kept.append(referral)
    return kept


def _people(body: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return (person for person in (body.get("person"), body.get("beneficiary")) if person)


def _same(kind: str, field: str) -> Callable[[str, Mapping[str, Any]], bool]:
    return lambda text, person: (
        bool(person.get(field)) and normalise(kind, text) == normalise(kind, person[field])
    )


def _same_initials(text: str, person: Mapping[str, Any]) -> bool:
    # A desk may have corrected how a name is read, which the packet does not tell: then only its length can speak.
    name = person.get("name") or ""
    wanted = normalise("initials", text)
    return bool(name) and (wanted == initials(name) or len(wanted) == len(normalise("name", name)))


_AGREEMENT: Mapping[str, Callable[[str, Mapping[str, Any]], bool]] = {
    "name": _same("name", "name"),
    "initials": _same_initials,
    "phone": _same("phone", "phone"),
    "last4": _same("last4", "id_number"),
}


def _agrees(kind: str, text: str, person: Mapping[str, Any]) -> bool:
    return _AGREEMENT[kind](text, person)
