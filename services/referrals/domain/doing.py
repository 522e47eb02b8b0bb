"""One action being taken, and what it changes: the words in which effects are written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

from services.referrals.domain import wording
from services.referrals.domain.errors import BadFields, FieldFault
from services.referrals.domain.life import Life
from shared.text import Text

if TYPE_CHECKING:
    from services.referrals.domain.clocks import Timetable
    from services.referrals.domain.referral import Referral


T = TypeVar("T", bound=Text)


@dataclass(frozen=True, slots=True)
class Effect:
    """What an action does: the ``codes`` it was given, the columns it ``sets``, and the life after it.

    ``back`` leads to the status before the present one although the table leads on.
    ``stays`` keeps the status although the table leads on, and ``fact`` is then told instead: a confirmed return waits
    for its successor. ``asks`` is the data of a request for a successor, told after the fact itself.
    """

    life: Life
    codes: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, Any] = field(default_factory=dict)
    stays: bool = False
    back: bool = False
    fact: str | None = None
    asks: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """One action being taken: on what, with what, when and by whom (a staff id; None for a command or the clock).

    ``marks`` are keyed hashes of what it says in words, by any of which the same is known again; the first is kept.
    """

    referral: Referral
    fields: Mapping[str, Any]
    at: datetime
    timetable: Timetable
    by: str | None
    marks: tuple[str, ...] = ()


def together(*checks: Callable[[], Any]) -> tuple[Any, ...]:
    """Give what each check gives; raises ``BadFields`` naming what any of them found."""
    found: list[Any] = []
    faults: list[FieldFault] = []
    for check in checks:
        try:
            found.append(check())
        except BadFields as error:
            faults += error.faults
    if faults:
        raise BadFields(faults)
    return tuple(found)


def coded(fields: Mapping[str, Any], name: str, known: Mapping[str, Text]) -> str:
    """Give a reason code; raises ``BadFields`` naming those there are."""
    code = fields.get(name)
    if code not in known:
        raise BadFields([FieldFault(name, one_of(wording.REASON_NEEDED, known))])
    return str(code)


def one_of(text: T, known: Iterable[str] | Mapping[str, Text]) -> T:
    """Fill a text's ``{known}`` with what may be chosen: each by its name, with its code, where names are known."""
    if isinstance(known, Mapping):
        zh = "、".join(f"{name.zh}（{code}）" for code, name in known.items())
        en = ", ".join(f"{name.en} ({code})" for code, name in known.items())
    else:
        codes: Sequence[str] = list(known)
        zh, en = "、".join(codes), ", ".join(codes)
    return replace(text, zh=text.zh.format(known=zh), en=text.en.format(known=en))


def filled(text: T, **values: str | Text) -> T:
    """Fill a text's places in both languages."""
    zh = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
    en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
    return replace(text, zh=text.zh.format(**zh), en=text.en.format(**en))


def day_after(doing: Doing, name: str, missing: Text) -> date:
    """Give a field that must be a day after today, in the district's own time; raises ``BadFields``."""
    day = doing.fields.get(name)
    if not isinstance(day, date) or day <= doing.timetable.day_of(doing.at):
        raise BadFields([FieldFault(name, missing)])
    return day
