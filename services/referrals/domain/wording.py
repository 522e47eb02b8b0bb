"""What is said of a field that is missing or wrong, and of a rule that is broken: each rule has an id of its own."""

from __future__ import annotations

from services.referrals.domain.errors import Rule
from shared.text import Text

NOTE_NEEDED = Text(
    "请说明缺什么、为什么（密封转给登记处）。",
    "Say what is missing and why; it goes sealed to the help desk.",
)
PAPERS_NEEDED = Text("请一次列明需要补正的全部材料。", "Name every paper that is missing, once.")
NO_SUCH_PAPER = Rule(
    "该事项的材料清单中没有这一项，可选：{known}。",
    "Not on the programme's list; choose of: {known}.",
    id="paper-not-on-the-list",
)
NO_STEPS = Rule(
    "该事项没有分步骤，无需填写。", "This programme has no named steps; leave it out.", id="no-named-steps"
)
NO_SUCH_STEP = Text("没有这一步骤，可选：{known}。", "There is no such step; choose one of: {known}.")
NOT_PUBLISHED = Rule(
    "该事项不公示，请勿登记这一步骤，可选：{known}。",
    "This referral is not put on public notice; choose one of: {known}.",
    id="not-published",
)
NOTICE_HANGS = Rule(
    "公示尚未期满（最后一日为 {last}），公示期内不能同意；期满无异议后再办结，或以其他结果办结。",
    "The public notice hangs until {last}, and nothing is granted before: close it after that day if nobody has "
    "objected, or with an outcome that grants nothing.",
    id="public-notice-hangs",
)
NOT_RECORDED_AS_PUBLISHED = Text(
    "该事项须公示，但没有登记公示步骤：如已公示，请在备注中说明起止日期。",
    "This programme is put on public notice before a grant, and no notice was recorded: if it did hang, say in a note "
    "from when until when.",
)
REGISTERED_ELSEWHERE = Text(
    "此人户籍不在本区：该事项按户籍办理，请与户籍地对接；本区照常受理。",
    "Registered in another district: this programme goes by household registration, so settle it with the office "
    "there; it is accepted here all the same.",
)
STEP_NEEDED = Text("请选择已完成到哪一步。", "Choose the step that has been reached.")
REASON_NEEDED = Text("请选择原因，可选：{known}。", "Choose a reason, one of: {known}.")
REVIEW_NEEDED = Text("请填写今天之后的复查日期。", "Give a day of review after today.")
REVIEW_TOO_LATE = Rule(
    "复查日期最晚为 {latest}。", "The latest day of review is {latest}.", id="suspension-too-long"
)
NO_MORE_TIME = Rule(
    "该事项的时限不能再延长。", "This referral's time cannot be extended any further.", id="no-more-time"
)
NO_LATER = Rule(
    "请填写晚于现有时限的日期。", "Give a day after the present due day.", id="extension-not-later"
)
TOO_LATE_A_DAY = Rule("最晚可延长至 {latest}。", "The latest day is {latest}.", id="extension-too-long")
RETURN_TOO_LATE = Rule(
    "送达满五个工作日后不能退回；如应由其他单位办理，请提出转办。",
    "It is more than five working days since delivery; propose a transfer if another agency is in charge.",
    id="return-too-late",
)
NEXT_NEEDED = Text("请说明下一步：{known}。", "Say what comes next: {known}.")
OTHER_AGENCY = Rule("请选择另一个单位。", "Choose another agency.", id="same-agency")
UNDER_WAY = Rule("接续转介正在办理。", "A successor is already being made.", id="successor-under-way")
CLAIMED = Rule("该转介已由他人领办。", "Somebody else has claimed it already.", id="already-claimed")
CLAIMED_BY_YOU = Rule(
    "该转介已由您领办，无需重复领办。",
    "You have claimed it already: there is nothing more to do.",
    id="claimed-by-you",
)
ASSIGNEE_NEEDED = Text("请选择本单位的经办人。", "Choose an officer of the agency.")
ANOTHER_OFFICER = Rule("请选择另一位经办人。", "Choose another officer.", id="same-officer")
NOT_AN_OFFICER = Rule(
    "“{staff}”不是该单位负责这一事项的经办人或分管领导，请从本单位人员中选择。",
    "{staff} is no desk officer or leader of this agency who serves it; choose a colleague.",
    id="not-an-officer",
)
NOBODYS = Rule(
    "该转介尚无经办人，请先领办或分派。",
    "Nobody has it in hand yet: claim or assign it first.",
    id="nobody-has-it",
)
NOT_IN_HAND = Rule(
    "只有经办人本人或分管领导可以转交。",
    "Only whoever has it in hand, or the leader, may hand it to somebody else.",
    id="not-in-hand",
)
LEVEL_GIVEN = Rule(
    "已发出“{given}”督办单，等级只能升高或保持。",
    "A {given} notice was given: it can only stay or rise.",
    id="level-only-rises",
)
OVERDUE_REASON_NEEDED = Rule(
    "已超期，请选择超期原因（或先说明超期原因）：{known}。",
    "It is late: say why, here or by explain-delay; one of: {known}.",
    id="overdue-reason-needed",
)
NOT_OVERDUE = Rule("未超期，无需填写超期原因，请删去。", "It is not late: leave this out.", id="not-overdue")
NO_SUCH_STAFF = Rule(
    "本单位没有“{staff}”，也没有其名下的转介。",
    "The agency has nobody called {staff}, and nothing in their hands.",
    id="no-such-staff",
)
OWN_AGENCY_ONLY = Text(
    "只有本单位人员可按经办人筛选。", "Only an agency's own staff may ask whose a referral is."
)
UNTIL_NEEDED = Text("请填写今天或以后的截止日期。", "Give the last day of it, today or later.")
UNTIL_TOO_FAR = Rule(
    "最晚可委托至 {latest}，请核对年份。",
    "The latest day to lend it until is {latest}; check the year.",
    id="lent-too-long",
)
LENT_ALREADY = Rule(
    "已委托该同事代办至同一日期，无需重复委托。",
    "It is lent to that colleague until that very day already: there is nothing more to do.",
    id="lent-already",
)
DELAY_EXPLAINED = Rule(
    "已说明过同一超期原因，无需重复说明。",
    "This reason for the delay has been given already: there is nothing more to do.",
    id="delay-explained",
)
GONE_FOR_GOOD = Rule(
    "离岗或调岗的人员不再收回工作，请删去截止日期。",
    "Whoever leaves or takes another post does not come back to it: leave the last day out.",
    id="gone-for-good",
)
URGED_TODAY = Rule(
    "每个工作日只能催办一次。",
    "It was urged on this working day already; once a day is all.",
    id="urged-today",
)
NOTICED_TODAY = Rule(
    "每个工作日只能手动督办一次。",
    "A notice was given by hand on this working day already; once a day is all.",
    id="supervised-today",
)
LEVEL_BY_LEVEL = Rule(
    "督办等级须逐级升高，现在最高可选：{highest}。",
    "Notices go up level by level; the highest now is {highest}.",
    id="level-by-level",
)
LEVEL_WHEN_LATE = Rule(
    "单位尚未超期，只能发蓝色督办提醒。",
    "The agency is not late: only a blue notice may be given.",
    id="level-when-late",
)
NO_DELAY = Rule(
    "未超期，无需说明原因。", "It is not late: there is no delay to explain.", id="no-delay-to-explain"
)
LEVEL_NEEDED = Text("请选择督办等级：{known}。", "Choose a level: {known}.")
APPOINTMENT_NEEDED = Text("请填写今天或以后的日期。", "Give a day, today or later.")
APPOINTMENT_TOO_FAR = Rule(
    "约定的日期最晚为 {latest}，请核对年份。",
    "The latest day of an appointment is {latest}; check the year.",
    id="appointment-too-far",
)
APPOINTED_ALREADY = Rule(
    "这一预约（时间、地点、所带材料相同）已经登记，无需重复登记。",
    "This very appointment stands already – same day, hour, place and things to bring: there is nothing more to do.",
    id="appointment-stands",
)
APPOINTMENT_ON_DAY_OFF = Text(
    "约定的 {day} 不是工作日。如单位当天不对外办理，请重新约定。",
    "The appointment on {day} is not on a working day. If the agency is closed then, make another one.",
)
HOUR_NEEDED = Text(
    "请填写时间，如 09:30，或时间段，如 09:30-11:00。",
    "Give the hour, such as 09:30, or from when until when, such as 09:30-11:00.",
)
ENDS_BEFORE_IT_BEGINS = Rule(
    "结束时间应晚于开始时间，如 09:30-11:00。",
    "It has to end after it begins, as in 09:30-11:00.",
    id="ends-before-it-begins",
)
HOUR_HAS_PASSED = Rule(
    "今天的这一时间已过，请改约。", "That hour of today has passed: give a later one.", id="hour-has-passed"
)
PLACE_NEEDED = Text(
    "请填写到何处办理，如几楼几号窗口。", "Say where to come, such as which floor and counter."
)
AID_FIRST = Rule(
    "该事项先救助、后补手续：给付救助（步骤“{step}”）之前不能要求补正或中止。可进行：{possible}。",
    "Aid comes first here and the paperwork after: before it has been given (step {step}) nothing puts it off. "
    "Possible: {possible}.",
    id="aid-first",
)
NO_SUCH_AGENCY = Rule(
    "本区没有这一单位，可选：{known}。",
    "There is no such agency; choose one of: {known}.",
    id="no-such-agency",
)
NOT_THEIR_PROGRAMME = Rule(
    "该单位没有这一事项，可选：{known}（不填则由登记处选择）。",
    "That agency has no such programme; choose one of: {known}, or leave it out for the help desk to choose.",
    id="not-their-programme",
)
NO_SUCCESSOR = Rule(
    "不再转介时不填接收单位和事项，请删去；如需转由其他单位办理，请选 reissue。",
    "Where nothing more follows there is no receiving agency: leave it out, or choose reissue.",
    id="no-successor-wanted",
)
NOT_FROZEN = Rule(
    "该转介没有待确认的撤回同意。",
    "No withdrawal of consent waits to be acknowledged.",
    id="no-withdrawal-pending",
)
NOTHING_TO_WORK_ON = Rule(
    "本人已撤回同意，资料已冻结或删除，不能重新办理；如仍需办理，请由本人重新提出申请。",
    "Consent was withdrawn and the data are frozen or deleted, so it is not worked on again: whoever still wants it "
    "files a new request.",
    id="reopened-without-consent",
)
NOBODY_WAITS = Rule(
    "该转介不在轮候（已退出或从未轮候），请选择其他原因。",
    "Nobody waits for a place with this referral, or the turn was given up: choose another reason.",
    id="nobody-waits",
)
EXTENDED_ONCE = Rule(
    "补正时间只能延长一次。",
    "The time for papers can be extended once only, and has been.",
    id="papers-extended-once",
)
