"""What stands at the broker, as data: exchanges, queues, bindings, users and what each may do."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from shared.events import CATALOGUE, types_of
from shared.messaging.ports import AGENCIES, COMMANDS, DEAD, EVENTS, service_user

INTERESTS: Mapping[str, tuple[tuple[str, str], ...]] = MappingProxyType(
    {
        "intake": (("referrals", "referral"), ("referrals", "capacity"), ("notifications", "audit")),
        "referrals": (("intake", "request"), ("intake", "staff"), ("intake", "audit")),
        "notifications": (
            ("referrals", "referral"),
            ("intake", "staff"),
            ("intake", "contact"),
            ("referrals", "audit"),
        ),
    }
)
"""Which (producer, aggregate) each service follows, whole: one fact of an aggregate is never bound alone.

Of their audit logs each keeps the heads of another: whoever rewrites one in its database does not reach them.
"""

COMMANDS_QUEUE = "referrals.commands"
DELIVERY_LIMIT = (
    10_000  # a crash loop must not dead-letter healthy messages: the consumer's own count decides
)
INBOX_LENGTH = 100_000  # an agency that never reads is refused more, and stalls nothing but its own lane

NOTHING = "^$"


@dataclass(frozen=True, slots=True)
class Queue:
    """A durable quorum queue with the ``x-`` arguments of its declaration, as RabbitMQ 3.10 to 4.x knows them."""

    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Binding:
    """Messages of ``exchange`` whose key matches ``key`` go to ``queue``."""

    exchange: str
    queue: str
    key: str


@dataclass(frozen=True, slots=True)
class User:
    """A broker user and the regular expressions of what it may write and read; none may configure anything.

    ``keys`` limits, per topic exchange, the routing keys it may publish.
    """

    name: str
    write: str = NOTHING
    read: str = NOTHING
    keys: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Topology:
    """All that stands in one district's vhost. ``exchanges`` maps a name to its kind."""

    vhost: str
    exchanges: Mapping[str, str]
    queues: tuple[Queue, ...]
    bindings: tuple[Binding, ...]
    users: tuple[User, ...]


def vhost_of(district: str) -> str:
    """Name the vhost of a district: ``aid-530103``."""
    return f"aid-{district}"


def inbox_of(agency: str) -> str:
    """Name the queue an agency's own system reads."""
    return f"agency.{agency}.inbox"


def seat_of(agency: str) -> str:
    """Name the broker user of an agency's own system."""
    return f"agency-{agency}"


def events_queue(service: str) -> str:
    """Name the queue of a service's events."""
    return f"{service}.events"


def dead_queue(service: str) -> str:
    """Name the queue of what the broker gave up delivering to a service."""
    return f"{service}.dead"


def queues_of(service: str) -> tuple[str, ...]:
    """Name every queue a service reads: its events, what the broker gave up, and commands sent to it."""
    commands = (COMMANDS_QUEUE,) if COMMANDS_QUEUE.startswith(f"{service}.") else ()
    return (events_queue(service), dead_queue(service), *commands)


def keys_of(service: str) -> tuple[str, ...]:
    """Give the keys a service binds at ``aid.events``: exact, or ``*`` for the agency, never ``#``."""
    return tuple(row.binding_key for interest in INTERESTS[service] for row in types_of(*interest))


def topology(district: str, systems: Iterable[str] = ()) -> Topology:
    """Describe the vhost of a district; ``systems`` are the agencies with a system of their own."""
    systems = tuple(sorted(systems))
    queues, bindings = [], []
    for service in INTERESTS:
        queues += [_queue(events_queue(service), ordered=True), _dead(dead_queue(service))]
        bindings += [Binding(EVENTS, events_queue(service), key) for key in keys_of(service)]
        bindings.append(Binding(DEAD, dead_queue(service), events_queue(service)))
    queues.append(_queue(COMMANDS_QUEUE, ordered=True))
    bindings.append(Binding(DEAD, dead_queue("referrals"), COMMANDS_QUEUE))
    for agency in systems:
        queues += [
            _queue(inbox_of(agency), ordered=False, length=INBOX_LENGTH),
            _dead(f"agency.{agency}.dead"),
        ]
        bindings += [
            Binding(AGENCIES, inbox_of(agency), row.routing_key(agency))
            for row in CATALOGUE.values()
            if row.outside
        ]
        bindings += [
            Binding(DEAD, f"agency.{agency}.dead", inbox_of(agency)),
            Binding(COMMANDS, COMMANDS_QUEUE, f"{agency}.#"),
        ]
    return Topology(
        vhost=vhost_of(district),
        exchanges={EVENTS: "topic", AGENCIES: "topic", COMMANDS: "topic", DEAD: "direct"},
        queues=tuple(queues),
        bindings=tuple(bindings),
        users=(*map(_service, INTERESTS), *map(_seat, systems)),
    )


def _queue(name: str, *, ordered: bool, length: int | None = None) -> Queue:
    """Describe a queue that gives up what it cannot deliver to ``aid.dead`` under its own name, at least once.

    ``ordered`` ones have a single active consumer, which forbids ``basic.get``: a program at an agency may
    prefer to fetch one by one.
    """
    arguments: dict[str, object] = {
        "x-queue-type": "quorum",
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": DEAD,
        "x-dead-letter-routing-key": name,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }
    if ordered:
        arguments["x-single-active-consumer"] = True
    if length is not None:
        arguments["x-max-length"] = length
    return Queue(name, arguments)


def _dead(name: str) -> Queue:
    return Queue(name, {"x-queue-type": "quorum"})


def _service(service: str) -> User:
    produced = [row for row in CATALOGUE.values() if row.producer == service]
    writes = [EVENTS] * bool(produced) + [AGENCIES] * any(row.outside for row in produced)
    return User(service_user(service), write=_exactly(*writes), read=_exactly(*queues_of(service)))


def _seat(agency: str) -> User:
    return User(
        seat_of(agency),
        write=_exactly(COMMANDS),
        read=_exactly(inbox_of(agency)),
        keys={COMMANDS: rf"^{agency}\..+"},
    )


def _exactly(*names: str) -> str:
    return f"^({'|'.join(name.replace('.', chr(92) + '.') for name in names)})$" if names else NOTHING


def passwords(urls: Iterable[str]) -> dict[str, str]:
    """Read user → password from AMQP addresses such as those of ``CAREHUT_<SERVICE>_AMQP_URL``.

    Raises ``ValueError``, without showing the address, when one lacks either.
    """
    found = {}
    for url in urls:
        parts = urlsplit(url)
        if not parts.username or not parts.password:
            raise ValueError("an AMQP address names no user or no password")
        found[unquote(parts.username)] = unquote(parts.password)
    return found


def definitions(wanted: Topology, passwords: Mapping[str, str]) -> dict[str, object]:
    """Make the ``definitions.json`` that RabbitMQ imports; ``passwords`` maps users to theirs.

    Users without a password there are left out, and keep the one they have: an agency's seat is made by
    ``admin.create_seat``. The same input gives the same bytes.
    """
    named = {"vhost": wanted.vhost}
    users = [user for user in wanted.users if user.name in passwords]
    return {
        "vhosts": [{"name": wanted.vhost}],
        "users": [
            {
                "name": user.name,
                "password_hash": password_hash(user.name, passwords[user.name]),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": "",
            }
            for user in users
        ],
        "permissions": [
            named | {"user": user.name, "configure": NOTHING, "write": user.write, "read": user.read}
            for user in users
        ],
        "topic_permissions": [
            named | {"user": user.name, "exchange": exchange, "write": keys, "read": NOTHING}
            for user in users
            for exchange, keys in user.keys.items()
        ],
        "exchanges": [
            named
            | {
                "name": name,
                "type": kind,
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name, kind in wanted.exchanges.items()
        ],
        "queues": [
            named
            | {"name": queue.name, "durable": True, "auto_delete": False, "arguments": dict(queue.arguments)}
            for queue in wanted.queues
        ],
        "bindings": [
            named
            | {
                "source": binding.exchange,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": binding.key,
                "arguments": {},
            }
            for binding in wanted.bindings
        ],
    }


def password_hash(user: str, password: str) -> str:
    """Hash a password as RabbitMQ stores it: base64 of a 4-byte salt and SHA-256 over salt and password.

    The salt comes from user and password, so that definitions made again are the same.
    """
    salt = hashlib.sha256(f"{user}\n{password}".encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def password_fits(stored: str, password: str) -> bool:
    """Tell whether a hash as RabbitMQ stores it is that of a password, whatever its salt."""
    raw = base64.b64decode(stored)
    return hashlib.sha256(raw[:4] + password.encode()).digest() == raw[4:]
