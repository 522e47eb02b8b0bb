"""How codes are called on intake's pages: statuses, outcomes, urgency and what is hinted at."""

from __future__ import annotations

from collections.abc import Mapping

from services.intake.domain import request
from services.intake.domain.household import OF_BENEFICIARIES
from shared.text import Text

REQUEST: Mapping[str, Text] = {
    request.DRAFT: Text("草稿", "Draft"),
    request.SUBMITTED: Text("已提交", "Submitted"),
    request.SENT_BACK: Text("已退回补充", "Sent back"),
    request.IN_PROGRESS: Text("在办", "In progress"),
    request.ENDED: Text("已办结", "Ended"),
    request.FOLLOWED_UP: Text("已回访", "Followed up"),
    request.CLOSED: Text("已结案", "Closed"),
    request.WITHDRAWN: Text("已撤回", "Withdrawn"),
}

LEG: Mapping[str, Text] = {
    "planned": Text("待分派", "Planned"),
    "issued": Text("待签收", "Issued"),
    "received": Text("已签收", "Received"),
    "awaiting-documents": Text("待补正", "Awaiting documents"),
    "accepted": Text("已受理", "Accepted"),
    "in-progress": Text("在办", "In progress"),
    "suspended": Text("中止", "Suspended"),
    "return-proposed": Text("退回待确认", "Return proposed"),
    "transfer-proposed": Text("转办中", "Transfer proposed"),
    "returned": Text("已退回", "Returned"),
    "transferred": Text("已转办", "Transferred"),
    "closed": Text("办结", "Closed"),
    "cancelled": Text("撤销", "Cancelled"),
}

OUTCOME: Mapping[str, Text] = {
    "approved": Text("同意", "Approved"),
    "enrolled": Text("已登记／已参保", "Enrolled"),
    "service-delivered": Text("服务已提供", "Service delivered"),
    "waitlisted": Text("轮候", "Waitlisted"),
    "refused": Text("不予同意", "Refused"),
    "withdrawn": Text("本人撤回", "Withdrawn"),
    "terminated": Text("终止", "Terminated"),
    "unreachable": Text("无法联系", "Unreachable"),
    "lapsed": Text("逾期未补正", "Lapsed"),
}

CANCEL_REFUSAL: Mapping[str, Text] = {
    "already-accepted": Text(
        "该单位已受理，不能直接撤销；已告知其本人要求撤回，由其以“本人撤回”办结。",
        "The agency had accepted it already; it has been told of the wish and closes it as withdrawn.",
    ),
    "already-ended": Text("该事项已经结束。", "It has already ended."),
    "ended-before-withdrawal": Text(
        "撤回同意送达前该事项已结束，资料未冻结，请告知本人：单位按法定期限保存，不再用于其他目的。",
        "It had ended before the withdrawal of consent arrived: nothing is frozen. Tell the person: the agency keeps "
        "the data as long as the law requires, and uses them for nothing else.",
    ),
}

URGENCY: Mapping[str, Text] = {"normal": Text("一般", "Normal"), "urgent": Text("紧急", "Urgent")}

RELATION: Mapping[str, Text] = OF_BENEFICIARIES

GIVEN_BY: Mapping[str, Text] = {
    "person": Text("本人", "The person"),
    "guardian": Text("监护人", "The guardian"),
    "representative": Text("代理人", "A representative"),
}

HOLDER: Mapping[str, Text] = {
    "under-way": Text("正在告知该单位", "The agency is being told"),
    "owing": Text("资料已冻结，待单位答复（超期）", "Frozen; the agency owes an answer (overdue)"),
    "answered": Text("单位已答复", "The agency has answered"),
    "closed": Text(
        "受理前已撤销，单位不再查看", "Cancelled before acceptance; the agency opens nothing any more"
    ),
    "decided": Text("此前已办结，按法定期限保存", "Decided before; kept as long as the law requires"),
}
"""How an agency stands to a consent that was withdrawn."""

BASIS: Mapping[str, Text] = {
    "consent": Text("本人同意", "Consent"),
    "statutory-duty": Text("法定职责", "A duty of the law"),
    "emergency": Text("紧急情况", "An emergency"),
}

HOW_GIVEN: Mapping[str, Text] = {
    "paper": Text("书面签字", "Signed on paper"),
    "spoken": Text("口头同意，有见证人", "By word of mouth, before a witness"),
}

HINT: Mapping[str, Text] = {
    "duplicate": Text(
        "本社区已有同一受助人或家庭相同项目的未办结申请。请用证件号查询，如属重复，请撤回其中一件。",
        "The same person or household already has an open request for the same help here. Search by ID number, and "
        "withdraw one if needed.",
    ),
    "birth-date-differs": Text(
        "填写的出生日期与身份证号中的不一致。请与本人核对。",
        "The date of birth differs from the one in the ID number. Check it with the person.",
    ),
    "beneficiary-age-differs": Text(
        "按出生日期，受益人与本人的年龄不符合所填关系。请核对关系与出生日期。",
        "By the dates of birth, somebody it is for cannot well be related as stated. Check relation and dates.",
    ),
    "beneficiary-grown-up": Text(
        "其中有项目只办理未满18周岁的儿童，而受益人按出生日期已成年。请核对。",
        "Some of this is for children under 18, and the one it is for is of age. Check it.",
    ),
    "registered-elsewhere": Text(
        "户籍不在本区：部分项目须由户籍地办理，请做好转交说明。",
        "The person is registered outside the district, where some programmes are decided: add a hand-over note.",
    ),
    "needs-first": Text(
        "其中有项目需要先办另一项（如先失业登记）。已提交不受影响，请提醒本人先办或一并申请。",
        "Some of this needs another programme first, such as registration as jobless: see that the person gets it.",
    ),
    "no-place-free": Text(
        "其中有项目目前没有空余名额，可能需要轮候。请告知本人。",
        "Some of this has no place free at present and may have to wait: tell the person.",
    ),
}


def of(table: Mapping[str, Text], code: str | None) -> Text | str:
    """Give the words for a code; the code itself for one that is newer than these words."""
    return table.get(code or "", code or "")
