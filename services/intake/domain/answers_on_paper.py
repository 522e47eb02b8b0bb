"""What an agency may have answered on paper to a leg: the fields each of its decisions takes, by the leg's rules."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from services.intake.domain.errors import Fault, InvalidFiling
from shared.clock import ClockRule, deadline, is_span_of_time
from shared.details import fault_of_detail
from shared.text import Text, is_blank, listed

if TYPE_CHECKING:
    from shared.directory import District

WORDS = ("note", "evidence")
"""What an answer on paper says in words: it is kept at the desk and goes nowhere."""
_GRANT = ("amount", "period")
_AGAINST = frozenset({"refused", "terminated"})
_CLOCKS_OWN = "lapsed"
_ALWAYS = ("withdrawn", "unreachable")

RETURN_REASONS = (
    *("not-our-duty", "registered-elsewhere", "duplicate", "person-declines", "already-granted"),
    *("not-found", "other"),
)
TRANSFER_REASONS = ("other-agency-in-charge", "needs-other-help", "moved-away")
SUSPEND_REASONS = ("hearing", "other-decision", "person-unavailable", "emergency")
REFUSAL_REASONS = (
    *("income-above-limit", "property-above-limit", "criteria-not-met", "check-not-authorised"),
    *("false-statement", "other"),
)
ACKNOWLEDGES_WITHDRAWAL = "acknowledge-withdrawal"
"""What an agency answers when consent was taken back from it: no decision, and it rests on no consent."""
KEEPING_GROUNDS = ("statutory-duty", "retention-law", "deleted")
OVERDUE_REASONS = ("survey-difficult", "waiting-for-data", "staff-short", "person-unavailable", "other")
LARGEST_AMOUNT = 100_000_000
LONGEST_PERIOD = 40

NO_SUCH_FIELD = Text("这一决定没有此项，请删去。", "This decision takes no such field; leave it out.")
NOT_ONE_OF = Text("请选择书面答复所写的一项：{known}。", "Choose what the paper says, one of: {known}.")
NO_DAY = Text("请填写今天之后的日期，如 2026-12-01。", "Give a day after today, such as 2026-12-01.")
REVIEW_TOO_LATE = Text("复查日期最晚为 {latest}。", "The latest day of review is {latest}.")
NO_NOTE = Text(
    "请照书面答复填写缺什么、为什么（留在本窗口）。",
    "Say what is missing and why, as the paper does; it stays at this desk.",
)
NO_AMOUNT = Text(
    "请填写金额（元），在 0 与 1 亿元之间，最多两位小数；没有金额填 0。",
    "Give the amount in yuan, from 0 to 100 million with at most two decimals; 0 if there is none.",
)
NO_PERIOD = Text(
    "请填写期限，只用数字、日期和表示时间的词，如“每月”“一次性”“12个月”。",
    "Give the period in numbers, dates and words of time alone, such as “monthly”, “once” or “12 months”.",
)
NOTHING_SAID = Text("不能只填空格。", "Must not be blank: say something, or leave it out.")
OTHER_AGENCY = Text("请选择另一个单位：{known}。", "Choose another agency, one of: {known}.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """The leg that was answered: its ``rules``, the other agencies with their names, and the present day.

    ``review_by`` is the latest day on which work that was suspended today may be looked at again.
    ``choices`` are the options of the outcome's details that are chosen.
    ``programmes`` are those of each agency that may be named to it: what a clinical one is called goes nowhere.
    """

    rules: Mapping[str, Any]
    others: Mapping[str, Text]
    today: date
    review_by: date
    programmes: Mapping[str, Collection[str]]
    choices: Mapping[str, Mapping[str, Text]]


_LONGEST_SUSPENSION: ClockRule = {"unit": "calendar_day", "total": 90}
"""Where the district has no limit for it; as the agency's side counts it then."""


def latest_review(district: District, at: datetime) -> date:
    """Give the latest day of review that a suspension taken down at ``at`` may name."""
    rule = district.limits.get("suspension", _LONGEST_SUSPENSION)
    return deadline(rule, at, district.calendar, district.timezone).due_on


def told_outside(district: District) -> dict[str, list[str]]:
    """Name the programmes by agency that an answer may name: of clinical ones nobody outside hears."""
    named: dict[str, list[str]] = {}
    for programme in district.programmes.values():
        if programme.offered and not programme.clinical:
            named.setdefault(programme.agency, []).append(programme.id)
    return named


_CODES_OF_CLOSING = frozenset({"outcome", "amount", "period", "reason", "overdue_reason"})


def words_in(action: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Pick out what is said in words and stays at the desk: a note, an outcome's details such as the employer."""
    return {
        name: value
        for name, value in given.items()
        if value not in (None, "")
        and (name in WORDS or (action == "close" and name not in _CODES_OF_CLOSING))
    }


Check = Callable[[Answering, Mapping[str, Any]], Iterator[Fault]]


def require_fitting(action: str, given: Mapping[str, Any], leg: Answering) -> None:
    """Object at once to what the leg's agency could not have decided so; what only its state shows comes later.

    Raises:
        InvalidFiling: naming every field as ``fields.<name>``.
    """
    takes, check = _TAKES.get(action), _CHECKS.get(action)
    names = {*takes(leg, given), *WORDS} if takes is not None else given.keys()
    faults = [Fault(f"fields.{name}", NO_SUCH_FIELD) for name in given if name not in names]
    found = [*check(leg, given)] if check is not None else []
    found += [Fault(f"fields.{name}", NOTHING_SAID) for name, value in given.items() if _says_nothing(value)]
    for fault in found:
        if all(fault.field != known.field for known in faults):
            faults.append(fault)
    if faults:
        raise InvalidFiling(faults)


def _says_nothing(value: object) -> bool:
    return isinstance(value, str) and is_blank(value)


def _outcomes(leg: Answering) -> list[str]:
    return [code for code in dict.fromkeys((*leg.rules["outcomes"], *_ALWAYS)) if code != _CLOCKS_OWN]


def _asked(leg: Answering, outcome: object) -> tuple[str, ...]:
    return tuple((leg.rules.get("asks") or {}).get(outcome, ()))


def _of_closing(leg: Answering, given: Mapping[str, Any]) -> tuple[str, ...]:
    outcome = given.get("outcome")
    if outcome not in _outcomes(leg):
        return tuple(given)  # the outcome is what is wrong
    reason = ("reason",) if outcome in _AGAINST else ()
    return (
        "outcome",
        "overdue_reason",
        *_asked(leg, outcome),
        *reason,
        *(_GRANT if outcome == "approved" else ()),
    )


def _closing(leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    outcome = given.get("outcome")
    if outcome not in _outcomes(leg):
        yield _not_one_of("outcome", _outcomes(leg))
        return
    needed = {*_asked(leg, outcome), *(("reason",) if outcome in _AGAINST else ())}
    amount, period = given.get("amount"), given.get("period")
    if not _is_amount(amount) and ("amount" in needed or amount not in (None, "")):
        yield Fault("fields.amount", NO_AMOUNT)
    if not _is_period(period) and ("period" in needed or period not in (None, "")):
        yield Fault("fields.period", NO_PERIOD)
    for name, known in (("reason", REFUSAL_REASONS), ("overdue_reason", OVERDUE_REASONS)):
        if (name in needed or given.get(name) not in (None, "")) and given.get(name) not in known:
            yield _not_one_of(name, known)
    for name, value in given.items():
        wrong = None if value in (None, "") else fault_of_detail(name, value, leg.choices.get(name))
        if wrong is not None:
            yield Fault(f"fields.{name}", wrong)


def _is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return False
    return amount.is_finite() and 0 <= amount <= LARGEST_AMOUNT and amount == round(amount, 2)


def _is_period(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return len(str(value)) <= LONGEST_PERIOD and is_span_of_time(str(value))


def _papers(leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    wanted = given.get("papers")
    known: list[str] = leg.rules["papers"]
    if not isinstance(wanted, list) or not wanted or any(paper not in known for paper in wanted):
        yield _not_one_of("papers", known)
    if is_blank(str(given.get("note") or "")):
        yield Fault("fields.note", NO_NOTE)


def _step(leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    known: list[str] = leg.rules["steps"]
    if given.get("step") is not None and given["step"] not in known:
        yield _not_one_of("step", known) if known else Fault("fields.step", NO_SUCH_FIELD)


def _named_step(leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    if given.get("step") is None:
        yield _not_one_of("step", leg.rules["steps"])
    yield from _step(leg, given)


def _suspending(leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _coded(given, SUSPEND_REASONS)
    try:
        review_on = date.fromisoformat(str(given.get("review_on")))
    except ValueError:
        yield Fault("fields.review_on", NO_DAY)
    else:
        if review_on <= leg.today:
            yield Fault("fields.review_on", NO_DAY)
        elif review_on > leg.review_by:
            yield Fault("fields.review_on", REVIEW_TOO_LATE.format(latest=leg.review_by.isoformat()))


def _returning(_leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _coded(given, RETURN_REASONS)


def _handing_on(leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    yield from _coded(given, TRANSFER_REASONS)
    agency, programme = str(given.get("to_agency")), given.get("to_programme")
    if agency not in leg.others:
        zh = "、".join(f"{name.zh}（{agency}）" for agency, name in leg.others.items())
        en = ", ".join(f"{name.en} ({agency})" for agency, name in leg.others.items())
        yield Fault("fields.to_agency", OTHER_AGENCY.format(known=Text(zh, en)))
    elif programme not in (None, "", *(theirs := leg.programmes.get(agency, ()))):
        yield _not_one_of("to_programme", theirs) if theirs else Fault("fields.to_programme", NO_SUCH_FIELD)


def _keeping(_leg: Answering, given: Mapping[str, Any]) -> Iterator[Fault]:
    if given.get("ground") not in KEEPING_GROUNDS:
        yield _not_one_of("ground", KEEPING_GROUNDS)


def _coded(given: Mapping[str, Any], known: Collection[str]) -> Iterator[Fault]:
    if given.get("reason") not in known:
        yield _not_one_of("reason", known)


def _not_one_of(name: str, known: Collection[str]) -> Fault:
    return Fault(f"fields.{name}", _listed(NOT_ONE_OF, known))


def _listed(text: Text, known: Collection[str]) -> Text:
    return text.format(known=listed(Text(each, each) for each in known))


def _only(*names: str) -> Callable[[Answering, Mapping[str, Any]], tuple[str, ...]]:
    return lambda _leg, _given: names


_TAKES: Mapping[str, Callable[[Answering, Mapping[str, Any]], tuple[str, ...]]] = MappingProxyType(
    {
        "acknowledge": _only(),
        "accept": _only(),
        "request-documents": _only("papers"),
        "start": _only("step"),
        "step": _only("step"),
        "suspend": _only("reason", "review_on"),
        "resume": _only(),
        "propose-return": _only("reason"),
        "propose-transfer": _only("reason", "to_agency", "to_programme"),
        "close": _of_closing,
        ACKNOWLEDGES_WITHDRAWAL: _only("ground"),
    }
)
"""Decision → the fields it takes beside the words."""
_CHECKS: Mapping[str, Check] = MappingProxyType(
    {
        "request-documents": _papers,
        "start": _step,
        "step": _named_step,
        "suspend": _suspending,
        "propose-return": _returning,
        "propose-transfer": _handing_on,
        "close": _closing,
        ACKNOWLEDGES_WITHDRAWAL: _keeping,
    }
)
"""Decision → what can be wrong with its fields."""
