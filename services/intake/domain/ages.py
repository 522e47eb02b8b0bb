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


def born_on(who: Person | Beneficiary) -> date | None:
    """Give the date of birth as told or as the ID number has it, the later where they differ; None if unknown."""
    by_number = birth_date_in(who.id_number) if who.id_number else None
    return max((born for born in (who.birth_date, by_number) if born is not None), default=None)


def youngest(who: Person | Beneficiary, day: date) -> int | None:
    """Give somebody's age on a day, the lower where date of birth and ID number differ; None if it is unknown."""
    born = born_on(who)
    return None if born is None else age_on(born, day)


def is_for_minor(person: Person, need: Need, day: date) -> bool:
    """Tell whether a leg is for somebody who is not of age on a day: whom it names, or else the person."""
    age = youngest(need.beneficiary or person, day)
    if age is not None:
        return age < OF_AGE
    return need.beneficiary is not None and need.beneficiary.relation in CHILDREN
