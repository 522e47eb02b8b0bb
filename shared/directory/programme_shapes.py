"""What ``programmes.yaml`` holds, listed key by key."""

from __future__ import annotations

from shared.directory.schemas import (
    OPERATORS,
    OUTCOMES,
    VERIFIED,
    Anything,
    Bool,
    ClockShape,
    Day,
    Int,
    LimitShape,
    ListOf,
    MapOf,
    Named,
    Num,
    Shape,
    Str,
    Sub,
    Words,
    an_id,
    at_least,
    choice,
    ids,
    words,
)


class LawShape(Named):
    """One statute or notice."""

    valid_from = Day(load_default=None, allow_none=True)
    valid_to = Day(load_default=None, allow_none=True)
    verified = choice(*VERIFIED, required=True)


class BasisShape(Shape):
    """The clause a programme stands on."""

    law = an_id(required=True)
    articles = Str(load_default="")


class CheckShape(Shape):
    """One comparison."""

    field = an_id(required=True)
    op = choice(*OPERATORS, required=True)
    value = Anything(load_default=None)
    standard = an_id(load_default=None)
    times = Num(load_default=1.0)


class CriterionShape(Shape):
    """One condition: a single comparison written flat, or several of which one suffices."""

    id = an_id(required=True)
    name = words()
    any_of = ListOf(Sub(CheckShape), load_default=None)
    field = an_id(load_default=None)
    op = choice(*OPERATORS, load_default=None)
    value = Anything(load_default=None)
    standard = an_id(load_default=None)
    times = Num(load_default=1.0)


class PublicityShape(Shape):
    """Public notice of a decision; minors are never published (``domain`` of the law, not a choice)."""

    unit = choice("working_day", "calendar_day", required=True)
    total = Int(required=True, validate=at_least(1))
    counts = Bool(required=True)
    shown = ListOf(choice("name", "household_size", "amount", "category"), required=True, data_key="fields")
    minors = choice("never", load_default="never")


class PaperShape(Named):
    """One paper of a data kind; with ``by_hand`` it goes from the person to the agency, never through the platform."""

    kind = an_id(required=True)
    by_hand = Bool(load_default=False)


class CapacityShape(Shape):
    """How many can be helped at once, and the outcomes that take a place."""

    places = Int(required=True, validate=at_least(0))
    as_of = Day(required=True)
    taken_by = ListOf(choice(*OUTCOMES), load_default=lambda: ["approved"])


class AidFirstShape(Shape):
    """Paid first, papers after."""

    pay_within = Sub(LimitShape, required=True)
    papers_after = Sub(LimitShape, required=True)


class EasingShape(Shape):
    """What holding one of some programmes makes easier."""

    programmes = ListOf(an_id(), required=True)
    effect = words()


class ProgrammeShape(Named):
    """One programme."""

    agency = an_id(required=True)
    category = an_id(required=True)
    rank = Int(required=True, validate=at_least(1))
    disclosure = choice("none", "category", "clinical", load_default="none")
    offered = Bool(load_default=True)
    instead = Sub(Words, load_default=None, allow_none=True)
    beneficiary = choice("person", "household", "child", load_default="person")
    routed_by = choice("residence", "registration", load_default="residence")
    basis = ListOf(Sub(BasisShape), load_default=list)
    eligibility = ListOf(Sub(CriterionShape), load_default=list)
    papers = ids()
    papers_if_any = ids()
    clocks = MapOf(keys=choice("acknowledge", "accept", "decide"), values=Sub(ClockShape), load_default=dict)
    steps = ids()
    step_limits = MapOf(keys=an_id(), values=Sub(LimitShape), load_default=dict)
    publicity = Sub(PublicityShape, load_default=None, allow_none=True)
    outcomes = MapOf(keys=choice(*OUTCOMES), values=ids(), required=True)
    person_fields = ids()
    disclosed = ids(data_key="fields")
    requires = ids()
    excludes = ids()
    alternatives = ids()
    held_when = Sub(CheckShape, load_default=None, allow_none=True)
    eased_by = Sub(EasingShape, load_default=None, allow_none=True)
    capacity = Sub(CapacityShape, load_default=None, allow_none=True)
    aid_first = Sub(AidFirstShape, load_default=None, allow_none=True)
    note = Sub(Words, load_default=None, allow_none=True)
    consent_note = Sub(Words, load_default=None, allow_none=True)
    verified = MapOf(keys=Str(), values=choice(*VERIFIED), required=True)


class ProgrammesShape(Shape):
    """``programmes.yaml``: the tables programmes choose from, then the programmes."""

    categories = ListOf(Sub(Named), required=True)
    laws = ListOf(Sub(LawShape), required=True)
    papers = ListOf(Sub(PaperShape), required=True)
    steps = ListOf(Sub(Named), required=True)
    person_fields = ids()
    programmes = ListOf(Sub(ProgrammeShape), required=True)
