"""How answers stand to the conditions of a programme: met, not met or not known yet. It suggests and rejects nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

MET, MISSING, NOT_MET = "met", "missing", "not-met"
"""How one condition stands."""

LIKELY, SOMETHING_MISSING = "likely", "something-missing"
FITS = (LIKELY, SOMETHING_MISSING, NOT_MET)
"""How a programme fits, best first."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One comparison of an answer; ``value`` is what it is held against."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition, met when any of its comparisons is."""

    id: str
    comparisons: tuple[Comparison, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """How a condition stands, and the fields whose answer would settle it (none once it is settled)."""

    id: str
    state: str
    open_fields: tuple[str, ...]


def _listed(value: Any) -> Sequence[Any]:  # noqa: ANN401 - an answer of any type
    return value if isinstance(value, list) else [value]


_HOLDS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "equals": lambda given, value: value in _listed(given),
        "at_least": lambda given, value: given >= value,
        "at_most": lambda given, value: given <= value,
        "below": lambda given, value: given < value,
        "above": lambda given, value: given > value,
        "one_of": lambda given, value: any(one in value for one in _listed(given)),
        "not_one_of": lambda given, value: all(one not in value for one in _listed(given)),
    }
)


def state_of(comparison: Comparison, answers: Mapping[str, Any]) -> str:
    """Tell how one comparison stands; an answer that is not there is missing, never a no."""
    given = answers.get(comparison.field)
    if given is None:
        return MISSING
    return MET if _HOLDS[comparison.op](given, comparison.value) else NOT_MET


def look(condition: Condition, answers: Mapping[str, Any]) -> Looked:
    """Tell how a condition stands: not met only when every way to meet it is known to be closed."""
    states = [state_of(each, answers) for each in condition.comparisons]
    if MET in states:
        return Looked(condition.id, MET, ())
    open_fields = [
        each.field for each, state in zip(condition.comparisons, states, strict=True) if state == MISSING
    ]
    if open_fields:
        return Looked(condition.id, MISSING, tuple(dict.fromkeys(open_fields)))
    return Looked(condition.id, NOT_MET, ())


def fit_of(conditions: Sequence[Looked], *, waits_for_another: bool) -> str:
    """Tell how a programme fits.

    ``waits_for_another``: it needs another programme first that is not known to be held: a piece that is missing.
    """
    states = {condition.state for condition in conditions}
    if NOT_MET in states:
        return NOT_MET
    return SOMETHING_MISSING if MISSING in states or waits_for_another else LIKELY
