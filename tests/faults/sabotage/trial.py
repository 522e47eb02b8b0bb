"""One trial: a build under load, killed where it hurts, fed with poison, then judged by its history."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import httpx

from deploy.local.program import Program
from shared.inbox.letters import list_letters, replay_letter
from tests.faults import poison
from tests.faults.clients import Door
from tests.faults.history import Finding, Recorder, check, collect
from tests.faults.load import Load
from tests.faults.matrix.rest import Rest
from tests.faults.matrix.staff import Bearers
from tests.faults.sabotage.ground import Ground, Plot
from tests.waiting import until

HOUSE = Path(__file__).with_name("house.py")
DEATHS = ("relay.after-claim", "relay.after-confirm", "consumer.mid-transaction", "consumer.after-commit")
VISITS = (3, 12)
BELOW = "100"
"""One event in 16 is poison: few enough chains fit into a trial that one in a hundred might miss all."""
POISONED, SOURCE = "intake", "referrals"
CALM_SECONDS = 4.0
DEAD_LETTERS = 10
PATIENCE_SECONDS = {"sound": 60.0, "spoilt": 4.0}
"""A build that has moved nothing for so long is taken as it is: what is missing then is the checker's to find."""


def trial(build: Path, ground: Ground, folder: Path, seed: str, *, expected: str) -> list[Finding]:
    """Give what the checker finds in the history of a build; the history stays in ``folder``.

    ``expected`` is ``sound`` or ``spoilt``: a spoilt one, which may never come to rest, is not waited for as long.
    """
    tokens = folder / "tokens"
    tokens.mkdir(parents=True)
    history = folder / "history"
    with ground.plot() as plot, Recorder(history) as recorder:
        house = Program(
            "house",
            [sys.executable, str(HOUSE), str(plot.write(folder / "settings.json", tokens))],
            folder=folder,
            ready=lambda: _answers(plot.url),
            environment=_environment(build),
        )
        try:
            house.start()
            _strain(plot, ground, recorder, tokens, seed, PATIENCE_SECONDS[expected])
        finally:
            house.kill()
        collect(history, plot.databases, ground.servers)
    return check(history)


def _strain(plot: Plot, ground: Ground, recorder: Recorder, tokens: Path, seed: str, patience: float) -> None:
    """Kill, poison, calm, wait, replay, wait."""
    bearers = Bearers(plot.databases["intake"], plot.environments["web"], ground.home)
    bearers.renew()
    rest = Rest(plot.databases)
    chance = random.Random(seed)
    poison.put_on(plot.databases[POISONED], BELOW)
    with Load(Door(plot.url, bearers), recorder, seed=seed, filing=4, pause=0.05):
        for point in DEATHS:
            recorder.fault("arm", "house", point=point)
            (tokens / f"house:{point}@{chance.randrange(*VISITS)}").touch()
            until(lambda: not any(tokens.iterdir()), seconds=60, what=f"a death at {point}")
        time.sleep(CALM_SECONDS)  # nobody dies any more: what is lost now, no restart brings back
        until(
            lambda: len(_dead(plot)) >= DEAD_LETTERS, seconds=60, what="poison enough to stand in others' way"
        )
    _until_quiet(lambda: [*_unpublished(rest), *rest._without_receipt()], patience)
    poison.note(recorder, POISONED, plot.databases[SOURCE], BELOW)
    poison.take_off(plot.databases[POISONED])
    for number in _dead(plot):
        replay_letter(plot.databases[POISONED], number, actor="operator", at=datetime.now(UTC))
    _until_quiet(rest.unsettled, patience)


def _dead(plot: Plot) -> list[int]:
    letters = list_letters(plot.databases[POISONED], limit=1000)
    return [letter.fields["id"] for letter in letters if letter.fields["state"] == "dead"]


def _unpublished(rest: Rest) -> list[str]:
    return [found for found in rest.unsettled() if "publish" in found]


def _until_quiet(unsettled: Callable[[], list[str]], patience: float) -> None:
    """Wait until nothing is on its way, or nothing has moved for ``patience`` seconds."""
    last, moved_at = [""], time.monotonic()
    while left := unsettled():
        if left != last:
            last, moved_at = left, time.monotonic()
        if time.monotonic() - moved_at > patience:
            return
        time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/intake/live", trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _environment(build: Path) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CAREHUT_")}
    return inherited | {"PYTHONPATH": str(build), "PYTHONDONTWRITEBYTECODE": "1"}
