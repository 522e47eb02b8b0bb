"""An installation whose workers run in threads, as many of them as a test wants, and the commands to use on it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from joserfc.jwk import OKPKey

from deploy.work import Crew, Memory, RabbitMQ, parts, worker_of
from services.intake.persistence.tables import legs
from services.intake.use_cases.submit_request import submit_request
from services.intake.use_cases.withdraw_request import WithdrawRequest, withdraw_request
from services.referrals.persistence.tables import referrals
from services.referrals.use_cases.act import Action, take_action
from services.referrals.use_cases.context import Context
from shared import audit
from shared.db import Database, UnitOfWork
from shared.directory import District
from shared.directory.content import district_from, version_of
from shared.events import Event
from shared.inbox import Receiver, Refused, Subscription
from shared.inbox.tables import dead_letters, receipts
from shared.outbox.tables import outbox
from shared.text import Text
from shared.worker import Worker
from tests.builders import Installation, a_command, a_principal
from tests.integration.inbox.deliveries import AnyData
from tests.running import COMMANDS
from tests.waiting import until

AGENCY = "medical-insurance"
PROGRAMME = "med-enrol"
STOP_SECONDS = 20.0
MakeBroker = Callable[[Mapping[str, Database]], "Memory | RabbitMQ"]

HEADS = "audit-%"
"""Like the subject of every event about an audit log."""


def with_system(district: District) -> District:
    """Give the district with one agency that has a system and a key of its own."""
    public = OKPKey.generate_key("X25519", parameters={"kid": "yb-2026-1"}, private=True).as_dict(
        private=False
    )
    content = dict(district.content)
    content["agencies"] = [
        {**agency, "keys": "own", "system": True, "public_jwk": public} if agency["id"] == AGENCY else agency
        for agency in content["agencies"]
    ]
    return district_from(content, version=version_of(content), service=None)


def refuse(_uow: UnitOfWork, _events: Sequence[Event]) -> None:
    """Be a consumer with a defect."""
    raise Refused(Text("缺陷", "a defect, mended later"))


@dataclass
class Site:
    """The installation, its broker, and the folder of its commands' home."""

    installation: Installation
    broker: Memory | RabbitMQ
    home: Path
    workers: dict[str, Worker] = field(default_factory=dict)

    @property
    def databases(self) -> Mapping[str, Database]:
        """The databases of the three services."""
        return self.installation.databases

    @property
    def environment(self) -> dict[str, str]:
        """The settings under which commands and workers find it."""
        addresses = {f"CAREHUT_{name.upper()}_DATABASE_URL": db.url for name, db in self.databases.items()}
        return addresses | {
            "CAREHUT_DISTRICT": self.installation.district.code,
            "CAREHUT_HOME": str(self.home),
            "CAREHUT_PUBLIC_URL": "http://127.0.0.1",
            "CAREHUT_MASTER_KEY": self.installation.master.secret.hex(),
        }

    def carehut(self, *words: str, code: int = 0) -> str:
        """Run a command to its end and give what it printed; it must end with this exit code."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("CAREHUT_", "LC_"))
        }
        done = subprocess.run(
            [COMMANDS / "carehut", *words],
            env=inherited | {"LANG": "C.UTF-8"} | self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def working(self, *services: str, broken: Mapping[str, str] | None = None) -> Iterator[None]:
        """Run the workers of these services; ``broken`` names for some the one type that their consumer refuses."""
        crew = [
            (name, part)
            for name in services
            for part in parts(self._worker(name, (broken or {}).get(name)), self.broker)
        ]
        running = Crew(crew)
        running.start()
        try:
            yield
        finally:
            running.stop(within=STOP_SECONDS)
            assert running.failed is None, running.failed

    def _worker(self, service: str, refused: str | None) -> Worker:
        if service not in self.workers:
            self.workers[service] = worker_of(service, self.environment)
        worker = self.workers[service]
        if refused is None:
            return worker
        receiver = Receiver(
            worker.database, service, [Subscription(refused, AnyData(unknown="exclude"), refuse)]
        )
        return replace(worker, receiver=receiver, timers=())

    def file(self, *programmes: str) -> dict[str, Any]:
        """File a request at the hut; gives intake's answer."""
        return submit_request(self.installation.intake(), a_principal(), a_command(*programmes))

    def withdraw(self, request: str) -> None:
        """Withdraw a whole request at the hut."""
        command = WithdrawRequest(request=request, reason="withdrawn-by-person")
        withdraw_request(self.installation.intake(), a_principal(), command)

    def acknowledge(self, agency: str) -> None:
        """Have an agency sign for the one referral there is."""
        installation = self.installation
        context = Context(
            database=self._worker("referrals", None).database,
            keyring=installation.keyring("referrals"),
            directory=installation.directory("referrals"),
            clock=installation.clock,
            source=installation.source("referrals"),
            blobs=installation.blobs,
        )
        with self.databases["referrals"].read() as connection:
            referral = connection.execute(sa.select(referrals.c.id)).scalar_one()
        action = Action(referral_id=referral, action="acknowledge", version=1)
        take_action(context, a_principal("desk", agency=agency), action)

    def until_published(self, *services: str) -> None:
        """Wait until nothing is left to publish in the outboxes of these services, on either lane."""
        outside = sa.and_(outbox.c.agencies_body.is_not(None), outbox.c.agencies_published_at.is_(None))
        waiting = (
            sa.select(sa.func.count())
            .select_from(outbox)
            .where(sa.or_(outbox.c.published_at.is_(None), outside))
        )
        until(lambda: not any(self.count(name, waiting) for name in services), what="everything published")

    def receipts(self, service: str) -> int:
        """Count a service's receipts, but for the audit logs' heads, of which timers tell when it suits them."""
        told = sa.select(sa.func.count()).select_from(receipts)
        return self.count(service, told.where(receipts.c.subject.not_like(HEADS)))

    def heads(self, service: str) -> int:
        """Count what a service has told of its audit log's heads."""
        told = sa.select(sa.func.count()).select_from(outbox)
        return self.count(service, told.where(outbox.c.subject.like(HEADS)))

    def count(self, service: str, statement: sa.Select[Any]) -> int:
        """Ask a service's database for a number."""
        with self.databases[service].read() as connection:
            return int(connection.execute(statement).scalar_one())

    def letters(self, service: str) -> list[tuple[int, str, str]]:
        """Give (number, state, type) of a service's letters."""
        columns = (dead_letters.c.id, dead_letters.c.state, dead_letters.c.type)
        with self.databases[service].read() as connection:
            return [tuple(row) for row in connection.execute(sa.select(*columns).order_by(dead_letters.c.id))]

    def statuses(self) -> list[str]:
        """Give the status of every referral."""
        with self.databases["referrals"].read() as connection:
            return sorted(connection.execute(sa.select(referrals.c.status)).scalars())

    def shown(self) -> list[str]:
        """Give the status of every leg as intake shows it."""
        with self.databases["intake"].read() as connection:
            return sorted(connection.execute(sa.select(legs.c.status)).scalars())

    def audited(self, service: str, action: str) -> Sequence[audit.AuditRecord]:
        """Give the lines of a service's audit log for one action, newest first."""
        with self.databases[service].read() as connection:
            return audit.search(connection, audit.AuditQuery(action=action), limit=100)

    def close(self) -> None:
        """Let go of the workers' databases."""
        for worker in self.workers.values():
            worker.database.dispose()
