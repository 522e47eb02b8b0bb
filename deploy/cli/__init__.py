"""The command ``carehut``: one word per job, each loaded only when it is asked for."""

from __future__ import annotations

from deploy.cli.lazy import LazyGroup
from deploy.cli.words import Text, say

# In the order in which people need them. A command ``dead-letters`` is ``dead_letters`` in its own module.
COMMANDS = {
    "run": Text("单机运行全部服务", "Run everything on this machine, in one process group."),
    "demo": Text("填入演示数据", "Fill a running demo district with made-up cases."),
    "submit": Text("从文件登记申请", "File requests from a JSON file."),
    "token": Text("签发演示令牌", "Print a bearer token for a demo account."),
    "district": Text("区县包", "District packs: check, apply, approve, log, new."),
    "keys": Text("密钥", "Keys: list, make, replace, destroy; the master key in shares."),
    "calendar": Text("节假日通知与工作日", "Import a holiday notice, show a year's days."),
    "migrate": Text("升级数据库结构", "Bring the databases to this release."),
    "topology": Text("消息交换与队列", "Apply, check or show exchanges, queues and users."),
    "serve": Text("运行一个服务的网页", "Serve one service's API and pages."),
    "work": Text("运行一个服务的后台", "Run one service's relay, consumer and timers."),
    "front": Text("前门配置", "Render the front door's nginx configuration."),
    "dead-letters": Text("查看、重放与放弃死信", "List, show, replay and dismiss dead letters."),
    "reconcile": Text("对账并补发", "Deliver again what was published and never arrived."),
    "replay": Text("再次投递已发出的事件", "Deliver published events again: first shown, then done."),
    "backup": Text("备份整个安装", "Copy the whole installation to a folder while it runs."),
    "restore": Text("由备份恢复", "Make an installation again from a backup."),
    "doctor": Text("哪里有问题、怎么办", "Say what is wrong, since when, and what to do."),
    "audit": Text("核验审计日志", "Verify that the audit log is whole."),
    "erasures": Text("删除记录", "Tombstones of who was erased: list, apply after a restore."),
    "staff": Text(
        "账号：新增、列出、口令、重设、停用、委托",
        "Accounts of staff: add, list, password, reset, disable, delegate.",
    ),
    "sign-on": Text("身份认证服务", "The identity provider: check it, part an account from it."),
    "clients": Text("接入系统", "Agencies' own systems at the API: add, list, rotate, revoke."),
}

_HELP = Text(
    "登记一次、多部门办理：部署与运行命令。\n\n"
    "设置取自环境变量 CAREHUT_*；未给数据库地址时使用 CAREHUT_HOME 下的 SQLite 文件。",
    "One request, several agencies: the commands to set up and run an installation.\n\n"
    "Settings come from the environment (CAREHUT_*). Without database addresses the SQLite files "
    "in CAREHUT_HOME are used, which `carehut run` serves.",
)


def main() -> None:
    """Run the command line; exits 0 when done, 1 when refused, 2 when the words were wrong, 130 on Ctrl-C."""
    LazyGroup("carehut", COMMANDS, package=__name__, help_=say(_HELP)).main(prog_name="carehut")
