"""The other ends of channels: an HTTP gateway, what a mail server takes in, and what persons are told by them."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import orjson
import sqlalchemy as sa
from aiosmtpd.smtp import SMTP, Envelope, Session

from services.intake.use_cases.submit_request import submit_request
from services.notifications.persistence.tables import contacts, sendings
from services.notifications.use_cases.send import Sender
from shared import ids
from shared.channels import Channel, SmsGateway
from shared.directory import District
from shared.directory.content import district_from, version_of
from shared.events import Event, example
from shared.events.parsing import parse
from shared.outbox.tables import outbox
from tests.builders import a_command, a_person, a_principal, the_district
from tests.integration.notifications.post_room import PostRoom, delivery

PHONE, MAIL = "13900007788", "somebody@example.org"
CONSENT = {"channels": ["sms"], "expires_on": "2027-05-01", "given_by": "person"}
PAPERS, CLOSED = "referral.documents-requested.v1", "referral.closed.v1"


@dataclass
class Gateway:
    """What a gateway was sent, and what it answers: the next of ``answers``, or 202."""

    url: str
    posts: list[dict[str, Any]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    hangs: bool = False
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def channel(self) -> SmsGateway:
        """The channel that leads to it."""
        return SmsGateway(self.url, "token-of-a-test")


@contextmanager
def a_gateway() -> Iterator[Gateway]:
    """Run a gateway of its own threads on a free port."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = orjson.loads(self.rfile.read(int(self.headers["Content-Length"])))
            gateway.posts.append(
                {**body, "key": self.headers["Idempotency-Key"], "as": self.headers["Authorization"]}
            )
            if gateway.hangs:
                gateway.let_go.wait()
                return
            self.send_response(gateway.answers.pop(0) if gateway.answers else 202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    gateway = Gateway(f"http://127.0.0.1:{server.server_port}/send")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


class Letters:
    """What a mail server takes in, and by which sessions."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []
        self.sessions: list[Session] = []

    async def handle_DATA(  # noqa: N802 - as aiosmtpd calls it
        self, _server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Keep a letter."""
        self.letters.append(envelope)
        self.sessions.append(session)
        return "250 OK"


@cache
def a_real_district() -> District:
    """Give the pack as one that is no demo, which may tell persons."""
    content = the_district().content
    content = {
        **content,
        "demo": False,
        "staff": [{**one, "demo_password": None} for one in content["staff"]],
    }
    return district_from(content, version=version_of(content), service=None)


@dataclass
class Told:
    """Somebody who has filed a request, and what intake says of it."""

    request: str
    events: Sequence[Event]

    @property
    def contact(self) -> Event:
        """The event with the contact packet."""
        (found,) = (event for event in self.events if event.type == "consent.contact-given.v1")
        return found


def filed(room: PostRoom, consent: dict[str, Any] | None = CONSENT, **person: Any) -> Told:
    """File a request of somebody who wishes to be told, at intake."""
    more = {"contact_consent": consent} if consent else {}
    command = a_command("dibao", person=a_person(phone=PHONE, **person), **more)
    request = submit_request(room.installation.intake(), a_principal(), command)["id"]
    return Told(request, [event for event in told_by_intake(room) if event.correlation == request])


def told_by_intake(room: PostRoom) -> list[Event]:
    """Give all that intake has told so far."""
    with room.installation.databases["intake"].read() as connection:
        return [
            parse(body)
            for body in connection.execute(sa.select(outbox.c.body).order_by(outbox.c.id)).scalars()
        ]


def take_in(room: PostRoom, *events: Event) -> None:
    """Deliver what intake told."""
    room.receiver([replace(delivery(event), user_id="aid-intake") for event in events])


def happens(room: PostRoom, type_: str, *requests: str, **data: Any) -> None:
    """Let something happen to a new leg of each of these requests, now."""
    golden = example(type_)
    room.receive(
        *(
            replace(
                golden,
                id=ids.new(),
                subject=ids.new(),
                sequence=1,
                correlation=request,
                time=room.installation.clock.now(),
                data={**golden.data, **data},
            )
            for request in requests
        )
    )


def ready(room: PostRoom, consent: dict[str, Any] = CONSENT) -> Told:
    """File a request of somebody who wishes to be told, and let notifications know."""
    told = filed(room, consent)
    take_in(room, told.contact)
    assert room.letters() == []
    return told


def a_sender(room: PostRoom, **channels: Channel) -> Sender:
    """Make a sender with these channels."""
    return Sender(room.parts, channels)


def states(room: PostRoom) -> list[tuple[str, str | None]]:
    """Give state and reason of everything that was to be sent, in the order of its coming."""
    with room.parts.database.read() as connection:
        found = connection.execute(sa.select(sendings.c.state, sendings.c.reason).order_by(sendings.c.id))
        return [(row.state, row.reason) for row in found]


def kept(room: PostRoom) -> list[Any]:
    """Give the contacts that lie there."""
    with room.parts.database.read() as connection:
        return list(connection.execute(sa.select(contacts)).all())
