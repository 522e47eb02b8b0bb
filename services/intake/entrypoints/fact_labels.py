"""What everything that can have happened to a request or a leg is called, and every code that is told with it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.intake.domain import changes, follow_up, rights, street_check
from services.intake.domain.request import REASONS as WITHDRAWALS
from services.intake.entrypoints.labels import CANCEL_REFUSAL, OUTCOME
from shared.text import Text

_ASKED: Mapping[str, Text] = {
    "supply": Text("补送材料", "papers supplied"),
    "reseal": Text("发送更正后的资料", "corrected data sent"),
    "freeze": Text("冻结资料", "data frozen"),
    "unfreeze": Text("解除冻结", "data used again"),
    "reopen": Text("重新办理", "worked on again"),
    "more-time": Text("延长补正时间", "more time for papers"),
    "message": Text("给单位留言", "message to the agency"),
    "rate": Text("登记评价", "rating"),
    "record": Text("代录书面答复", "answer on paper taken down"),
    "cancel": Text("撤回", "withdrawal"),
}
"""What the desk can ask of a leg, by verb; each is asked for and then done or refused."""

_ENDINGS: Mapping[str, Text] = {
    "requested": Text("{what}：已提出", "Asked for: {what}"),
    "done": Text("{what}：已完成", "Done: {what}"),
    "refused": Text("{what}：未能完成", "Refused: {what}"),
}

FACTS: Mapping[str, Text] = MappingProxyType(
    {
        # The request as a whole.
        "submitted": Text("提交申请", "Request filed"),
        "approved": Text("街道核对通过", "Approved by the street"),
        "sent-back": Text("街道退回补充", "Sent back by the street"),
        "submitted-again": Text("重新提交申请", "Submitted again"),
        "corrected": Text("更正资料", "Data put right"),
        "moved": Text("移交其他登记单位", "Moved to another desk"),
        "merged": Text("并入另一件申请", "Merged into another request"),
        "merged-from": Text("另一件申请并入", "Another request was merged into it"),
        "consent-recorded": Text("登记同意", "Consent recorded"),
        "consent-withdrawn": Text("本人撤回同意", "Consent withdrawn"),
        "consent-refused": Text("本人不同意提供信息", "Consent refused"),
        "contact-consent-recorded": Text("登记本人接收通知的同意", "Consent to being told of news recorded"),
        "contact-consent-withdrawn": Text("本人不再接收通知", "The person wishes to be told no more"),
        "household-linked": Text("关联家庭成员", "Household linked"),
        "erasure-asked": Text("本人要求删除资料", "The person has asked for erasure"),
        "erasure-approved": Text("同意删除资料", "Erasure approved"),
        "erasure-declined": Text("未同意删除资料", "Erasure declined"),
        "person-erased": Text("本人资料已删除", "The person's data have been erased"),
        "erasure-answered": Text("单位已答复是否删除", "The agency has said whether it deleted"),
        "objected": Text("本人提出异议", "The person has objected"),
        "objection-answered": Text("异议已答复", "An objection has been answered"),
        "content-removed": Text("保存期满，内容已删除", "Content removed, its time being over"),
        "paper-added": Text("收到材料", "Paper added"),
        "papers-reused": Text("沿用已有材料", "Papers used again"),
        "paper-removed": Text("删除材料", "Paper removed"),
        "followed-up": Text("回访", "Followed up"),
        "call-tried": Text("回访未联系到本人", "Follow-up call: not reached"),
        # A leg that goes on at another agency.
        "reissue-requested": Text("须由其他单位接续", "To go on at another agency"),
        "reissue-done": Text("已由其他单位接续", "It goes on at another agency"),
        "reissue-refused": Text("未能由其他单位接续", "It does not go on at another agency"),
        # One leg, as its agency, the coordinator or time has moved it on.
        "planned": Text("等待街道核对", "Waits for the street's check"),
        "issued": Text("已送达，等待签收", "Delivered to the agency"),
        "acknowledged": Text("签收", "Acknowledged"),
        "accepted": Text("受理", "Accepted"),
        "documents-requested": Text("要求补正材料", "Papers asked for"),
        "documents-supplied": Text("材料已补齐", "Papers supplied"),
        "step-recorded": Text("办理进展", "Step recorded"),
        "suspended": Text("中止办理", "Suspended"),
        "resumed": Text("恢复办理", "Resumed"),
        "extended": Text("延长期限", "More time for the agency"),
        "return-proposed": Text("单位提出退回", "Return proposed"),
        "return-refused": Text("未同意退回，仍由原单位办理", "Not returned: it stays with the agency"),
        "returned": Text("已退回", "Returned"),
        "transfer-proposed": Text("单位提出转办", "Transfer proposed"),
        "transfer-refused": Text("未转办，仍由原单位办理", "Not transferred: it stays with the agency"),
        "transferred": Text("已转其他单位", "Transferred to another agency"),
        "closed": Text("办结", "Closed"),
        "reopened": Text("重新办理", "Worked on again"),
        "cancelled": Text("撤销", "Cancelled"),
        "due-moved": Text("因节假日安排调整期限", "The due day moved with the calendar"),
        "resealed": Text("资料已重新送达单位", "The agency has the data as they are now"),
        "frozen": Text("资料冻结", "Data frozen"),
        "unfrozen": Text("资料解除冻结", "Data may be used again"),
        "withdrawal-asked": Text("已告知单位本人要求撤回", "The agency was told of the wish to withdraw"),
        "line-left": Text("不再轮候", "No longer on the waiting list"),
        "withdrawal-acknowledged": Text(
            "单位已说明保存依据", "The agency has named its ground for what it keeps"
        ),
        "opened": Text("单位查看资料", "Opened by the agency"),
        "erased": Text("已要求删除本人资料", "The person's data are deleted or asked to be"),
        "approval-requested": Text("单位提请领导审批", "Put to the agency's leader"),
        "approval-settled": Text("领导审批已有结果", "Settled by the agency's leader"),
        "reminded": Text("期限提醒", "Reminder"),
        "claimed": Text("经办人领办", "An officer has taken it on"),
        "assigned": Text("指定经办人", "Given to an officer"),
        "reassigned": Text("更换经办人", "Given to another officer"),
        "delegated": Text("由他人代办", "Somebody stands in for the officer"),
        "urged": Text("催办", "Urged"),
        "supervised": Text("督办", "Supervision notice"),
        "noted": Text("单位内部备注", "Note within the agency"),
        "messaged": Text("留言", "Message"),
        "appointment-made": Text("约定时间", "Appointment"),
        "recorded-on-behalf": Text("代录单位的书面答复", "The agency's answer on paper taken down"),
        "rated": Text("评价", "Rated"),
        **{
            f"{verb}-{ending}": words.format(what=what)
            for verb, what in _ASKED.items()
            for ending, words in _ENDINGS.items()
        },
    }
)
"""Every fact there is. What is newer than this release is told as ``UNKNOWN_FACT``, never by its code."""
UNKNOWN_FACT = Text("有新的情况", "Something has happened")
UNKNOWN_CODE = Text("其他", "Something else")

DELAY_EXPLAINED = Text("单位说明超期原因", "The agency has said why it is late")
NOTHING_KEPT = Text("单位答复已删除所持有的资料", "The agency has answered that it deleted what it held")
DECIDED_ANEW = Text("退回由协调员重新决定", "The coordinator decides anew on the return")
TO_DESK = Text("本窗口的留言已送达单位", "The agency has the desk's message")
FROM_AGENCY = Text("单位留言", "Message from the agency")
MESSAGED: Mapping[str, Text] = MappingProxyType({"desk": TO_DESK, "intake-desk": FROM_AGENCY})
"""By the side it was sent to, what a message is called."""

LEVELS: Mapping[str, Text] = MappingProxyType(
    {
        "blue": Text("蓝色督办提醒", "blue supervision notice"),
        "yellow": Text("黄色督办通知", "yellow supervision notice"),
        "red": Text("红色督办单", "red supervision notice"),
    }
)

REASONS: Mapping[str, Text] = MappingProxyType(
    {
        # Asked for here, and refused.
        **CANCEL_REFUSAL,
        "new-key": Text("更换密钥，内容未变", "Sealed with another key, nothing else is new"),
        "frozen": Text("资料已冻结", "The data are frozen"),
        "already-frozen": Text("资料此前已冻结", "The data were frozen already"),
        "not-issued": Text("尚未送达单位", "It has not been issued yet"),
        "already-done": Text("已经登记过，不必再登记", "It has been done already"),
        "not-possible-now": Text("目前状态不能办理", "Not possible as it stands now"),
        "papers-not-awaited": Text("单位不在等待材料", "The agency awaits no papers"),
        "papers-missing": Text("材料不齐", "Papers are missing"),
        "not-closed": Text("尚未办结", "It is not closed"),
        "nothing-to-appeal": Text("该结果不可提出异议", "There is nothing to object to"),
        "appeal-too-late": Text("已超过60日的异议期限", "The 60 days for objecting are over"),
        "coordinator-decides": Text("须由协调员决定", "The coordinator has to decide"),
        "only-on-objection": Text(
            "只能以本人提出异议（appeal）为由重新办理",
            "It is worked on again on an objection of the person only (appeal)",
        ),
        "already-rated": Text("已经评价过", "It was rated already"),
        "already-extended": Text("已延长过一次", "It was extended once already"),
        "person-erased": Text("本人资料已删除", "The person's data have been erased"),
        "no-place-left": Text("没有空余名额", "There is no place left"),
        "waits-for-approval": Text("正在等待领导审批", "It waits for the leader"),
        "bad-fields": Text("填写内容不符合要求", "What was filled in does not fit"),
        "too-late": Text("已超过时限", "Too late"),
        "not-yet": Text(
            "尚未到时间（公示未期满），过了所列日期再登记",
            "Too early, for the public notice still hangs: take it down after the day named here",
        ),
        "slip-spent": Text("该扫描件已用于登记另一项答复", "Another answer was taken down by this scan"),
        # Why there is no successor, and why one is dropped.
        "no-consent": Text("未取得本人同意", "No consent was given"),
        "person-declines": Text("本人不同意", "The person does not want it"),
        "no-programme-fits": Text("没有合适的项目", "No programme fits"),
        "not-needed": Text("已无必要", "It is not needed"),
        "cannot-be-added": Text("该项目目前不能增加", "That programme cannot be added now"),
        "request-ended": Text("该申请已结束", "The request has ended"),
        "withdrawal-under-way": Text("本人已要求撤回", "The person has asked to withdraw"),
        # What agencies, their leaders and the coordinator say.
        "not-our-duty": Text("非本部门职责", "Not this agency's duty"),
        "registered-elsewhere": Text("户籍不在本区", "Registered in another district"),
        "already-granted": Text("已享受该待遇", "Already granted"),
        "not-found": Text("查无此人或失联", "Unknown or out of reach"),
        "is-their-duty": Text("属于该单位职责", "It is that agency's duty"),
        "reason-not-shown": Text("退回理由不充分", "The reason is not shown"),
        "other-agency-in-charge": Text("应由其他单位办理", "Another agency is in charge"),
        "needs-other-help": Text("需要其他帮扶", "Other help is needed"),
        "moved-away": Text("服务对象已搬离", "The person has moved"),
        "hearing": Text("等待听证、鉴定或评估", "A hearing or appraisal is awaited"),
        "other-decision": Text("等待其他部门的决定", "Another office's decision is awaited"),
        "person-unavailable": Text("本人暂时无法配合", "The person cannot take part for a time"),
        "emergency": Text("突发情况", "An emergency"),
        "special-case": Text("情况特殊", "A special case"),
        "survey-difficult": Text("调查核实困难", "The survey is difficult"),
        "waiting-for-data": Text("等待核对结果", "Data checks are awaited"),
        "staff-short": Text("人手不足", "Short of staff"),
        "income-above-limit": Text("收入超过标准", "Income above the limit"),
        "property-above-limit": Text("财产超过标准", "Property above the limit"),
        "criteria-not-met": Text("不符合条件", "Criteria not met"),
        "check-not-authorised": Text("未授权核对", "Data check not authorised"),
        "false-statement": Text("情况不实", "Facts not as stated"),
        "evidence-missing": Text("依据不足", "Evidence is missing"),
        "wrong-choice": Text("应作其他处理", "It should be settled otherwise"),
        "taken-back": Text("申请人撤回", "Taken back by who asked"),
        "papers-after-lapse": Text("逾期后补交材料", "Papers came after it lapsed"),
        "appeal": Text("异议或复议", "Objection or review"),
        "error": Text("办结有误", "Closed in error"),
        "reached-again": Text("重新取得联系", "Reached again"),
        "place-free": Text("轮候到位", "A place has come free"),
        "other": UNKNOWN_CODE,
        # What is decided here.
        **rights.ERASURE_REASONS,
        **rights.DECLINED,
        **changes.MOVE_REASONS,
        **{code: text for code, text in street_check.REASONS.items() if code != street_check.OTHER},
        **WITHDRAWALS,
    }
)

DELETED = "deleted"
"""The ground of an agency that keeps nothing."""
GROUNDS: Mapping[str, Text] = MappingProxyType(
    {
        "statutory-duty": Text("履行法定职责", "A statutory duty"),
        "retention-law": Text("法定保存期限", "A retention period set by law"),
        DELETED: Text("已删除", "What was held has been deleted"),
    }
)

ACTIONS: Mapping[str, Text] = MappingProxyType(
    {
        "acknowledge": Text("签收", "Acknowledged"),
        "accept": Text("受理", "Accepted"),
        "request-documents": Text("要求补正材料", "Papers asked for"),
        "start": Text("开始办理", "Work begun"),
        "step": Text("办理进展", "Step recorded"),
        "suspend": Text("中止办理", "Suspended"),
        "resume": Text("恢复办理", "Resumed"),
        "extend": Text("延长期限", "More time"),
        "propose-return": Text("提出退回", "Return proposed"),
        "propose-transfer": Text("提出转办", "Transfer proposed"),
        "close": Text("办结", "Closed"),
        "acknowledge-withdrawal": Text("确认撤回同意", "Withdrawal acknowledged"),
    }
)
"""What can be put to a leader or taken down from paper."""

ABOUT: Mapping[str, Text] = MappingProxyType(
    {
        "papers": Text("补正期限将至", "Time for papers is running out"),
        "papers-extended": Text("补正时间已延长", "There is more time for papers"),
        "review": Text("复查日期已到", "The day of review has come"),
        "step": Text("下一步骤的期限将至", "The next step is nearly due"),
        "due-soon": Text("期限将至", "The day is near"),
        "overdue": Text("已超期", "It is overdue"),
        "place-free": Text("有空余名额，已轮到", "A place is free, and it is its turn"),
        "reissue-refused": Text("未能接续转介", "No successor was made"),
    }
)
WHOSE: Mapping[str, Text] = MappingProxyType(
    {
        "specialist": Text("街道核对时限", "the street's check"),
        "coordinator": Text("协调时限", "the coordinator"),
    }
)
CAUSES: Mapping[str, Text] = MappingProxyType(
    {
        "clock": Text("超期自动发出", "brought by the clock"),
        "person": Text("协调员发出", "given by the coordinator"),
        "return": Text("单位退回", "returned by the agency"),
        "transfer": Text("单位转办", "transferred by the agency"),
        "third-return": Text("同一需求第三次被退回", "the need was returned for the third time"),
    }
)
NEXT: Mapping[str, Text] = MappingProxyType(
    {
        "none": Text("不再转介", "Nothing more"),
        "reissue": Text("转由其他单位办理", "A referral to another agency"),
    }
)
POSTS: Mapping[str, Text] = MappingProxyType(
    {
        "intake-desk": Text("本登记台", "this desk"),
        "desk": Text("受理单位", "the agency"),
        "client": Text("受理单位的系统", "the agency's own system"),
        "leader": Text("单位领导", "the agency's leader"),
        "coordinator": Text("协调员", "the coordinator"),
        "system": Text("系统", "the system"),
    }
)
OUTCOMES: Mapping[str, Text] = MappingProxyType({**OUTCOME, **follow_up.OUTCOMES})
