"""A request with its person, legs and consents in plain words, as a change of it needs them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import RowMapping

from services.intake.domain.consents import covered_kinds
from services.intake.domain.errors import NotThere
from services.intake.domain.events import Submission
from services.intake.domain.filing import Beneficiary, Consent, Need, Person
from services.intake.domain.request import LEG_ENDED
from services.intake.domain.steps import Stand
from services.intake.domain.whom import Filer, Place
from services.intake.domain.withdrawing import stand_of
from services.intake.persistence.cases import Held
from services.intake.use_cases.context import Context

PERSON = ("name", "name_pinyin", "id_number", "phone", "birth_date", "household_registration")


@dataclass(frozen=True, slots=True)
class CaseLeg:
    """One leg as intake knows it; ``rev`` counts how often it was sealed."""

    id: str
    number: str
    position: int
    agency: str
    need: Need
    status: str
    rev: int
    cancelling: bool
    frozen: bool
    successor: str | None
    outcome: str | None
    rating: int | None

    @property
    def ended(self) -> bool:
        """Whether it has come to its end."""
        return self.status in LEG_ENDED

    @property
    def brief(self) -> dict[str, str]:
        """Show it as answers list it."""
        return {
            "id": self.id,
            "programme": self.need.programme,
            "agency": self.agency,
            "status": self.status,
        }


@dataclass(frozen=True, slots=True)
class CaseConsent:
    """One stored consent: for one agency and one programme."""

    id: str
    consent: Consent
    withdrawn_at: datetime | None


@dataclass(frozen=True, slots=True)
class Case:
    """One request whose row is locked by the present transaction."""

    id: str
    number: str
    unit: str
    street: str | None
    residence: str
    urgency: str
    status: str
    version: int
    sequence: int
    check: bool
    check_due_on: date | None
    merged_into: str | None
    person_id: str
    id_index: bytes | None
    person: Person
    answers: Mapping[str, Any]
    legs: tuple[CaseLeg, ...]
    consents: tuple[CaseConsent, ...]
    running_out: tuple[Consent, ...]
    held: Held

    @property
    def place(self) -> Place:
        """Say where it was filed."""
        return Place(self.id, self.unit, self.street)

    @property
    def filer(self) -> Filer:
        """Say who its person is, as far as others of the family can be found by it."""
        return Filer(
            self.id_index,
            self.held.request["household_id"],
            self.held.person["name_index"],
            self.person.birth_date,
        )

    def leg(self, leg: str) -> CaseLeg:
        """Give one leg; raises ``NotThere`` if it is none of this request's."""
        for one in self.legs:
            if one.id == leg:
                return one
        raise NotThere

    def standing(self) -> tuple[Consent, ...]:
        """Give the consents that were not withdrawn, and those that run on until their renewal begins."""
        return (*(one.consent for one in self.consents if one.withdrawn_at is None), *self.running_out)

    def kinds(self, agency: str, programme: str, day: date) -> frozenset[str]:
        """Give the data kinds that an agency may learn for a programme on a day; empty when nothing covers it."""
        return covered_kinds(self.standing(), agency, programme, day)

    @property
    def checking(self) -> bool:
        """Whether something of it waits for the street's check."""
        return self.check and self.check_due_on is not None

    @property
    def sent_back(self) -> bool:
        """Whether the street has sent something of it back, which its desk has not submitted again."""
        return self.check and self.check_due_on is None

    @property
    def stand(self) -> Stand:
        """Say what decides on what can be done with it."""
        legs = ((leg.status, leg.outcome) for leg in self.legs)
        return stand_of(self.status, legs, checking=self.checking, sent_back=self.sent_back)

    def submission(self, pack: str, *, check: bool = False) -> Submission:
        """Give the codes by which referrals routes and counts its legs; ``check``: they wait for the street first."""
        return Submission(
            number=self.number,
            unit=self.unit,
            street=self.street,
            residence=self.residence,
            urgency=self.urgency,
            pack=pack,
            check=check,
            sent_back=check and self.sent_back,
        )


def case_of(context: Context, held: Held) -> Case:
    """Decrypt the rows of a held request."""
    row = held.request
    return Case(
        id=row["id"],
        number=row["number"],
        unit=row["unit"],
        street=row["street"],
        residence=row["residence"],
        urgency=row["urgency"],
        status=row["status"],
        version=row["version"],
        sequence=row["event_sequence"],
        check=row["checking"],
        check_due_on=row["check_due_on"],
        merged_into=row["merged_into"],
        person_id=row["person_id"],
        id_index=held.person["id_index"],
        person=_person(context, held.person, row["residence"]),
        answers=_json(context, "requests", "answers", row["id"], row["answers"]) or {},
        legs=tuple(_leg(context, leg) for leg in held.legs),
        consents=tuple(_consent(context, consent) for consent in held.consents),
        running_out=tuple(_consent(context, consent).consent for consent in held.running_out),
        held=held,
    )


def _person(context: Context, row: RowMapping, residence: str) -> Person:
    decrypt = context.keyring.fields.decrypt
    known = {name: decrypt("people", name, row["id"], row[name]) for name in PERSON}
    born = known.pop("birth_date")
    name = known.pop("name") or ""
    return Person(
        name=name, residence=residence, birth_date=date.fromisoformat(born) if born else None, **known
    )


def _leg(context: Context, row: RowMapping) -> CaseLeg:
    described = _json(context, "legs", "beneficiary", row["id"], row["beneficiary"])
    return CaseLeg(
        id=row["id"],
        number=row["number"],
        position=row["position"],
        agency=row["agency"],
        need=Need(
            programme=row["programme"],
            beneficiary=beneficiary_of(described) if described else None,
            note=context.keyring.fields.decrypt("legs", "note", row["id"], row["note"]),
        ),
        status=row["status"],
        rev=row["rev"],
        cancelling=row["cancel_requested_at"] is not None,
        frozen=row["frozen_at"] is not None,
        successor=row["successor"],
        outcome=row["outcome"],
        rating=row["rating"],
    )


def beneficiary_of(described: Mapping[str, Any]) -> Beneficiary:
    """Read a beneficiary as ``disclosure.describe`` wrote it."""
    born = described.get("birth_date")
    return Beneficiary(**{**described, "birth_date": date.fromisoformat(born) if born else None})


def _consent(context: Context, row: RowMapping) -> CaseConsent:
    particulars = _json(context, "consents", "particulars", row["id"], row["particulars"]) or {}
    return CaseConsent(
        id=row["id"],
        withdrawn_at=row["withdrawn_at"],
        consent=Consent(
            agency=row["agency"],
            programmes=(row["programme"],),
            data_kinds=frozenset(row["data_kinds"]),
            expires_on=row["expires_on"],
            purpose=row["purpose"],
            given_by=row["given_by"],
            basis=row["basis"],
            starts_on=row["starts_on"],
            particulars=particulars,
        ),
    )


def _json(context: Context, table: str, column: str, row: str, value: bytes | None) -> Any:  # noqa: ANN401 - stored JSON
    plain = context.keyring.fields.decrypt(table, column, row, value)
    return None if plain is None else orjson.loads(plain)
