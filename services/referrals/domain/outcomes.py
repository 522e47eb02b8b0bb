"""The outcomes a referral can be closed with, and what each must say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from services.referrals.domain.errors import BadFields, FieldFault, IllegalTransition
from services.referrals.domain.reasons import REFUSAL_REASONS
from services.referrals.domain.status import Status
from services.referrals.domain.transitions import possible_actions
from shared.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One outcome: its words, the fields it needs, whether the leader must agree, and why no hand may choose it."""

    text: Text
    required: tuple[str, ...] = ()
    by_leader: bool = False
    withheld: Text | None = None


OUTCOMES: Mapping[str, Outcome] = MappingProxyType(
    {
        "approved": Outcome(text=Text("同意", "Approved"), required=("amount", "period")),
        "enrolled": Outcome(text=Text("已登记／已参保", "Enrolled")),
        "service-delivered": Outcome(text=Text("服务已提供", "Service delivered")),
        "waitlisted": Outcome(text=Text("轮候", "Waitlisted")),
        "refused": Outcome(text=Text("不予同意", "Refused"), required=("reason",), by_leader=True),
        "withdrawn": Outcome(text=Text("本人撤回", "Withdrawn")),
        "terminated": Outcome(text=Text("终止", "Terminated")),
        "unreachable": Outcome(text=Text("无法联系", "Unreachable")),
        "lapsed": Outcome(
            text=Text("逾期未补正", "Lapsed"),
            withheld=Text(
                "逾期未补正只能在多次提醒后由时限产生，不能手动办理。",
                "A referral lapses by its clock after reminders, never by hand.",
            ),
        ),
    }
)

DETAILS = ("amount", "period", "reason")

_MISSING: Mapping[str, Text] = MappingProxyType(
    {
        "outcome": Text("请选择办结结果。", "Choose an outcome."),
        "amount": Text(
            "结果为“同意”时请填写金额（元，没有金额填 0）。",
            "An approval needs the amount in yuan; 0 if there is none.",
        ),
        "period": Text(
            "结果为“同意”时请填写期限，如“每月”“一次性”“12个月”。",
            "An approval needs its period, such as “monthly”, “once” or “12 months”.",
        ),
        "reason": Text(
            f"请选择不予同意的原因，可选：{'、'.join(REFUSAL_REASONS)}。",
            f"A refusal needs its reason, one of: {', '.join(REFUSAL_REASONS)}.",
        ),
    }
)
_HAD = [code for code, outcome in OUTCOMES.items() if outcome.withheld is None]
_UNKNOWN = Text(
    f"没有这一结果，可选：{'、'.join(_HAD)}。",
    f"There is no such outcome; choose one of: {', '.join(_HAD)}.",
)
_NOT_OF_THIS_OUTCOME = Text("该结果不含此项，请删去。", "This outcome has no such field; leave it out.")


def check_outcome(fields: Mapping[str, object], status: Status) -> str:
    """Check what a referral is to be closed with and give the outcome's code.

    Raises ``BadFields`` naming every field, or ``IllegalTransition`` for an outcome that exists but cannot be had yet.
    """
    code = fields.get("outcome")
    if code is None:
        raise BadFields([FieldFault("outcome", _MISSING["outcome"])])
    outcome = OUTCOMES.get(str(code))
    if outcome is None:
        raise BadFields([FieldFault("outcome", _UNKNOWN)])
    if outcome.withheld is not None:
        raise IllegalTransition("close", status, possible_actions(status, accepted=True), outcome.withheld)
    faults = [FieldFault(name, _MISSING[name]) for name in outcome.required if fields.get(name) in (None, "")]
    faults += [
        FieldFault(name, _NOT_OF_THIS_OUTCOME)
        for name in DETAILS
        if name not in outcome.required and fields.get(name) not in (None, "")
    ]
    if not faults and outcome.by_leader and fields["reason"] not in REFUSAL_REASONS:
        faults.append(FieldFault("reason", _MISSING["reason"]))
    if faults:
        raise BadFields(faults)
    return str(code)


def choices(usual: Sequence[str]) -> tuple[str, ...]:
    """Name the outcomes a desk may choose, those usual for the programme first.

    None is barred by the programme: people withdraw, wait or are helped in another way whatever they asked for.
    """
    return tuple(sorted(_HAD, key=lambda code: code not in usual))
