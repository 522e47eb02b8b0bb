"""The reason codes of a referral's life: codes cross every border, words never do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

RETURN_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "not-our-duty": Text("非本部门职责", "Not this agency's duty"),
        "registered-elsewhere": Text("户籍不在本区", "Registered in another district"),
        "duplicate": Text("重复转介", "Referred twice"),
        "person-declines": Text("本人不同意", "The person does not want it"),
        "already-granted": Text("已享受该待遇", "Already granted"),
        "not-found": Text("查无此人或失联", "Unknown or out of reach"),
        "other": Text("其他", "Other"),
    }
)
"""Why an agency sends a referral back. Papers that are missing are asked for instead."""

KEEP_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "is-their-duty": Text("属于该单位职责", "It is that agency's duty"),
        "reason-not-shown": Text("退回理由不充分", "The reason is not shown"),
        "too-late": Text("超过退回时限", "Too late to send it back"),
    }
)
"""Why the coordinator leaves a referral with its agency."""

SUCCESSOR_REFUSALS: Mapping[str, Text] = MappingProxyType(
    {
        "no-consent": Text("未取得本人同意", "No consent was given"),
        "person-declines": Text("本人不同意", "The person does not want it"),
        "no-programme-fits": Text("没有合适的项目", "No programme fits"),
        "cannot-be-added": Text("该项目目前不能增加", "That programme cannot be added now"),
        "request-ended": Text("该申请已结束", "The request has ended"),
        "withdrawal-under-way": Text("本人已要求撤回", "The person has asked to withdraw"),
        "other": Text("其他", "Other"),
    }
)
"""Why the help desk makes no successor, as the coordinator reads it who has to decide again."""

TRANSFER_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "other-agency-in-charge": Text("应由其他单位办理", "Another agency is in charge"),
        "needs-other-help": Text("需要其他帮扶", "Other help is needed"),
        "moved-away": Text("服务对象已搬离", "The person has moved"),
    }
)

SUSPEND_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "hearing": Text("等待听证、鉴定或评估", "A hearing or appraisal is awaited"),
        "other-decision": Text("等待其他部门的决定", "Another office's decision is awaited"),
        "person-unavailable": Text("本人暂时无法配合", "The person cannot take part for a time"),
        "emergency": Text("突发情况", "An emergency"),
    }
)
"""After 行政许可法 Art. 45: hearings and appraisals do not count."""

EXTEND_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "special-case": Text("情况特殊", "A special case"),
        "survey-difficult": Text("调查核实困难", "The survey is difficult"),
        "waiting-for-data": Text("等待核对结果", "Data checks are awaited"),
    }
)

REFUSAL_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "income-above-limit": Text("收入超过标准", "Income above the limit"),
        "property-above-limit": Text("财产超过标准", "Property above the limit"),
        "criteria-not-met": Text("不符合条件", "Criteria not met"),
        "check-not-authorised": Text("未授权核对", "Data check not authorised"),
        "false-statement": Text("情况不实", "Facts not as stated"),
        "other": Text("其他", "Other"),
    }
)

DECLINE_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "evidence-missing": Text("依据不足", "Evidence is missing"),
        "not-needed": Text("无此必要", "It is not needed"),
        "wrong-choice": Text("应作其他处理", "It should be settled otherwise"),
        "taken-back": Text("申请人撤回", "Taken back by who asked"),
    }
)
"""Why a leader declines what was put to them, or why it was taken back."""

PLACE_FREE = "place-free"
REOPEN_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "papers-after-lapse": Text("逾期后补交材料", "Papers came after it lapsed"),
        "appeal": Text("异议或复议", "Objection or review"),
        "error": Text("办结有误", "Closed in error"),
        "reached-again": Text("重新取得联系", "Reached again"),
        PLACE_FREE: Text("轮候到位", "A place has come free"),
    }
)

OVERDUE_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "survey-difficult": Text("调查核实困难", "The survey is difficult"),
        "waiting-for-data": Text("等待核对结果", "Data checks are awaited"),
        "staff-short": Text("人手不足", "Short of staff"),
        "person-unavailable": Text("本人暂时无法配合", "The person could not take part"),
        "other": Text("其他", "Other"),
    }
)

HANDOVER_REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "leaves": Text("离岗", "Leaves the agency"),
        "other-post": Text("调整岗位", "Takes another post"),
        "leave": Text("休假", "On leave"),
        "workload": Text("调整工作量", "Work is shared out anew"),
    }
)
"""Why all that an officer has in hand goes to a colleague."""
FOR_A_TIME = frozenset({"leave"})
"""Those of whoever comes back: what they have in hand is lent until a day, never given away."""
FOR_GOOD = frozenset({"leaves", "other-post"})
"""Those of whoever does not come back: what was lent would fall back to somebody who is not there."""

KEEPING_GROUNDS: Mapping[str, Text] = MappingProxyType(
    {
        "statutory-duty": Text("履行法定职责", "A statutory duty"),
        "retention-law": Text("法定保存期限", "A retention period set by law"),
        "deleted": Text("已删除", "What was held has been deleted"),
    }
)
"""On what ground of its own an agency keeps data after consent has ended (个人信息保护法 Art. 13, 47)."""
