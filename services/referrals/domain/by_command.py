"""Actions that nobody takes by hand, and what to tell whoever tries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.referrals.domain.errors import Rule
from shared.text import Text

_ELSEWHERE = Text("请在原登记处操作。", "Please ask the desk that filed the request.")


def _by_desk(zh: str, en: str) -> Rule:
    return _not_here(f"{zh}{_ELSEWHERE.zh}", f"{en} {_ELSEWHERE.en}")


def _not_here(zh: str, en: str) -> Rule:
    return Rule(zh, en, id="not-by-hand")


BY_COMMAND: Mapping[str, Rule] = MappingProxyType(
    {
        "issue": _not_here(
            "转介由系统在收到申请时送达，不在此处操作。",
            "A referral is issued when its request arrives, not here.",
        ),
        "cancel": _by_desk("撤销由登记窗口提出，", "Cancelling starts at the desk that filed the request."),
        "documents-supplied": _by_desk(
            "补正材料由登记窗口提交，", "Papers are supplied through the desk that filed the request."
        ),
        "complete-return": _not_here(
            "接续单位的转介送达时，退回自动完成。",
            "A return completes by itself when the other agency's referral is issued.",
        ),
        "complete-transfer": _not_here(
            "接续单位的转介送达时，转办自动完成。",
            "A transfer completes by itself when the other agency's referral is issued.",
        ),
        "refuse-transfer": _by_desk(
            "是否转办由登记窗口核对同意后决定，", "The desk that took the consent decides on a transfer."
        ),
        "lapse": _not_here(
            "逾期未补正由时限产生，不能手动操作。",
            "A referral lapses by its clock after reminders, never by hand.",
        ),
    }
)
"""Actions that reach this service only as messages or by the clock, and what to tell whoever tries them here."""
