"""Small runs in this process, each really different and each clean: the checker must find nothing in any of them."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from services.intake.domain.errors import IllegalStep, InvalidFiling
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.withdraw_request import StaleRequest, WithdrawRequest, withdraw_request
from services.referrals.domain.errors import ReferralError
from services.referrals.entrypoints.problems import problem_of
from services.referrals.persistence import referrals
from services.referrals.use_cases.act import Action, take_action
from services.referrals.use_cases.open_packet import open_packet
from services.referrals.use_cases.views import ReferralView
from shared.db import Database, Once
from shared.http.idempotency import KeyedOnce, Replay
from shared.messaging import Delivery
from tests.builders import Installation, a_command, a_principal
from tests.faults.history.book import Operation
from tests.faults.history.carrier import Carrier, Original
from tests.faults.history.collect import collect, write
from tests.faults.history.recorder import Operation as Op
from tests.faults.history.recorder import Recorder

PROGRAMMES = ("dibao", "pension", "pub-job", "psy", "med-enrol")
REQUESTS = (2, 6)
STEPS = (20, 60)
POISON = 0.3
ACTIONS: tuple[Op, ...] = ("acknowledge", "accept", "start", "close")
FIELDS: Mapping[str, Mapping[str, Any]] = {"close": {"outcome": "withdrawn"}}
REFUSALS = (InvalidFiling, IllegalStep, StaleRequest, ReferralError)

Sent = Callable[[Once], dict[str, Any]]


@dataclass
class Clients:
    """Help desk and agencies at work: right, wrong, too late, twice, and sometimes without hearing the answer."""

    installation: Installation
    carrier: Carrier
    recorder: Recorder
    chance: random.Random
    filed: list[dict[str, Any]] = field(default_factory=list)
    _count: int = 0

    def file(self) -> None:
        """File a request at the help desk, for a few programmes; now and then one that cannot be accepted."""
        programmes = self.chance.sample(PROGRAMMES, self.chance.randint(1, 4))
        changes: dict[str, Any] = {"consents": []} if self.chance.random() < 0.1 else {}
        command = a_command(*programmes, **changes)
        context = self.installation.intake()

        def send(once: Once) -> dict[str, Any]:
            return submit_request(context, a_principal("hut"), command, once=once)

        answer = self._send("file", {"staff": "hut"}, 201, send)
        if answer is not None:
            self.filed.append(answer)

    def act(self) -> None:
        """Take some action on some leg, on the version that is right for it, most of the time."""
        leg = self._leg()
        if leg is None:
            return
        action = self.chance.choice(ACTIONS)
        desk = a_principal("desk", agency=leg["agency"])
        version = max(self._version(leg["id"]) - (self.chance.random() < 0.1), 1)
        command = Action(referral_id=leg["id"], action=action, version=version, fields=FIELDS.get(action, {}))

        def send(once: Once) -> dict[str, Any]:
            return _shown(take_action(self.carrier.referrals, desk, command, once=once))

        about = {"staff": desk.staff, "referral": leg["id"], "version": version}
        self._send(action, about, 200, send)

    def open(self) -> None:
        """Open a packet."""
        leg = self._leg()
        if leg is None or not self._version(leg["id"]):
            return
        desk = a_principal("desk", agency=leg["agency"])

        def send(_once: Once) -> dict[str, Any]:
            opened = open_packet(self.carrier.referrals, desk, leg["id"], "to decide")
            return {"referral": opened.referral, "rev": opened.rev}

        self._send("open", {"staff": desk.staff, "referral": leg["id"]}, 200, send, again=False)

    def withdraw(self) -> None:
        """Withdraw a request, or some of its legs."""
        if not self.filed:
            return
        request = self.chance.choice(self.filed)
        whole = self.chance.random() < 0.5
        ids = [leg["id"] for leg in request["legs"]]
        legs = () if whole else tuple(self.chance.sample(ids, self.chance.randint(1, len(ids))))
        command = WithdrawRequest(request=request["id"], reason="withdrawn-by-person", legs=legs)
        context = self.installation.intake()

        def send(once: Once) -> dict[str, Any]:
            return withdraw_request(context, a_principal("hut"), command, once=once)

        about = {"staff": "hut", "request": request["id"], "legs": list(legs)}
        self._send("withdraw" if whole else "cancel", about, 202, send)

    def step(self) -> None:
        """Do one thing."""
        kinds = (self.act, self.open, self.withdraw)
        self.chance.choices(kinds, (12, 2, 1))[0]()
        clock = self.installation.clock
        clock.move_to(clock.now() + timedelta(seconds=self.chance.randint(1, 600)))

    def _send(
        self, op: Op, about: Mapping[str, Any], status: int, send: Sent, *, again: bool = True
    ) -> dict[str, Any] | None:
        """Send an operation until it is known how it came out, and sometimes once more; gives the answer."""
        self._count += 1
        key = f"key-{self._count}"
        while True:
            fate = self.chance.random()
            answer = self._once(op, key, about, status, send, lost=again and fate < 0.1)
            if fate >= 0.1 and (not again or fate < 0.9):
                return answer

    def _once(
        self, op: Op, key: str, about: Mapping[str, Any], status: int, send: Sent, *, lost: bool
    ) -> dict[str, Any] | None:
        client = about["staff"]
        self.recorder.client(event="invoke", client=client, op=op, key=key, about=about)
        if lost and self.chance.random() < 0.5:
            self.recorder.client(event="unknown", client=client, op=op, key=key)
            return None
        try:
            answer = send(self._claim(op, key, about, status))
        except Replay as replay:
            answer = orjson.loads(replay.body)
        except REFUSALS as refusal:
            answer = _refused(refusal)
            self.recorder.client(
                event="fail", client=client, op=op, key=key, status=answer["status"], answer=answer
            )
            return None
        if lost:
            self.recorder.client(event="unknown", client=client, op=op, key=key)
            return None
        self.recorder.client(event="ok", client=client, op=op, key=key, status=status, answer=answer)
        return answer

    def _claim(self, op: Op, key: str, about: Mapping[str, Any], status: int) -> Once:
        return KeyedOnce(
            key=bytes.fromhex(Operation(op, key, about, ()).digest),
            fingerprint=hashlib.sha256(orjson.dumps(about)).digest(),
            status=status,
            render=lambda result: _shown(result) if isinstance(result, ReferralView) else result,
            keyring=self.installation.keyring("intake" if status != 200 else "referrals"),
            now=self.installation.clock.now(),
        )

    def _leg(self) -> dict[str, Any] | None:
        legs = [leg for request in self.filed for leg in request["legs"]]
        return self.chance.choice(legs) if legs else None

    def _version(self, leg: str) -> int:
        with self.carrier.referrals.database.read() as connection:
            found = referrals.load(connection, [leg]).get(leg)
        return found.version if found else 0


def _shown(view: ReferralView) -> dict[str, Any]:
    referral = view.referral
    return {
        "id": referral.id,
        "number": referral.number,
        "agency": referral.agency,
        "status": referral.status.value,
        "version": referral.version,
    }


def _refused(error: Exception) -> dict[str, Any]:
    """Give the type and status that the edge makes of a refusal; intake's are told apart by nobody here."""
    if not isinstance(error, ReferralError):
        return {"type": type(error).__name__, "status": 422}
    problem = problem_of(error)
    return {"type": f"urn:aid:problem:{problem.id}", "status": problem.status}


def record(original: Original, folder: Path, seed: str) -> None:
    """Have a small run on copies of ``original`` and leave its history in ``folder``."""
    with original.copy(folder / "databases") as installation:
        play(installation, installation.databases, folder, seed)


def play(installation: Installation, owned: Mapping[str, Database], folder: Path, seed: str) -> None:
    """Have a small run on an installation that is watched; ``owned`` are its databases as their owners see them."""
    chance = random.Random(seed)
    with Recorder(folder, durable=False) as recorder:
        carrier = Carrier(installation, chance)
        clients = Clients(installation, carrier, recorder, chance)
        for _ in range(chance.randint(*REQUESTS)):
            clients.file()
            for _ in range(chance.randint(*STEPS) // 6):
                chance.choice((clients.step, carrier.step))()
        if chance.random() < POISON:
            carrier.poison(recorder)
        for _ in range(chance.randint(*STEPS)):
            chance.choice((clients.step, carrier.step))()
        carrier.settle()
    collect(folder, owned, None)
    for queue, left in carrier.left():
        write(folder / f"queue.{queue}.jsonl", map(_left, left))


def _left(delivery: Delivery) -> dict[str, Any]:
    body = orjson.loads(delivery.body)
    return {
        "routing_key": delivery.routing_key,
        "message_id": body["id"],
        "user_id": delivery.user_id,
        "body": body,
    }
