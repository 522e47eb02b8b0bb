"""What the desk asks of a leg that is under way; referrals carries each out or refuses it with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from services.intake.domain.answers_on_paper import (
    ACKNOWLEDGES_WITHDRAWAL,
    WORDS,
    Answering,
    latest_review,
    require_fitting,
    told_outside,
    words_in,
)
from services.intake.domain.breaches import Breach
from services.intake.domain.errors import Fault, InvalidFiling
from services.intake.domain.own_names import by_its_own
from services.intake.domain.request import ASK, REOPEN
from services.intake.persistence import cases
from services.intake.persistence.tables import legs
from services.intake.use_cases.case import CaseLeg
from services.intake.use_cases.check_filing import OUTING_WORD
from services.intake.use_cases.context import Context
from services.intake.use_cases.deed import Change, Deed, changing, require_covered, require_sendable
from services.intake.use_cases.duplicates import elsewhere, tell_specialists
from services.intake.use_cases.exclusions import refuse_exclusions
from services.intake.use_cases.filing_warnings import Hint, at_own_desk
from services.intake.use_cases.known_legs import known_legs
from services.intake.use_cases.leg_papers import scan_of, slip_of
from services.intake.use_cases.seal_legs import rules_for
from services.intake.use_cases.supply import AWAITING, supplied
from services.intake.use_cases.tasks import settle_tasks
from shared.db import Once
from shared.directory import forbidden_word
from shared.directory.rules import detail_choices
from shared.identity import Principal

CLOSED = "closed"
POLICY = "requests.ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLeg:
    """One thing to ask of one leg: ``verb`` is one of ``ASKING``."""

    request: str
    leg: str
    verb: str
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a command carries: ``data`` crosses over, ``detail`` (codes) and ``words`` stay in the history here.

    ``warnings`` are told to whoever asks.
    """

    data: Mapping[str, Any] = field(default_factory=dict)
    detail: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Any] | None = None
    warnings: Sequence[Hint] = ()


@dataclass(frozen=True, slots=True)
class Asking:
    """One row of the table: ``make`` checks and builds the command, ``once`` forbids a second while one is under way.

    ``settles`` are the kinds of task that are done with it.
    """

    make: Callable[[Deed, CaseLeg, Mapping[str, Any]], Asked]
    step: str = ASK
    once: bool = False
    settles: tuple[str, ...] = ()


def ask_leg(
    context: Context, principal: Principal, command: AskLeg, *, once: Once | None = None
) -> dict[str, Any]:
    """Ask something of a leg; what comes of it shows in the leg's history, and a refusal becomes a task.

    Gives ``{id, number, status, version, legs: [the leg], command, warnings}``; ``command`` is the id of what was
    asked.

    Raises:
        Forbidden, NotThere, StaleRequest, IllegalStep: as ``changing``.
        InvalidFiling: a field that cannot be accepted.
        Breach: the leg is not in a state for it.
        Excluded: it cannot be open again beside another that has been opened since.
    """
    row = ASKING[command.verb]
    with changing(
        context, principal, Change(request=command.request, action=POLICY, step=row.step), once=once
    ) as deed:
        leg = deed.case.leg(command.leg)
        if row.once and (leg.id, command.verb) in cases.pending(deed.uow.connection, deed.case.id):
            raise Breach("command-under-way")
        asked = row.make(deed, leg, command.fields)
        sent = deed.ask(leg, command.verb, asked.data, detail=asked.detail, words=asked.words)
        if row.settles:
            settle_tasks(deed.uow, deed.case.id, *row.settles, at=deed.at, by=deed.by.staff, leg=leg.id)
        deed.audit("leg.asked", verb=command.verb, leg=leg.id)
        deed.uow.result = deed.answer({leg.id: leg}, command=sent, warnings=list(asked.warnings))
    answer: dict[str, Any] = deed.uow.result
    return answer


def _more_time(_deed: Deed, leg: CaseLeg, _fields: Mapping[str, Any]) -> Asked:
    if leg.status != AWAITING:
        raise Breach("papers-not-wanted")
    return Asked()


def _supply(deed: Deed, leg: CaseLeg, fields: Mapping[str, Any]) -> Asked:
    there = supplied(deed, leg, fields.get("papers") or ())
    return Asked(there.data, there.detail, warnings=there.warnings)


def _reopen(deed: Deed, leg: CaseLeg, fields: Mapping[str, Any]) -> Asked:
    if leg.status != CLOSED:
        raise Breach("leg-not-ended")
    require_covered(deed, leg)
    note: str | None = fields.get("note")
    reason = {"reason": fields["reason"]}
    said = {"message": to_desk(deed, leg, "note", note)} if note else {}
    return Asked(reason | said, reason, {"note": note} if note else None, _beside(deed, leg))


def _beside(deed: Deed, leg: CaseLeg) -> list[Hint]:
    """Hold a leg that would be open again against what was opened since, as if it were asked for anew."""
    known = known_legs(
        deed.context, deed.uow.connection, deed.district, deed.case.place, deed.case.filer, [leg.need]
    )
    beside = [other.need for other in deed.case.legs if not other.ended]
    if refuse_exclusions(deed.uow, [leg.need], known, deed.at, beside=beside, reopening=True):
        deed.audit("exclusion.looked-up", found="exclusion_by_other_unit")
    if twice := elsewhere(known, [leg.need]):
        deed.audit("duplicate.looked-up", found="duplicate_of_other_unit")
        tell_specialists(deed.uow, deed.case.place, twice, deed.at)
    return [{**hint, "field": "leg"} for hint in at_own_desk(known, [leg.need])]


def _message(deed: Deed, leg: CaseLeg, fields: Mapping[str, Any]) -> Asked:
    require_sendable(deed, leg)
    text: str = fields["text"]
    return Asked({"message": to_desk(deed, leg, "text", text)}, words={"text": text})


def to_desk(deed: Deed, leg: CaseLeg, field: str, text: str) -> str:
    """Seal words to the agency's desk; objects to ``field`` where they would tell what somebody is in."""
    programme = deed.district.programmes[leg.need.programme]
    if not programme.clinical and (word := forbidden_word(text)) is not None:
        raise InvalidFiling([Fault(field, OUTING_WORD.format(word=word))])
    return deed.context.keyring.seal(leg.agency, "intake", leg.id, "message", {"text": text}, now=deed.at)


def _rate(deed: Deed, leg: CaseLeg, fields: Mapping[str, Any]) -> Asked:
    if leg.status != CLOSED:
        raise Breach("leg-not-ended")
    if leg.rating is not None:
        raise Breach("already-rated")
    grade: int = fields["grade"]
    cases.change(deed.uow.connection, legs, leg.id, rating=grade)
    words = {"note": fields["note"]} if fields.get("note") else None
    return Asked({"grade": grade}, {"grade": grade}, words)


def _record(deed: Deed, leg: CaseLeg, fields: Mapping[str, Any]) -> Asked:
    if fields["action"] == ACKNOWLEDGES_WITHDRAWAL:
        # It answers the end of a consent, and rests on none; whoever has closed the leg or handed it on owes it, too.
        if not leg.frozen:
            raise Breach("nothing-withdrawn")
    else:
        if leg.ended:
            raise Breach("leg-ended")
        require_covered(deed, leg)
    slip = slip_of(deed, leg, fields["slip"])
    if slip is None:
        raise Breach("slip-missing")
    # What a form was left empty for was not given; what was filled in says something.
    given = {name: value for name, value in (fields.get("fields") or {}).items() if value not in (None, "")}
    programme = deed.district.programmes[leg.need.programme]
    rules = by_its_own(
        rules_for(deed.district, deed.case.person, leg.need, deed.today),
        programme,
        deed.district.options["outcomes_for_all"],
    )
    others = {id_: known.name for id_, known in deed.district.agencies.items() if id_ != leg.agency}
    require_fitting(
        fields["action"],
        given,
        Answering(
            rules=rules,
            others=others,
            today=deed.today,
            review_by=latest_review(deed.district, deed.at),
            programmes=told_outside(deed.district),
            choices=detail_choices(deed.district, programme.id),
        ),
    )
    words = words_in(fields["action"], given)
    codes = {name: value for name, value in given.items() if name not in {*WORDS, *words}}
    scan = scan_of(deed, leg, slip)
    data = {"action": fields["action"], "fields": codes, "slip": slip, "scan": scan}
    return Asked(data, {"action": fields["action"], "slip": slip}, words or None)


ASKING: Mapping[str, Asking] = MappingProxyType(
    {
        "supply": Asking(_supply, once=True, settles=("papers-wanted", "papers-lapsing", "collect-papers")),
        "more-time": Asking(_more_time, once=True),
        # The duty to tell of the right to object ends when it is worked on again, and not when that was asked for.
        "reopen": Asking(_reopen, step=REOPEN, once=True),
        "message": Asking(_message, settles=("message",)),
        "rate": Asking(_rate, once=True),
        "record": Asking(_record, once=True),
    }
)
"""Verb → how it is asked. ``cancel``, ``freeze``, ``unfreeze`` and ``reseal`` follow from others."""
