"""The names under which things are written to the audit log, and what each means."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from shared.text import Text

ACTIONS: Mapping[str, Text] = MappingProxyType(
    {
        # accounts and access
        "account.signed-in": Text("登录", "Signed in"),
        "account.sign-in-refused": Text("登录被拒", "Sign-in refused"),
        "account.signed-out": Text("退出", "Signed out"),
        "account.changed": Text("修改账号", "Account changed"),
        "account.disabled": Text("停用账号", "Account disabled"),
        "account.token-made": Text("签发访问令牌", "Access token made"),
        "access.refused": Text("访问被拒", "Access refused"),
        # intake
        "request.filed": Text("提交申请", "Request filed"),
        "request.refused": Text("申请未予受理", "Request refused at filing"),
        "request.opened": Text("查看申请", "Request opened"),
        "requests.listed": Text("查看申请列表", "Requests listed"),
        "requests.searched": Text("查询申请", "Requests searched"),
        "request.withdrawn": Text("撤回申请", "Request withdrawn"),
        "leg.cancel-requested": Text("请求撤销转介", "Cancellation of a leg requested"),
        "duplicate.looked-up": Text("查重", "Duplicates looked up"),
        "receipt-code.looked-up": Text("凭查询码查询", "Receipt code looked up"),
        "consent.recorded": Text("登记同意", "Consent recorded"),
        "consent.printed": Text("打印同意书", "Consent printed"),
        "tasks.listed": Text("查看任务列表", "Tasks listed"),
        "task.done": Text("完成任务", "Task done"),
        "answer.opened": Text("查看办理答复", "Agency's answer opened"),
        # referrals
        "referrals.listed": Text("查看转介列表", "Referrals listed"),
        "referrals.searched": Text("查询转介", "Referrals searched"),
        "badges.opened": Text("查看列表中的脱敏信息", "Badges of a list opened"),
        "packet.opened": Text("查看转介资料", "Packet opened"),
        "cases.listed": Text("查看案件列表", "Cases listed"),
        "case.opened": Text("查看案件", "Case opened"),
        "referral.acknowledged": Text("签收", "Referral acknowledged"),
        "referral.accepted": Text("受理", "Referral accepted"),
        "referral.started": Text("开始办理", "Work on a referral started"),
        "referral.closed": Text("办结", "Referral closed"),
        "referral.cancelled": Text("撤销", "Referral cancelled"),
        "referral.action-refused": Text("操作不符合当前状态", "Action refused in the present status"),
        # platform
        "audit.searched": Text("查询审计日志", "Audit log searched"),
        "district.applied": Text("应用区县配置", "District pack applied"),
        "keys.provisioned": Text("生成密钥", "Keys provisioned"),
        "keys.retired": Text("停用密钥", "Keys retired"),
        "dead-letter.replayed": Text("重放死信", "Dead letter replayed"),
        "dead-letter.dismissed": Text("放弃死信", "Dead letter dismissed"),
        "events.replayed": Text("重发事件", "Events delivered again"),
        "event.withheld": Text("不再对外发送密封资料", "Sealed data no longer sent outside"),
    }
)
