"""The history of a run as files, and the checker that reads nothing else."""

from __future__ import annotations

from tests.faults.history import effects
from tests.faults.history.checker import Finding, check
from tests.faults.history.collect import collect
from tests.faults.history.recorder import Recorder

__all__ = ["Finding", "Recorder", "check", "collect", "effects"]
