"""What a person asks for at the desk: the command ``SubmitRequest`` and its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

DATA_KINDS = (
    "identity",
    "contact",
    "household",
    "income",
    "employment",
    "education",
    "housing",
    "health",
    "status",
)
"""What a consent can cover. Nothing is sent under a kind that is not consented to."""

URGENCIES = ("normal", "urgent")
PURPOSES = ("aid",)
GIVEN_BY = ("person", "guardian", "representative")
ON_PAPER, SPOKEN = "paper", "spoken"
HOW_GIVEN = (ON_PAPER, SPOKEN)
"""How a consent was given: signed, or said before a witness."""
EMERGENCY = "emergency"
BASES = ("consent", "statutory-duty", EMERGENCY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The one who asks for help. ``residence`` is the code of one of the district's ``homes``."""

    name: str
    residence: str
    id_number: str | None = None
    phone: str | None = None
    birth_date: date | None = None
    household_registration: str | None = None
    name_pinyin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """The one whom a leg is for, where that is not the person: a child, a parent."""

    relation: str
    name: str
    id_number: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One programme asked for; it becomes one leg."""

    programme: str
    beneficiary: Beneficiary | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A consent as given: one agency, any number of its programmes. Valid from ``starts_on`` to ``expires_on``.

    ``particulars`` keeps what proves it: how it was given, guardian, witness, co-signature, the paper form.
    """

    agency: str
    programmes: tuple[str, ...]
    data_kinds: frozenset[str]
    expires_on: date
    purpose: str = "aid"
    given_by: str = "person"
    basis: str = "consent"
    starts_on: date | None = None
    particulars: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A no: one agency, and those of its programmes it is about; none named means all."""

    agency: str
    programmes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactConsent:
    """A person's wish to be told of news themselves, up to a day: by which channels, and in which language.

    A text message goes to the phone of the filing; ``mail`` is the address for mail, used for nothing else.
    """

    channels: tuple[str, ...]
    expires_on: date
    given_by: str = "person"
    mail: str | None = field(default=None, repr=False)
    language: str = "zh"


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRequest:
    """File one request: a person, the needs, the consents, and answers by field id of the district's pack."""

    person: Person
    needs: tuple[Need, ...]
    consents: tuple[Consent, ...]
    urgency: str = "normal"
    answers: Mapping[str, Any] = field(default_factory=dict)
    refused: tuple[Refused, ...] = ()
    contact: ContactConsent | None = None
