"""How answers stand to conditions: unknown is never a no, and what was not asked turns nobody away."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.screening import (
    FITS,
    LIKELY,
    MET,
    MISSING,
    NOT_MET,
    SOMETHING_MISSING,
    Comparison,
    Condition,
    fit_of,
    look,
    state_of,
)
from services.intake.use_cases.needs_first import comparison_of
from tests.builders import the_district


@pytest.mark.parametrize(
    ("op", "value", "holds", "fails"),
    [
        ("equals", True, True, False),
        ("at_least", 60, 60, 59),
        ("at_most", 60, 60, 61),
        ("below", 800.0, 799.99, 800),
        ("above", 0.6, 0.61, 0.6),
        ("one_of", ["dibao", "tekun"], "tekun", "none"),
        ("not_one_of", ["employee"], "none", "employee"),
        ("one_of", ["a", "b"], ["c", "b"], ["c"]),
        ("not_one_of", ["a", "b"], ["c"], ["c", "a"]),
        ("equals", "a", ["a", "b"], ["b"]),
    ],
)
def test_each_comparison_holds_fails_or_is_not_known_yet(op: str, value: Any, holds: Any, fails: Any) -> None:
    comparison = Comparison("field", op, value)
    assert state_of(comparison, {"field": holds}) == MET
    assert state_of(comparison, {"field": fails}) == NOT_MET
    assert state_of(comparison, {}) == state_of(comparison, {"field": None}) == MISSING


EITHER = Condition("either", (Comparison("age", "at_least", 60), Comparison("ill", "equals", True)))


def test_of_several_ways_one_suffices_and_only_when_all_are_closed_is_it_not_met() -> None:
    assert look(EITHER, {"ill": True}).state == MET
    assert look(EITHER, {"age": 59, "ill": False}).state == NOT_MET
    assert look(EITHER, {"age": 59}).open_fields == ("ill",)
    assert look(EITHER, {}).open_fields == ("age", "ill")


def test_a_programme_that_waits_for_another_is_not_likely_yet() -> None:
    met = [look(EITHER, {"age": 70, "ill": False})]
    assert fit_of(met, waits_for_another=False) == LIKELY
    assert fit_of(met, waits_for_another=True) == SOMETHING_MISSING


DISTRICT = the_district()
_OF_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "number": st.integers(0, 5000),
    "boolean": st.booleans(),
    "string": st.just("x"),
    "text": st.just("x"),
    "date": st.just("2026-01-05"),
}


def _values(field: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(sorted(field.options)) if field.options else _OF_TYPE[field.type]


ANSWERS = st.fixed_dictionaries(
    {},
    optional={name: _values(field) for name, field in {**DISTRICT.fields, **DISTRICT.derived_fields}.items()},
)


def fits(answers: dict[str, Any]) -> dict[str, str]:
    found = {}
    for programme in DISTRICT.programmes.values():
        conditions = [
            Condition(rule.id, tuple(comparison_of(check, DISTRICT) for check in rule.any_of))
            for rule in programme.eligibility
        ]
        looked = [look(condition, answers) for condition in conditions]
        found[programme.id] = fit_of(looked, waits_for_another=False)
    return found


@given(ANSWERS, st.data())
def test_leaving_answers_out_never_makes_a_fit_worse_than_something_missing(
    answers: dict[str, Any], data: st.DataObject
) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(answers)))) if answers else set()
    full, fewer = fits(answers), fits({name: answers[name] for name in kept})
    for programme, fit in fewer.items():
        assert fit in FITS
        if fit == NOT_MET:
            assert full[programme] == NOT_MET, "more answers open no way that was closed"
        if fit == LIKELY:
            assert full[programme] == LIKELY, "what is met stays met"


def test_with_no_answer_at_all_nothing_is_ruled_out() -> None:
    assert set(fits({}).values()) == {SOMETHING_MISSING}
