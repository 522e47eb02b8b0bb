"""Keeps an installation busy: the desk files and withdraws, agencies work their queues, all of it recorded."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.faults.clients import AGENCIES, DESKS, HUT, REFERRALS, Client, Door, Tally
from tests.faults.history.recorder import Operation, Recorder

OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "civil-affairs": {"outcome": "approved", "amount": 680.5, "period": "monthly", "note": "自下月发放"},
    "social-security": {"outcome": "enrolled"},
    "employment": {"outcome": "waitlisted"},
    "health": {"outcome": "service-delivered"},
}
OPEN = ("issued", "received", "accepted", "in-progress")
IN_HAND = 20
PAUSE = 0.15
"""Seconds between two operations of one seat; with six seats that is about 25 operations a second."""


class Load:
    """Keeps an installation busy from many seats, each about ``pause`` seconds between two operations.

    ``filing`` seats file requests and now and then withdraw one; each agency has a seat that takes its referrals on
    their way. Leaving the block waits until every operation under way has come out.
    """

    def __init__(
        self,
        door: Door,
        recorder: Recorder,
        *,
        seed: str,
        filing: int = 2,
        agencies: Sequence[str] = AGENCIES,
        pause: float = PAUSE,
    ) -> None:
        self.tally = Tally()
        self._pause = pause
        self._stop = threading.Event()
        self._begun = 0.0
        self._seconds = 0.0
        self._failed: list[BaseException] = []
        seats = [(f"{HUT}-{number}", HUT, self._desk) for number in range(filing)]
        seats += [(f"desk-{agency}", f"desk-{agency}", self._agency) for agency in agencies]
        self._threads = []
        for name, staff, work in seats:
            client = Client(name, staff, door, recorder, self.tally, random.Random(f"{seed}-{name}"))
            self._threads.append(threading.Thread(target=self._seat, args=(client, work), name=name))

    @property
    def rate(self) -> float:
        """Operations a second that came to a known end."""
        return self.tally.operations / (self._seconds or max(time.monotonic() - self._begun, 0.001))

    def __enter__(self) -> Tally:
        """Start."""
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self.tally

    def __exit__(self, *_: object) -> None:
        """Stop; raises what broke a client."""
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._seconds = time.monotonic() - self._begun
        if self._failed:
            raise self._failed[0]

    def _seat(self, client: Client, work: Callable[[Client], None]) -> None:
        try:
            while not self._stop.is_set():
                work(client)
        except BaseException as error:  # noqa: BLE001 - raised again where the load is stopped
            self._failed.append(error)
        finally:
            client.close()

    def _rest(self, client: Client) -> None:
        self._stop.wait(client.chance.uniform(0, 2 * self._pause))

    def _desk(self, client: Client) -> None:
        filed = client.file()
        self._rest(client)
        fate = client.chance.random()
        if filed and fate < 0.1:
            named = () if fate < 0.04 else [client.chance.choice(filed["legs"])["id"]]
            client.cancel(filed, named)

    def _agency(self, client: Client) -> None:
        agency = DESKS[client.staff]
        page = client.ask(REFERRALS, status=OPEN, agency=agency, limit=IN_HAND)
        if not page or not page["items"]:
            self._rest(client)
            return
        legs = page["items"]
        client.chance.shuffle(legs)
        for leg in legs:
            self._take_on(client, leg, agency)

    def _take_on(self, client: Client, leg: Any, agency: str) -> None:
        """Take a referral some steps further, mostly to its end; a few times the step is one that must be refused."""
        while leg and not self._stop.is_set():
            self._rest(client)
            chance = client.chance.random()
            if chance < 0.1:  # leave it for later
                return
            if chance < 0.13:  # what somebody with an old page would send
                client.act(leg | {"version": leg["version"] + 1}, "accept", {})
                return
            action: Operation
            if leg["status"] == "issued":
                action = "acknowledge" if chance < 0.7 else "accept"
            elif leg["status"] == "received":
                action = "accept"
            elif leg["status"] == "accepted" and chance < 0.8:
                action = "start"
            elif leg["status"] in {"accepted", "in-progress"}:
                action = "close"
            else:
                return
            fields = {"start": {"step": leg["steps"][0]}, "close": OUTCOMES[agency]}.get(action, {})
            leg = client.act(leg, action, fields)
