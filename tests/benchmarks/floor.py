"""The floor: the same job written straight on psycopg and pika, with nothing of ours in between.

One job is one request with four needs, committed to PostgreSQL with its outbox row, published with confirms to a
durable quorum queue, consumed into four referrals (an inbox row, four rows, four outbox rows, one commit), each
published and consumed into one notification. No HTTP, no sealing, no sign-in, no checks, no order kept.
"""

from __future__ import annotations

import json
import multiprocessing
import time
import uuid
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.synchronize import Event as Stop
from typing import Any

import pika
import psycopg

AGENCIES = ("civil-affairs", "social-security", "employment", "health")
PERSON = {"name": "某某", "phone": "13800000000", "street": "联盟街道", "note": "x" * 300}
BATCH = 20
WRITERS = 4
WINDOW = 200
QUEUES = {"floor.referrals": "intake.#", "floor.notifications": "referral.#"}

TABLES = """
drop schema if exists floor cascade; create schema floor; set search_path to floor;
create table request(id uuid primary key, body jsonb not null, created timestamptz default now());
create table need(id uuid primary key, request_id uuid not null references request, programme text not null);
create table referral(id uuid primary key, request_id uuid not null, agency text not null, status text not null,
    version int not null, due date, body jsonb not null);
create index on referral(agency, status, due);
create table notification(id uuid primary key, referral_id uuid not null, channel text, status text, body jsonb);
create table outbox_a(seq bigserial primary key, id uuid not null, key text not null, body text not null);
create table outbox_b(seq bigserial primary key, id uuid not null, key text not null, body text not null);
create table inbox_b(id uuid primary key);
create table inbox_c(id uuid primary key);
"""
_TAKE = (
    "delete from {table} where seq in (select seq from {table} order by seq limit {limit}"
    " for update skip locked) returning seq, id, key, body"
)
Handle = Callable[[psycopg.Cursor[Any], str, dict[str, Any]], None]


@dataclass(frozen=True)
class Place:
    """Where the job runs: a libpq address whose user may create a schema, and an AMQP address."""

    dsn: str
    amqp: str

    def database(self) -> psycopg.Connection[Any]:
        """Connect, inside the floor's own schema."""
        return psycopg.connect(self.dsn, options="-c search_path=floor")

    def broker(self) -> pika.BlockingConnection:
        """Connect to RabbitMQ."""
        return pika.BlockingConnection(pika.URLParameters(self.amqp))


def _file(place: Place, jobs: int) -> None:
    connection = place.database()
    for _ in range(jobs):
        request = uuid.uuid4()
        message = json.dumps({"request": str(request), "needs": AGENCIES, "person": PERSON})
        with connection.pipeline(), connection.cursor() as cursor:
            cursor.execute("insert into request(id, body) values (%s, %s)", (request, json.dumps(PERSON)))
            needs = [(uuid.uuid4(), request, agency) for agency in AGENCIES]
            cursor.executemany("insert into need values (%s, %s, %s)", needs)
            cursor.execute(
                "insert into outbox_a(id, key, body) values (%s, %s, %s)",
                (uuid.uuid4(), "intake.request.submitted", message),
            )
            connection.commit()
    connection.close()


def _relay(place: Place, table: str, stop: Stop) -> None:
    database, broker = place.database(), place.broker()
    channel = broker.channel()._impl  # the plain channel under the blocking one, to pipeline confirms
    sent, confirmed = 0, 0

    def on_confirm(frame: Any) -> None:
        nonlocal confirmed
        confirmed = max(confirmed, frame.method.delivery_tag)

    channel.confirm_delivery(on_confirm, callback=lambda _frame: None)
    broker.process_data_events(0.05)
    take = _TAKE.format(table=table, limit=WINDOW)
    while not stop.is_set():
        with database.cursor() as cursor:
            rows = cursor.execute(take).fetchall()
            if not rows:
                database.rollback()
                broker.process_data_events(0.005)
                continue
            for _seq, id_, key, body in sorted(rows):
                properties = pika.BasicProperties(message_id=str(id_), delivery_mode=2)
                channel.basic_publish("floor", key, body.encode(), properties, mandatory=True)
                sent += 1
            while confirmed < sent:
                broker.process_data_events(0.001)
            database.commit()
    broker.close()
    database.close()


def _consume(place: Place, queue: str, handle: Handle, stop: Stop) -> None:
    database, broker = place.database(), place.broker()
    channel = broker.channel()
    channel.basic_qos(prefetch_count=max(50, BATCH * 2))
    pending: list[tuple[int, str, dict[str, Any]]] = []

    def flush() -> None:
        if not pending:
            return
        with database.pipeline(), database.cursor() as cursor:
            for _tag, id_, body in pending:
                handle(cursor, id_, body)
            database.commit()
        channel.basic_ack(pending[-1][0], multiple=True)
        pending.clear()

    def on_message(_channel: Any, method: Any, properties: Any, body: bytes) -> None:
        pending.append((method.delivery_tag, properties.message_id, json.loads(body)))
        if len(pending) >= BATCH:
            flush()

    channel.basic_consume(queue, on_message)
    while not stop.is_set():
        broker.process_data_events(0.005)
        flush()
    broker.close()
    database.close()


def _to_referrals(cursor: psycopg.Cursor[Any], id_: str, message: dict[str, Any]) -> None:
    cursor.execute("insert into inbox_b values (%s)", (id_,))
    body = json.dumps(message["person"])
    legs = [(uuid.uuid4(), agency) for agency in message["needs"]]
    cursor.executemany(
        "insert into referral values (%s, %s, %s, 'sent', 1, current_date + 10, %s)",
        [(leg, message["request"], agency, body) for leg, agency in legs],
    )
    cursor.executemany(
        "insert into outbox_b(id, key, body) values (%s, %s, %s)",
        [
            (uuid.uuid4(), f"referral.{agency}.issued", json.dumps({"referral": str(leg), "agency": agency}))
            for leg, agency in legs
        ],
    )


def _to_notification(cursor: psycopg.Cursor[Any], id_: str, message: dict[str, Any]) -> None:
    cursor.execute("insert into inbox_c values (%s)", (id_,))
    cursor.execute(
        "insert into notification values (%s, %s, 'in-app', 'queued', %s)",
        (uuid.uuid4(), message["referral"], json.dumps({"t": "issued"})),
    )


@contextmanager
def _topology(place: Place) -> Any:
    connection = place.broker()
    channel = connection.channel()
    channel.exchange_declare("floor", "topic", durable=True)
    for queue, key in QUEUES.items():
        channel.queue_delete(queue)
        channel.queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
        channel.queue_bind(queue, "floor", key)
    connection.close()
    yield
    connection = place.broker()
    for queue in QUEUES:
        connection.channel().queue_delete(queue)
    connection.close()


def run(dsn: str, amqp: str, jobs: int) -> float:
    """Do ``jobs`` jobs; gives jobs per second from the first insert to the last notification committed."""
    place = Place(dsn, amqp)
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(TABLES)
    with _topology(place):
        stop = multiprocessing.Event()
        background = [
            multiprocessing.Process(target=_relay, args=(place, "outbox_a", stop)),
            multiprocessing.Process(target=_relay, args=(place, "outbox_b", stop)),
            multiprocessing.Process(target=_consume, args=(place, "floor.referrals", _to_referrals, stop)),
            multiprocessing.Process(
                target=_consume, args=(place, "floor.notifications", _to_notification, stop)
            ),
        ]
        for process in background:
            process.start()
        time.sleep(1.5)
        begun = time.perf_counter()
        writers = [
            multiprocessing.Process(target=_file, args=(place, jobs // WRITERS)) for _ in range(WRITERS)
        ]
        for process in writers:
            process.start()
        wanted = 4 * WRITERS * (jobs // WRITERS)
        with psycopg.connect(dsn, autocommit=True) as connection:
            while _notifications(connection) < wanted:
                time.sleep(0.05)
        seconds = time.perf_counter() - begun
        stop.set()
        for process in [*writers, *background]:
            process.join()
    return wanted / 4 / seconds


def _notifications(connection: psycopg.Connection[Any]) -> int:
    row = connection.execute("select count(*) from floor.notification").fetchone()
    return int(row[0]) if row else 0
