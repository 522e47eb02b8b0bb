"""What is said of a field that is missing or wrong."""

from __future__ import annotations

from shared.text import Text

PAPERS_NEEDED = Text("请一次列明需要补正的全部材料。", "Name every paper that is missing, once.")
NO_SUCH_PAPER = Text(
    "该事项的材料清单中没有这一项，可选：{known}。", "Not on the programme's list; choose of: {known}."
)
NO_STEPS = Text("该事项没有分步骤，无需填写。", "This programme has no named steps; leave it out.")
NO_SUCH_STEP = Text("没有这一步骤，可选：{known}。", "There is no such step; choose one of: {known}.")
STEP_NEEDED = Text("请选择已完成到哪一步。", "Choose the step that has been reached.")
REASON_NEEDED = Text("请选择原因，可选：{known}。", "Choose a reason, one of: {known}.")
REVIEW_NEEDED = Text("请填写今天之后的复查日期。", "Give a day of review after today.")
NO_MORE_TIME = Text("该事项的时限不能再延长。", "This referral's time cannot be extended any further.")
NO_LATER = Text("请填写晚于现有时限的日期。", "Give a day after the present due day.")
TOO_LATE_A_DAY = Text("最晚可延长至 {latest}。", "The latest day is {latest}.")
RETURN_TOO_LATE = Text(
    "送达满五个工作日后不能退回；如应由其他单位办理，请提出转办。",
    "It is more than five working days since delivery; propose a transfer if another agency is in charge.",
)
NEXT_NEEDED = Text("请说明下一步：{known}。", "Say what comes next: {known}.")
OTHER_AGENCY = Text("请选择另一个单位。", "Choose another agency.")
UNDER_WAY = Text("接续转介正在办理。", "A successor is already being made.")
CLAIMED = Text("该转介已由他人领办。", "Somebody else has claimed it already.")
ASSIGNEE_NEEDED = Text("请选择本单位的经办人。", "Choose an officer of the agency.")
UNTIL_NEEDED = Text("请填写今天或以后的截止日期。", "Give the last day of it, today or later.")
URGED_TODAY = Text("每个工作日只能催办一次。", "It was urged on this working day already; once a day is all.")
LEVEL_NEEDED = Text("请选择督办等级：{known}。", "Choose a level: {known}.")
APPOINTMENT_NEEDED = Text("请填写今天或以后的日期。", "Give a day, today or later.")
NOT_FROZEN = Text("该转介没有待确认的撤回同意。", "No withdrawal of consent waits to be acknowledged.")
EXTENDED_ONCE = Text("补正时间只能延长一次。", "The time for papers can be extended once only, and has been.")
