"""Private PostgreSQL, RabbitMQ and nginx on free ports: for ``make up``, the tests and the benchmarks."""

from deploy.local.full_run import FullRun
from deploy.local.program import Missing, Program, Stuck
from deploy.local.servers import Servers

__all__ = ["FullRun", "Missing", "Program", "Servers", "Stuck"]
