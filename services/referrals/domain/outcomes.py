"""The outcomes a referral can be closed with, and what each must say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from services.referrals.domain.doing import filled, one_of
from services.referrals.domain.errors import BadFields, FieldFault, IllegalTransition, Rule
from services.referrals.domain.reasons import REFUSAL_REASONS
from services.referrals.domain.status import Status
from services.referrals.domain.transitions import possible_actions
from shared.details import DETAIL_TEXTS, fault_of_detail
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome: its words, the codes it needs whatever the programme, whether the leader must agree.

    ``usual`` are what it needs where a referral's own rules do not say, as they did not before they named them;
    ``may`` what it can always tell; ``withheld`` why no hand may choose it.
    """

    text: Text
    required: tuple[str, ...] = ()
    usual: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    by_leader: bool = False
    withheld: Rule | None = None


_GRANT = ("amount", "period")
OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "approved": Outcome(text=Text("同意", "Approved"), usual=_GRANT, may=_GRANT),
        "enrolled": Outcome(text=Text("已登记／已参保", "Enrolled")),
        "service-delivered": Outcome(text=Text("服务已提供", "Service delivered")),
        "waitlisted": Outcome(text=Text("轮候", "Waitlisted")),
        "refused": Outcome(text=Text("不予同意", "Refused"), required=("reason",), by_leader=True),
        "withdrawn": Outcome(text=Text("本人撤回", "Withdrawn")),
        # It ends somebody's aid against their will, as a refusal does, and is guarded like one.
        "terminated": Outcome(text=Text("终止", "Terminated"), required=("reason",), by_leader=True),
        "unreachable": Outcome(text=Text("无法联系", "Unreachable")),
        "lapsed": Outcome(
            text=Text("逾期未补正", "Lapsed"),
            withheld=Rule(
                "逾期未补正只能在多次提醒后由时限产生，不能手动办理。",
                "A referral lapses by its clock after reminders, never by hand.",
                id="outcome-not-available",
            ),
        ),
    }
)
GRANTING = frozenset({"approved", "enrolled", "service-delivered"})
"""Outcomes with which a person got what was asked for."""
ALWAYS = ("withdrawn", "unreachable")
"""Outcomes of every programme: whatever people asked for, they change their mind or cannot be found."""

DETAILS = ("amount", "period", "reason")
"""What an outcome tells in codes and numbers, and this service keeps; all else it tells is words, and goes sealed."""
WORDS_OF_CLOSING = ("note", "evidence")
_NEVER_A_DETAIL = frozenset({"outcome", "overdue_reason", *WORDS_OF_CLOSING, *DETAILS})

_MISSING: Mapping[str, Text] = MappingProxyType(
    {
        "amount": Text(
            "该结果请填写金额（元，没有金额填 0）。",
            "This outcome needs the amount in yuan; 0 if there is none.",
        ),
        "period": Text(
            "该结果请填写期限，如“每月”“一次性”“12个月”。",
            "This outcome needs its period, such as “monthly”, “once” or “12 months”.",
        ),
        "reason": one_of(
            Rule(
                "不予同意或终止请选择原因，可选：{known}。",
                "A refusal or termination needs its reason, one of: {known}.",
                id="refusal-reason-needed",
            ),
            REFUSAL_REASONS,
        ),
    }
)
_DETAIL_MISSING = Text(
    "该结果请填写“{detail}”（密封转给登记处）。", "This outcome needs “{detail}”; it goes sealed."
)
_OUTCOME_NEEDED = Text("请选择办结结果，可选：{known}。", "Choose an outcome, one of: {known}.")
_UNKNOWN = Rule(
    "该事项没有这一结果，可选：{known}。",
    "This programme has no such outcome; choose one of: {known}.",
    id="outcome-not-of-programme",
)
_NOT_OF_THIS_OUTCOME = Text("该结果不含此项，请删去。", "This outcome has no such field; leave it out.")


def choices(rules: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the outcomes a desk may choose by the rules a referral began with, the programme's own first."""
    own = (code for code in rules["outcomes"] if code in OUTCOMES and OUTCOMES[code].withheld is None)
    return tuple(dict.fromkeys((*own, *ALWAYS)))


def _named(rules: Mapping[str, Any]) -> dict[str, Text]:
    return {code: OUTCOMES[code].text for code in choices(rules)}


def asked(rules: Mapping[str, Any], code: str) -> tuple[str, ...]:
    """Name the fields an outcome needs by the rules a referral began with: codes and numbers, and details in words."""
    outcome = OUTCOMES[code]
    of_programme: Mapping[str, Any] | None = rules.get("asks")
    usual = outcome.usual if of_programme is None else of_programme.get(code, ())
    return tuple(dict.fromkeys((*usual, *outcome.required)))


def words_asked(rules: Mapping[str, Any], code: str) -> tuple[str, ...]:
    """Name the details in words that an outcome needs."""
    return tuple(name for name in asked(rules, code) if name not in DETAILS) if code in OUTCOMES else ()


def is_grant(code: object) -> bool:
    """Tell whether an outcome grants something that has a measure, such as an amount or a share."""
    outcome = OUTCOMES.get(str(code))
    return outcome is not None and bool(outcome.usual)


def words_needed(code: object, *, clinical: bool, own_key: bool) -> bool:
    """Tell whether closing with an outcome is refused without the words it asks for.

    They are not asked of an agency with a key of its own (``own_key``), which alone can seal them; nor, of a
    ``clinical`` leg, more than how it came out and what was granted: what a grant is worth, its person is to hear.
    """
    return not own_key and (not clinical or is_grant(code))


def details_in(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the details in words that were given."""
    return tuple(name for name in fields if name not in _NEVER_A_DETAIL and not _empty(fields, name))


def check_outcome(fields: Mapping[str, Any], status: Status, rules: Mapping[str, Any]) -> str:
    """Check what a referral is to be closed with and give the outcome's code; ``check_words`` looks at the words.

    Raises ``BadFields`` naming every field, or ``IllegalTransition`` for an outcome that exists but cannot be had yet.
    """
    code = fields.get("outcome")
    if code is None:
        raise BadFields([FieldFault("outcome", one_of(_OUTCOME_NEEDED, _named(rules)))])
    outcome = OUTCOMES.get(str(code))
    if outcome is not None and outcome.withheld is not None:
        raise IllegalTransition("close", status, possible_actions(status, accepted=True), outcome.withheld)
    if outcome is None or code not in choices(rules):
        raise BadFields([FieldFault("outcome", one_of(_UNKNOWN, _named(rules)))])
    needed = asked(rules, str(code))
    faults = [FieldFault(name, _MISSING[name]) for name in DETAILS if name in needed and _empty(fields, name)]
    faults += [
        FieldFault(name, _NOT_OF_THIS_OUTCOME)
        for name in DETAILS
        if name not in needed and name not in outcome.may and not _empty(fields, name)
    ]
    if not faults and outcome.by_leader and fields["reason"] not in REFUSAL_REASONS:
        faults.append(FieldFault("reason", _MISSING["reason"]))
    if faults:
        raise BadFields(faults)
    return str(code)


def check_words(
    fields: Mapping[str, Any],
    rules: Mapping[str, Any],
    *,
    complete: bool = True,
    choices: Mapping[str, Mapping[str, Text]] = MappingProxyType({}),
) -> None:
    """Check the details of an outcome that are words: those it needs, unless not ``complete``, no others, fitting ones.

    Words are not complete where nobody here may write them: they stand on a slip, or in the agency's own system. What
    is told the usual way, a grant by amount and period, says enough without them. ``choices`` are the options of
    details that are chosen. Raises ``BadFields``.
    """
    code = str(fields.get("outcome"))
    needed = words_asked(rules, code)
    given = details_in(fields)
    usual = OUTCOMES[code].usual if code in OUTCOMES else ()
    complete = complete and not (usual and all(not _empty(fields, name) for name in usual))
    faults = [
        FieldFault(name, filled(_DETAIL_MISSING, detail=DETAIL_TEXTS.get(name, Text(name, name))))
        for name in needed
        if complete and name not in given
    ]
    if rules.get("asks") != {}:
        # Rules of several programmes at once say nothing of details: whoever may not tell them apart takes any.
        faults += [FieldFault(name, _NOT_OF_THIS_OUTCOME) for name in given if name not in needed]
    told = {fault.field for fault in faults}
    wrong = {
        name: fault_of_detail(name, fields[name], choices.get(name)) for name in given if name not in told
    }
    faults += [FieldFault(name, text) for name, text in wrong.items() if text is not None]
    if faults:
        raise BadFields(faults)


def _empty(fields: Mapping[str, Any], name: str) -> bool:
    return fields.get(name) in (None, "")
