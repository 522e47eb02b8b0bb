"""What people write in their own words about a referral: sealed on, and kept nowhere here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from services.referrals.domain import wording
from services.referrals.domain.errors import BadFields, FieldFault, KeyElsewhere
from services.referrals.domain.outcomes import WORDS_OF_CLOSING, details_in
from services.referrals.domain.referral import Change, Referral
from services.referrals.use_cases.context import Context
from shared.directory import District
from shared.text import Text, is_blank

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "close": WORDS_OF_CLOSING,
        "request-documents": ("note",),
        "suspend": ("note",),
        "extend": ("note",),
        "propose-return": ("note",),
        "propose-transfer": ("note",),
        "reopen": ("note",),
        "message": ("text",),
        "appointment": ("at", "place", "bring"),
        "acknowledge-withdrawal": ("note",),
    }
)
"""By action, its fields in words: they go sealed to the help desk as the answer, as the details of an outcome do."""

NEEDED: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {
        "request-documents": {"note": wording.NOTE_NEEDED},
        "appointment": {"at": wording.HOUR_NEEDED, "place": wording.PLACE_NEEDED},
    }
)
"""What has to be said wherever it can be sealed here: a list of papers alone tells nobody what is wrong with them, and
nobody finds an appointment that is nowhere at no time."""

INTERNAL: Mapping[str, tuple[str, ...]] = MappingProxyType({"note": ("text",)})
"""Fields in words that stay with the agency: sealed to itself."""


def words_of(action: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Pick the words out of an action's fields; a detail of an outcome may be a number, too."""
    names = (*WORDS.get(action, ()), *INTERNAL.get(action, ()))
    said = {name: fields[name] for name in names if fields.get(name)}
    return said | {name: fields[name] for name in details_in(fields)} if action == "close" else said


def marks(context: Context, referral: Referral, action: str, said: Mapping[str, Any]) -> tuple[str, ...]:
    """Hash what an appointment says in words, so that the same is known again without being kept.

    Under each of the agency's keys while one takes the place of another; of any other action nothing has to be known.
    """
    if action != "appointment" or not said:
        return ()
    told = "|".join(str(said.get(name, "")) for name in WORDS[action])
    return tuple(context.keyring.index.looked_for(referral.agency, action, f"{referral.id}|{told}"))


def require_words(action: str, fields: Mapping[str, Any]) -> None:
    """Raise ``BadFields`` naming what an action has to say in words and does not."""
    missing = [
        FieldFault(name, message)
        for name, message in NEEDED.get(action, {}).items()
        if is_blank(str(fields.get(name) or ""))
    ]
    if missing:
        raise BadFields(missing)


def answer(
    context: Context, change: Change, words: Mapping[str, Any], district: District, at: datetime
) -> dict[str, str]:
    """Seal what an action says to the help desk; gives ``{"answer": …}``, or nothing where it says nothing in words.

    The details of an outcome travel in it, too. Raises ``KeyElsewhere`` where the agency's own system signs.
    """
    if change.action not in WORDS:
        return {}
    details = change.after.outcome_fields if change.action == "close" else None
    if not (words or details):
        return {}
    refuse_own_key(change.after, district)
    body: dict[str, Any] = {
        "action": change.action,
        "fields": {**change.fields, **{name: words[name] for name in words if name != "note"}},
    }
    if "note" in words:
        body["note"] = words["note"]
    leg = change.after
    return {"answer": context.keyring.seal("intake", leg.agency, leg.id, "answer", body, now=at)}


def seal_inside(
    context: Context, referral: Referral, words: Mapping[str, Any], district: District, at: datetime
) -> str | None:
    """Seal words to the agency itself, for its leader or its colleagues; None where there are none.

    Raises ``KeyElsewhere`` where the agency's own system holds the key.
    """
    if not words:
        return None
    refuse_own_key(referral, district)
    agency = referral.agency
    return context.keyring.seal(agency, agency, referral.id, "internal", dict(words), now=at)


def open_inside(context: Context, referral: Referral, sealed: str | None) -> dict[str, Any]:
    """Open words that were sealed to the agency itself.

    Raises ``shared.sealing.CannotOpen``.
    """
    if sealed is None:
        return {}
    return dict(context.keyring.open(sealed, referral.agency, "internal", referral.id).body)


def refuse_own_key(referral: Referral, district: District) -> None:
    """Raise ``KeyElsewhere`` where the agency's own system holds the key: nobody here can sign or open for it."""
    if holds_own_key(referral, district):
        raise KeyElsewhere


def holds_own_key(referral: Referral, district: District) -> bool:
    """Tell whether the agency's own system holds the key, so that its words are written and read there."""
    agency = district.agencies.get(referral.agency)
    return agency is not None and agency.keys == "own"
