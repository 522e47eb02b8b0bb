"""The help desk and the agencies' desks in one place, with whoever carries events between them, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from services.intake.entrypoints.consumer import subscriptions as of_intake
from services.intake.persistence.tables import blobs, leg_commands, papers, tasks
from services.intake.schemas.http import ConsentBody, consent_from, need_from
from services.intake.use_cases.add_legs import Added, AddLegs, add_legs
from services.intake.use_cases.commands import AskLeg, ask_leg
from services.intake.use_cases.context import Context as IntakeContext
from services.intake.use_cases.read_requests import read_request
from services.referrals.domain.referral import Referral
from services.referrals.persistence import referrals
from shared import ids
from shared.events import Event, parse
from shared.identity import Principal
from shared.inbox import Receiver
from shared.inbox.tables import dead_letters
from shared.outbox.tables import outbox
from tests.builders import a_consent, a_principal
from tests.integration.referrals.desk import Road, delivery

HUT = a_principal("hut")
SPECIALIST = a_principal("specialist")
COORDINATOR = a_principal("coordinator")


@dataclass
class BothWays(Road):
    """An installation and what carries events to and fro, until nobody has anything to say any more."""

    intake: IntakeContext = field(init=False)
    _intake_receiver: Receiver = field(init=False)
    _back: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.intake = self.installation.intake()
        self._intake_receiver = Receiver(self.intake.database, "intake", of_intake(self.intake))

    def carry(self) -> None:
        """Hand every new event over, to and fro, until there is none."""
        while True:
            super().carry()
            with self.parts.database.read() as connection:
                rows = connection.execute(
                    sa.select(outbox.c.id, outbox.c.body)
                    .where(outbox.c.id > self._back)
                    .order_by(outbox.c.id)
                ).all()
            if not rows:
                return
            self._back = rows[-1].id
            self._intake_receiver(
                [replace(delivery(row.body), user_id="aid-referrals", queue="intake.events") for row in rows]
            )

    def later(self, **time: int) -> None:
        """Let time pass: minutes, hours, days."""
        self.installation.clock.move_to(self.installation.clock.now() + timedelta(**time))

    def at_desk(self, leg: str, action: str, fields: Mapping[str, Any] | None = None, **who: Any) -> None:
        """Take an action at the desk of the leg's agency, or as somebody else, and carry what follows."""
        self.later(minutes=1)
        referral = self.referral(leg)
        if who.get("role") == "coordinator":
            who.setdefault("agency", None)
        else:
            who.setdefault("agency", referral.agency)
        self.act(leg, action, referral.version, fields, **who)
        self.carry()

    def referral(self, leg: str) -> Referral:
        """Load a leg as referrals has it."""
        with self.parts.database.read() as connection:
            return referrals.load(connection, [leg])[leg]

    def add(
        self, request: str, *legs: Mapping[str, Any], consents: tuple[Mapping[str, Any], ...] = ()
    ) -> dict[str, Any]:
        """Add legs and consents at the help desk, and carry what follows."""
        self.later(minutes=1)
        loaded = [ConsentBody().load(consent) for consent in consents]
        command = AddLegs(
            request=request,
            legs=tuple(Added(need_from(leg), leg.get("replaces")) for leg in legs),
            consents=tuple(consent_from(consent) for consent in loaded),
        )
        added = add_legs(self.intake, HUT, command)
        self.carry()
        return added

    def ask(
        self, request: str, leg: str, verb: str, fields: Mapping[str, Any] | None = None, **who: Principal
    ) -> dict[str, Any]:
        """Ask something of a leg at the help desk, and carry what follows."""
        self.later(minutes=1)
        command = AskLeg(request=request, leg=leg, verb=verb, fields=fields or {})
        asked = ask_leg(self.intake, who.get("by", HUT), command)
        self.carry()
        return asked

    def seen(self, request: str, **who: Principal) -> dict[str, Any]:
        """Read a request as the help desk sees it."""
        return read_request(self.intake, who.get("by", HUT), request)

    def leg(self, request: str, leg: str) -> dict[str, Any]:
        """Read one leg as the help desk sees it."""
        found: dict[str, Any] = next(one for one in self.seen(request)["legs"] if one["id"] == leg)
        return found

    def tasks(self, request: str) -> list[str]:
        """Give the kinds of the open tasks about a request, in the order in which they were raised."""
        statement = (
            sa.select(tasks.c.kind)
            .where(tasks.c.request_id == request, tasks.c.done_at.is_(None))
            .order_by(tasks.c.raised_at, tasks.c.id)
        )
        with self.intake.database.read() as connection:
            return list(connection.execute(statement).scalars())

    def facts(self, leg: str) -> list[str]:
        """Give the facts referrals has told of a leg."""
        return [event.type.split(".")[1] for event in self.told(leg)]

    def asked(self, request: str) -> list[Event]:
        """Give the events the help desk has recorded of a request."""
        statement = sa.select(outbox.c.body).where(outbox.c.subject == request).order_by(outbox.c.id)
        with self.intake.database.read() as connection:
            return [parse(body) for body in connection.execute(statement).scalars()]

    def all_letters(self) -> list[tuple[str, str]]:
        """Give (state, reason) of every dead letter at either end."""
        with self.intake.database.read() as connection:
            rows = connection.execute(sa.select(dead_letters)).all()
        return [*self.letters(), *((row.state, row.reason) for row in rows)]

    def opened(self, leg: str) -> dict[str, Any]:
        """Open the present packet of a leg as its agency would."""
        with self.parts.database.read() as connection:
            sealed = referrals.packet_of(connection, leg)
        assert sealed is not None
        claims = self.parts.keyring.open(sealed.packet, self.referral(leg).agency, "packet", leg)
        return {"rev": claims.rev, **claims.body}

    def waits_for_successor(
        self, *programmes: str, to: str = "employment", programme: str | None = "unemp-reg", **filing: Any
    ) -> tuple[str, str]:
        """File, have the agency propose a return, and the coordinator name another agency; gives request and leg."""
        filed = self.file(*(programmes or ("dibao",)), **filing)
        leg = filed["legs"][0]["id"]
        self.at_desk(leg, "propose-return", {"reason": "not-our-duty"})
        fields = {"next": "reissue", "to_agency": to, "to_programme": programme}
        self.at_desk(leg, "confirm-return", fields, role="coordinator")
        return filed["id"], leg


def consent_for(*programmes: str, agency: str = "employment", **changes: Any) -> dict[str, Any]:
    """Make a consent for another agency."""
    return a_consent(agency, programmes, **changes)


def hand_in(ways: BothWays, request: str, *kinds: str, leg: str | None = None) -> list[str]:
    """Write papers down as if they had been uploaded, for one leg or for all; their content is nobody's."""
    now, made = ways.installation.clock.now(), []
    encrypt = ways.intake.keyring.fields.encrypt
    with ways.intake.database.unit_of_work() as uow:
        for kind in kinds:
            blob, paper = ids.new(), ids.new()
            uow.connection.execute(
                sa.insert(blobs).values(
                    id=blob,
                    digest=blob.encode(),
                    content_key=encrypt("blobs", "content_key", blob, b"k" * 32),
                    sha256=encrypt("blobs", "sha256", blob, "0" * 64),
                    media="image/png",
                    size=1,
                    stored_at=now,
                )
            )
            uow.connection.execute(
                sa.insert(papers).values(
                    id=paper,
                    request_id=request,
                    leg_id=leg,
                    kind=kind,
                    blob_id=blob,
                    added_at=now,
                    added_by="hut",
                )
            )
            made.append(paper)
    return made


def outcomes(ways: BothWays, request: str) -> list[tuple[str, str | None]]:
    """Give (verb, refusal) of every command about a request that was answered."""
    statement = (
        sa.select(leg_commands.c.verb, leg_commands.c.refusal)
        .where(leg_commands.c.request_id == request, leg_commands.c.settled_at.is_not(None))
        .order_by(leg_commands.c.asked_at, leg_commands.c.id)
    )
    with ways.intake.database.read() as connection:
        return [(row.verb, row.refusal) for row in connection.execute(statement)]
