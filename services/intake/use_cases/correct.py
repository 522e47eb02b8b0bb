"""Corrects data after they were sent: what an agency may read of it is sealed again and sent to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import orjson

from services.intake.domain import disclosure
from services.intake.domain.breaches import Breach
from services.intake.domain.filing import Beneficiary, Need, Person, SubmitRequest
from services.intake.domain.request import CLOSED, CORRECT
from services.intake.persistence import cases
from services.intake.persistence.tables import legs, people, requests
from services.intake.use_cases import contact
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.check_filing import check_corrected
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing
from services.intake.use_cases.duplicates import elsewhere, tell_specialists
from services.intake.use_cases.exclusions import refuse_exclusions
from services.intake.use_cases.filing_warnings import Hint, at_own_desk
from services.intake.use_cases.guardians import ask_guardians
from services.intake.use_cases.known_legs import known_legs
from services.intake.use_cases.leg_papers import papers_for
from services.intake.use_cases.seal_legs import Sealing, Whose, is_kept_quiet, may_be_read, seal_leg, whose
from services.intake.use_cases.twice_in_one import refuse_twice
from services.intake.use_cases.written_rows import beneficiary_index, person_row
from shared.clock import local_date
from shared.db import Once
from shared.directory import Programme
from shared.identity import Principal

ANSWERS = "answers"
"""How an agency of a clinical leg is told outside its packet that any answer has changed."""


@dataclass(frozen=True, slots=True)
class CorrectedLeg:
    """What is put right about one leg: whom it is for, the note to its agency; None takes it away."""

    id: str
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectRequest:
    """Fields of the person, answers and legs to put right; what is not named stays, None takes a value away."""

    request: str
    person: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    legs: tuple[CorrectedLeg, ...] = ()
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Corrected:
    person: Person
    answers: Mapping[str, Any]
    needs: Mapping[str, Need]
    fields: frozenset[str]
    paths: frozenset[str]


def correct_request(
    context: Context, principal: Principal, command: CorrectRequest, *, once: Once | None = None
) -> dict[str, Any]:
    """Put data right; each leg that an agency holds is sealed again as far as its consent covers what has changed.

    Whom it is for from now on is held against what is open, as at filing.
    Gives ``{id, number, status, version, changed: [field id], legs: [{id, programme, agency, status, resealed}],
    warnings}``.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``.
        InvalidFiling: naming every field that cannot be accepted.
        Breach: nothing has changed.
        Excluded: what is asked for is excluded by an open leg of this desk for whom it is for now.
    """
    change = Change(request=command.request, action="requests.correct", step=CORRECT, version=command.version)
    with changing(context, principal, change, once=once) as deed:
        corrected = _corrected(deed, command)
        if not corrected.paths:
            raise Breach("nothing-changed")
        order = list(corrected.needs)
        filing = SubmitRequest(
            person=corrected.person,
            needs=tuple(corrected.needs.values()),
            consents=(),
            answers=corrected.answers,
        )
        places = {leg: f"legs.{place}" for place, leg in enumerate(order)}
        paths = {_path(path, places) for path in corrected.paths}
        check_corrected(filing, paths, deed.district, deed.today)
        _store(deed, corrected)
        warnings = _held_against_what_is_open(deed, corrected, command)
        subject = whose(corrected.person, corrected.answers)
        resealed = [leg.id for leg in deed.case.legs if _reseal(deed, subject, leg, corrected)]
        if corrected.person.phone != deed.case.person.phone:
            contact.renew(deed, corrected.person)
        ask_guardians(deed, corrected.person)
        fields = sorted(corrected.fields)
        deed.note("corrected", detail={"fields": fields})
        deed.audit("request.corrected", fields=fields, legs=resealed)
        shown = [leg.brief | {"resealed": leg.id in resealed} for leg in deed.case.legs]
        deed.uow.result = deed.answer(changed=fields, warnings=warnings) | {"legs": shown}
    answer: dict[str, Any] = deed.uow.result
    return answer


def _path(path: str, places: Mapping[str, str]) -> str:
    head, _, rest = path.partition(".")
    if head != "legs":
        return path
    leg, _, inner = rest.partition(".")
    return f"{places[leg]}.{inner}"


def _corrected(deed: Deed, command: CorrectRequest) -> _Corrected:
    case = deed.case
    person = replace(case.person, **command.person)
    touched = [name for name in command.person if getattr(person, name) != getattr(case.person, name)]
    answers = {
        name: value for name, value in {**case.answers, **command.answers}.items() if value is not None
    }
    asked = [name for name in command.answers if answers.get(name) != case.answers.get(name)]
    needs = {leg.id: leg.need for leg in case.legs}
    paths = {f"person.{name}" for name in touched} | {f"{ANSWERS}.{name}" for name in asked}
    fields = {*touched, *asked}
    for leg in command.legs:
        before = deed.case.leg(leg.id).need
        after = _need(before, leg.given)
        needs[leg.id] = after
        for name in ("beneficiary", "note"):
            if getattr(before, name) != getattr(after, name):
                paths.add(f"legs.{leg.id}.{name}")
                fields.add(name)
    return _Corrected(person, answers, needs, frozenset(fields), frozenset(paths))


def _need(before: Need, given: Mapping[str, Any]) -> Need:
    beneficiary: Beneficiary | None = given.get("beneficiary", before.beneficiary)
    return replace(before, beneficiary=beneficiary, note=given.get("note", before.note))


def _store(deed: Deed, corrected: _Corrected) -> None:
    case, encrypt, connection = deed.case, deed.context.keyring.fields.encrypt, deed.uow.connection
    row = person_row(deed.context, case.person_id, corrected.person)
    del row["id"]
    cases.change(connection, people, case.person_id, **row)
    answers = orjson.dumps(dict(corrected.answers)) if corrected.answers else None
    cases.change(
        connection,
        requests,
        case.id,
        answers=encrypt("requests", "answers", case.id, answers),
        residence=corrected.person.residence,
    )
    for leg in case.legs:
        need = corrected.needs[leg.id]
        if need != leg.need:
            told = orjson.dumps(disclosure.describe(need.beneficiary)) if need.beneficiary else None
            cases.change(
                connection,
                legs,
                leg.id,
                beneficiary=encrypt("legs", "beneficiary", leg.id, told),
                beneficiary_index=beneficiary_index(deed.context, need.beneficiary),
                note=encrypt("legs", "note", leg.id, need.note),
            )


def _held_against_what_is_open(deed: Deed, corrected: _Corrected, command: CorrectRequest) -> list[Hint]:
    """Hold whom the legs are for now against what is open for them, by the rules of filing; gives warnings.

    Raises:
        Excluded: a leg of this very desk excludes one of them.
        InvalidFiling: one of them is open in this request already for the same person.
    """
    case, person = deed.case, corrected.person
    whole = person.id_number != case.person.id_number
    legs = [leg for leg in case.legs if not leg.ended]
    touched = [leg for leg in legs if whole or corrected.needs[leg.id].beneficiary != leg.need.beneficiary]
    if not touched:
        return []
    needs = [corrected.needs[leg.id] for leg in touched]
    beside = [leg for leg in legs if leg not in touched]
    paths = {leg.id: f"legs.{place}.beneficiary" for place, leg in enumerate(command.legs)}
    fields = [paths.get(leg.id, "person.id_number") for leg in touched]
    refuse_twice(needs, beside, deed.district, fields)
    index = deed.context.keyring.index.full("id_number", person.id_number) if person.id_number else None
    filer = case.filer._replace(id_index=index)
    known = known_legs(deed.context, deed.uow.connection, deed.district, case.place, filer, needs)
    known = replace(known, legs=[leg for leg in known.legs if leg.request != case.id])
    if refuse_exclusions(deed.uow, needs, known, deed.at, beside=[leg.need for leg in beside]):
        deed.audit("exclusion.looked-up", found="exclusion_by_other_unit")
    if twice := elsewhere(known, needs):
        deed.audit("duplicate.looked-up", found="duplicate_of_other_unit")
        tell_specialists(deed.uow, case.place, twice, deed.at)
    return [
        hint | {"field": field}
        for field, need in zip(fields, needs, strict=True)
        for hint in at_own_desk(known, [need])
    ]


def _reseal(deed: Deed, subject: Whose, leg: CaseLeg, corrected: _Corrected) -> bool:
    """Seal one leg again if its agency may read anything of what has changed; tells whether it was.

    Also one that its agency has closed: it holds what it was sent. What was withdrawn or handed on is held no more.
    """
    if (leg.ended and leg.status != CLOSED) or leg.frozen or leg.cancelling:
        return False
    programme = deed.district.programmes.get(leg.need.programme)
    kinds = deed.case.kinds(leg.agency, leg.need.programme, deed.today)
    if programme is None or not kinds:
        return False
    seen = _seen(deed, leg, programme, kinds, corrected)
    need, begun = corrected.needs[leg.id], _begun(deed)
    quiet = is_kept_quiet(deed.district, corrected.person, need, begun) and not is_kept_quiet(
        deed.district, deed.case.person, leg.need, begun
    )
    if not seen and not quiet:
        return False
    reseal(deed, subject, replace(leg, need=need), kinds, seen)
    return True


def _seen(
    deed: Deed, leg: CaseLeg, programme: Programme, kinds: frozenset[str], corrected: _Corrected
) -> list[str]:
    may_read = may_be_read(deed.district, programme, kinds)
    own = {path.rpartition(".")[2] for path in corrected.paths if path.startswith(f"legs.{leg.id}.")}
    touched = {path.partition(".")[2] for path in corrected.paths if path.startswith("person.")}
    if "name_pinyin" in touched:
        # Only its initials are told, as tokens to search by.
        touched = (touched - {"name_pinyin"}) | {"name"}
    asked = {path.partition(".")[2] for path in corrected.paths if path.startswith(f"{ANSWERS}.")}
    own &= {"note", *(("beneficiary",) if disclosure.BENEFICIARY in may_read.person else ())}
    return sorted((touched & may_read.person) | (asked & may_read.answers) | own)


def reseal(
    deed: Deed,
    subject: Whose,
    leg: CaseLeg,
    kinds: frozenset[str],
    changed: Sequence[str],
    *,
    reason: str | None = None,
) -> None:
    """Send a leg's packet anew; ``changed`` are the ids of the fields whose values differ, ``reason`` why else."""
    programme = deed.district.programmes[leg.need.programme]
    sealed = seal_again(deed, subject, leg, kinds, changed)
    answered = [name for name in changed if name in programme.fields]
    # The answers of a clinical leg have names that speak: they stand in the packet alone.
    told = [name for name in changed if name not in answered] + [ANSWERS] * bool(answered)
    outward = told if programme.clinical else list(changed)
    why = {"reason": reason} if reason else {}
    detail: Mapping[str, Any] = why or {"fields": list(changed)}
    deed.ask(leg, "reseal", {**sealed, "changed": outward, **why}, detail=detail)


def seal_again(
    deed: Deed, subject: Whose, leg: CaseLeg, kinds: frozenset[str], changed: Sequence[str] = ()
) -> dict[str, Any]:
    """Seal a leg's packet and badge as they are now: ``{packet, badge, index, counts_as}``, one revision further.

    Of somebody who was a minor when the request was filed it also says ``unpublished``, whenever that comes to light.
    """
    rev = leg.rev + 1
    papers = papers_for(deed, leg.need, kinds, leg=leg.id)
    sealed = seal_leg(
        deed.context,
        deed.district,
        subject,
        leg.need,
        kinds,
        Sealing(leg.id, leg.number, rev, papers, changed),
        deed.at,
    )
    cases.change(deed.uow.connection, legs, leg.id, rev=rev)
    quiet = is_kept_quiet(deed.district, subject.person, leg.need, _begun(deed))
    return {
        "packet": sealed.packet,
        "badge": sealed.badge,
        "index": sealed.index,
        "counts_as": sealed.counts_as,
        **({"unpublished": True} if quiet else {}),
    }


def _begun(deed: Deed) -> date:
    return local_date(deed.case.held.request["created_at"], deed.district.timezone)
