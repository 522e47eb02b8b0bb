"""``carehut demo``: fill a running demo district with made-up cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from deploy.cli.words import Refusal, Text, refuse, say, tell

if TYPE_CHECKING:
    from deploy.installation import Installation

_HELP = Text(
    "为运行中的演示区县填入虚构案件：过去几个月的登记、办理与结果，以及今天各窗口待办的转介。只能运行一次；"
    "中断后可再运行一次补齐。需要服务正在运行。",
    "Fill a running demo district with made-up cases: requests, decisions and outcomes of the past months, and what "
    "lies on the desks today. Runs once; cut short, it may be run again and does the rest. Needs the running server.",
)
_START = Text(
    "先在另一终端启动：make run（完整运行：make up）。",
    "Start it first, in another terminal: make run (or make up).",
)


@click.command(help=say(_HELP))
def demo() -> None:
    """Fill the district."""
    from datetime import UTC, datetime

    from deploy.demo.fill import AlreadyFilled, Demo, NotInTime
    from deploy.demo.plan import NoPlan
    from deploy.demo.verify import Differs
    from deploy.installation import Installation
    from deploy.submit.staff import NoSuchStaff
    from services.intake import bootstrap as intake
    from services.intake.config import Config as IntakeConfig
    from services.referrals import bootstrap as referrals
    from services.referrals.config import Config as ReferralsConfig
    from shared.clock import FixedClock

    installation = Installation()
    _must_run(installation)
    if not installation.district.demo:
        refuse(
            f"{installation.code} 不是演示包，不能填入虚构案件。",
            f"{installation.code} is no demo pack; no made-up cases go into it.",
        )
    now = datetime.now(UTC)
    clock = FixedClock(now)
    try:
        filling = Demo(
            intake.context(IntakeConfig.from_environment(installation.environ), clock=clock),
            referrals.context(ReferralsConfig.from_environment(installation.environ), clock=clock),
            clock,
            installation.databases(),
            now,
        )
        with click.progressbar(length=filling.steps, label=say(Text("填入", "Filling"))) as bar:
            done = filling.run(bar.update)
    except AlreadyFilled:
        refuse(
            "演示案件已经填入过了。",
            "The made-up cases are there already.",
            remedy=Text(
                "要重新开始，请停止服务并清空其数据。",
                "To begin anew, stop the server and delete its data.",
            ),
        )
    except NotInTime:
        refuse(
            "服务未在时限内处理完；其余会在它处理后出现。",
            "The server did not take everything up in time; the rest appears as it does.",
            remedy=Text(
                "查看 /ready 与服务日志，再运行一次。",
                "See /ready and the server's log, then run this again.",
            ),
        )
    except Differs as error:
        for text in error.texts:
            tell(text)
        refuse(
            "填入的与计划不符（见上），统计不可作准。",
            "What is there is not what was to be filed (see above); do not rely on the figures.",
            remedy=Text(
                "有人同时在办理时会如此。要重新开始，请停止服务并清空其数据。",
                "It happens when people work on these cases meanwhile. To begin anew, stop the server and delete its "
                "data.",
            ),
        )
    except NoPlan as error:
        known = ", ".join(error.known)
        refuse(
            f"{error.district} 没有演示案件（有：{known}）。",
            f"{error.district} has no made-up cases ({known} have).",
        )
    except NoSuchStaff as error:
        raise Refusal(error.text) from error
    tell(
        Text(
            "已填入 {people} 人、{legs} 项转介、{actions} 步办理，与统计相符。请登录查看。",
            "{people} people, {legs} referrals and {actions} actions are in, and the figures agree. Sign in and look.",
        ).format(people=done.people, legs=done.legs, actions=done.actions)
    )


def _must_run(installation: Installation) -> None:
    if installation.embedded:
        from deploy.embedded.lock import is_held

        if not is_held(installation.home.lock):
            refuse(
                f"{installation.home.path} 没有服务在运行。",
                f"No server runs on {installation.home.path}.",
                remedy=_START,
            )
        return
    from shared.telemetry.clocks import measured
    from shared.telemetry.heartbeat import troubles

    for service, database in installation.databases().items():
        with database.read() as connection:
            now, _ = measured(connection)
            found = troubles(connection, service, ("relay", "consumer"), now)
        if any(trouble.code.endswith("-silent") for trouble in found):
            refuse(f"{service} 的后台没有运行。", f"The background of {service} does not run.", remedy=_START)
