"""``carehut work``: the background parts of one service, in the foreground."""

from __future__ import annotations

import signal

import click

from deploy.cli.words import Text, refuse, refuse_without_addresses, say

_SERVICES = ("intake", "referrals", "notifications")
_PARTS = ("relay", "consumer", "timers")
_HELP = Text(
    "运行一个服务的后台：中继（发出消息）、消费者（接收消息）、定时任务；--only 只运行其中一部分。SIGTERM 结束。"
    "某一部分意外结束时整个进程以退出码 1 结束，由守护程序重新启动。",
    "Run the background of one service: relay (publishes), consumer (receives), timers; --only runs one of them. "
    "SIGTERM ends it. Should a part end by itself, the process ends with exit code 1, for its supervisor to start it "
    "again.",
)
_STOP_SECONDS = 15.0


@click.command(help=say(_HELP))
@click.argument("service", type=click.Choice(_SERVICES))
@click.option(
    "--only",
    type=click.Choice(_PARTS),
    multiple=True,
    help=say(Text("只运行这一部分", "run this part alone")),
)
def work(service: str, only: tuple[str, ...]) -> None:
    """Work until told to stop."""
    from deploy.installation import Installation
    from deploy.memory import settle
    from deploy.metrics import Meters, offer
    from deploy.upkeep import with_upkeep
    from deploy.work import Crew, RabbitMQ, parts, worker_of
    from shared.settings import require
    from shared.telemetry.logs import configure

    installation = Installation()
    if installation.embedded:
        refuse_without_addresses()
    name = f"CAREHUT_{service.upper()}_AMQP_URL"
    require(installation.environ, name)
    configure(service, "worker" if len(only) != 1 else only[0])
    worker = with_upkeep(worker_of(service, installation.environ), installation)
    broker = RabbitMQ({service: installation.environ[name]})
    meters = Meters(worker.depths)
    crew = Crew([(service, part) for part in parts(worker, broker, only or _PARTS, meters=meters)])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: crew.request_stop())
    offer(installation.environ, {service: worker.database}, meters)
    settle()
    crew.start()
    crew.wait()
    crew.stop(within=_STOP_SECONDS)
    if crew.failed is not None:
        refuse(f"{crew.failed} 意外结束，见日志。", f"{crew.failed} ended by itself; see the log.")
