"""A system of an agency's own, knowing pika and its private key alone: it reads what is its, and nothing else."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import orjson
import pika
import pytest
from joserfc import jwe, jws
from joserfc.jwk import OKPKey
from pika.exceptions import ChannelClosedByBroker

from deploy.local import Missing, Servers
from deploy.local.full_run import FullRun
from tests.builders import a_filing
from tests.conftest import absent
from tests.waiting import until

AGENCY = "medical-insurance"
PACKS = Path(__file__).parents[2] / "deploy" / "districts"


@pytest.fixture(scope="module")
def private_key() -> OKPKey:
    """Make the key that only the agency has."""
    return OKPKey.generate_key("X25519", parameters={"kid": "yb-2026-1"}, private=True)


@pytest.fixture(scope="module")
def full(private_key: OKPKey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FullRun]:
    """Run the demo district, but with one agency that has a system and a key of its own."""
    pack = tmp_path_factory.mktemp("packs") / "530103"
    shutil.copytree(PACKS / "530103", pack)
    public = orjson.dumps(private_key.as_dict(private=False)).decode()
    agencies = (pack / "agencies.yaml").read_text()
    begin = agencies.index(f"- id: {AGENCY}")
    own = agencies[begin:].replace(
        "keys: platform", f"keys: own\n    system: true\n    public_jwk: {public}", 1
    )
    (pack / "agencies.yaml").write_text(agencies[:begin] + own)
    with Servers.temporary(nginx=True, durable=False) as servers:
        run = FullRun(servers)
        try:
            run.start()
            # A key that leaves our hands widens disclosure: somebody else approves it.
            proposed = run.run("district", "apply", str(pack)).split()[-1]
            run.run("district", "approve", proposed)
            run.run("topology", "apply")
            # Services switch within seconds; a fresh process has the new pack at once.
            for name in ("web-intake", "web-referrals", "work-referrals"):
                run.kill(name)
                run.resume(name)
            # The agency's seat is made only later.
            run.wait(known={"topology-differs"})
            yield run
        except Missing as error:
            absent(str(error))
        finally:
            run.discard()


@pytest.fixture(scope="module")
def seat(full: FullRun) -> Iterator[pika.BlockingConnection]:
    """Sign in at the broker with what the operator was shown."""
    password = full.run("topology", "seat", AGENCY).strip().splitlines()[-1]
    place = pika.URLParameters(full.servers.amqp_url("admin"))
    place.credentials = pika.PlainCredentials(f"agency-{AGENCY}", password)
    connection = pika.BlockingConnection(place)
    yield connection
    connection.close()


@pytest.fixture(scope="module")
def received(full: FullRun, seat: pika.BlockingConnection) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """File one request for two agencies; give what the hut was answered and the events in the agency's inbox."""
    token = full.run("token", "hut").strip().splitlines()[-1]
    answer = httpx.post(
        f"{full.url}/intake/api/v1/requests",
        json=a_filing("med-enrol", "dibao"),
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert answer.status_code == httpx.codes.CREATED, answer.text
    channel = seat.channel()
    events: list[dict[str, Any]] = []

    def fetch() -> bool:
        method, _properties, body = channel.basic_get(f"agency.{AGENCY}.inbox", auto_ack=True)
        if method is not None:
            events.append(orjson.loads(body))
        return bool(events)

    until(fetch, seconds=30, what="an event in the agency's inbox")
    with suppress(ChannelClosedByBroker):
        channel.close()
    return answer.json(), events


pytestmark = pytest.mark.full


def test_the_agency_reads_the_event_of_its_own_leg_alone(
    received: tuple[dict[str, Any], list[dict[str, Any]]],
) -> None:
    filed, events = received
    leg = next(leg["id"] for leg in filed["legs"] if leg["agency"] == AGENCY)
    assert [(event["type"], event["subject"]) for event in events] == [("referral.issued.v1", leg)]


def test_what_goes_outside_joins_nothing(received: tuple[dict[str, Any], list[dict[str, Any]]]) -> None:
    filed, (event, *_) = received
    assert not {"correlationid", "causationid", "traceparent"} & set(event)
    assert filed["id"] not in orjson.dumps(event).decode()
    assert filed["number"] not in orjson.dumps(event).decode()


def test_the_packet_opens_with_the_agencys_key_and_was_signed_by_the_desk(
    private_key: OKPKey, received: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    filed, (event, *_) = received
    sealed = jwe.decrypt_compact(event["data"]["packet"], private_key, algorithms=["ECDH-ES", "A256GCM"])
    claims = orjson.loads(jws.extract_compact(sealed.plaintext or b"").payload)
    assert claims["iss"] == "aid/530103/intake"
    assert claims["aud"] == AGENCY
    assert claims["sub"] == event["subject"]
    assert claims["kind"] == "packet"
    assert claims["body"]["programme"] == "med-enrol"
    assert claims["body"]["person"]["name"]
    assert filed["id"] not in str(claims)


def test_the_platform_cannot_open_what_the_agency_alone_can(
    full: FullRun, received: tuple[dict[str, Any], list[dict[str, Any]]]
) -> None:
    _filed, (event, *_) = received
    token = full.run("token", f"desk-{AGENCY}").strip().splitlines()[-1]
    answer = httpx.post(
        f"{full.url}/referrals/api/v1/referrals/{event['subject']}/packet/open",
        json={"reason": "to enrol"},
        headers={"Authorization": f"Bearer {token}"},
        trust_env=False,
    )
    assert answer.status_code == httpx.codes.CONFLICT, answer.text


@pytest.mark.parametrize(
    "forbidden",
    [
        lambda channel: channel.basic_get("referrals.events"),
        lambda channel: channel.basic_get("agency.health.inbox"),
        lambda channel: channel.queue_declare("mine"),
        lambda channel: channel.queue_bind(f"agency.{AGENCY}.inbox", "aid.events", "#"),
        lambda channel: channel.queue_bind(f"agency.{AGENCY}.inbox", "aid.agencies", "#"),
        lambda channel: _published(channel, "aid.events", "request.submitted"),
        lambda channel: _published(channel, "aid.agencies", f"referral.{AGENCY}.issued"),
        lambda channel: _published(channel, "aid.commands", "health.anything"),
    ],
    ids=[
        "others' queue",
        "others' inbox",
        "declare",
        "bind events",
        "bind agencies",
        "events",
        "agencies",
        "as other",
    ],
)
def test_it_can_neither_read_nor_bind_nor_write_anything_else(
    seat: pika.BlockingConnection, forbidden: Any
) -> None:
    channel = seat.channel()
    with pytest.raises(ChannelClosedByBroker) as refused:
        forbidden(channel)
    assert refused.value.reply_code in {403, 404}


def _published(channel: Any, exchange: str, key: str) -> None:
    channel.confirm_delivery()
    channel.basic_publish(exchange, key, b"{}", mandatory=True)


def test_what_it_sends_that_nobody_understands_is_kept_for_an_operator(
    full: FullRun, seat: pika.BlockingConnection
) -> None:
    channel = seat.channel()
    channel.confirm_delivery()
    channel.basic_publish("aid.commands", f"{AGENCY}.hello", b'{"hello": 1}', mandatory=True)
    deadline = time.monotonic() + 30
    while "referrals/" not in (listed := full.run("dead-letters", "list")):
        assert time.monotonic() < deadline, listed
    assert "malformed" in listed
