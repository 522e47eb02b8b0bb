"""How old somebody is, and who is a minor: whose case is never put on public notice."""

from __future__ import annotations

from datetime import date

from services.intake.domain.filing import Beneficiary, Need, Person
from shared.directory.validation import birth_date_in

OF_AGE = 18
"""未成年人保护法 Art. 2: a minor is under 18. The law's own, so not a district's choice."""
CHILDREN = frozenset({"child", "grandchild", "ward"})
"""Relations in which somebody of unknown age is taken for a minor."""


def age_on(born: date, day: date) -> int:
    """Give somebody's age in whole years on a day; who was born on 29 February has the birthday on 1 March."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def youngest(who: Person | Beneficiary, day: date) -> int | None:
    """Give the age of a person by the date of birth or the ID number, the lower where they differ; None if unknown."""
    by_number = birth_date_in(who.id_number) if who.id_number else None
    ages = [age_on(born, day) for born in (who.birth_date, by_number) if born is not None]
    return min(ages, default=None)


def is_for_minor(person: Person, need: Need, day: date) -> bool:
    """Tell whether a leg is for somebody who is not of age on a day: whom it names, or else the person."""
    age = youngest(need.beneficiary or person, day)
    if age is not None:
        return age < OF_AGE
    return need.beneficiary is not None and need.beneficiary.relation in CHILDREN
