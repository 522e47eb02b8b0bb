"""Where somebody may be told comes sealed, is kept sealed, goes when it ends, and is used for nobody else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from deploy.doctor.service import untold
from deploy.key_life import SETTLED, By, rotate
from deploy.key_moves import move_over
from deploy.local.ports import free_port
from services.intake.domain.errors import InvalidFiling
from services.intake.schemas.http import ContactConsentBody, contact_from
from services.intake.use_cases.contact import record_contact, withdraw_contact
from services.intake.use_cases.correct import CorrectRequest, correct_request
from shared.channels import BadChannelSettings, MailServer, channels_from
from shared.events import Event
from shared.sealing import Use
from tests.builders import a_principal, an_installation
from tests.conftest import MakeDatabase
from tests.integration.notifications.far_ends import (
    CLOSED,
    CONSENT,
    MAIL,
    PAPERS,
    PHONE,
    Gateway,
    Letters,
    a_gateway,
    a_real_district,
    a_sender,
    filed,
    happens,
    kept,
    ready,
    states,
    take_in,
    told_by_intake,
)
from tests.integration.notifications.post_room import PostRoom
from tests.rotation import ground

BY_MAIL = {**CONSENT, "channels": ["mail"], "mail": MAIL}


@pytest.fixture
def room(sqlite_database: MakeDatabase) -> PostRoom:
    """Notifications of a district that is no demo."""
    return PostRoom(an_installation(sqlite_database, district=a_real_district()))


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    """A gateway for text messages."""
    with a_gateway() as running:
        yield running


def test_a_contact_packet_says_where_and_in_which_language_and_nothing_else(room: PostRoom) -> None:
    contact = filed(room, {**CONSENT, "channels": ["sms", "mail"], "mail": MAIL}).contact
    claims = room.parts.keyring.open(
        str(contact.data["packet"]), "notifications", "contact", contact.subject, sender="intake"
    )
    assert claims.body == {"phone": PHONE, "mail": MAIL, "language": "zh"}
    assert set(contact.data) == {"channels", "expires_on", "packet"}


def test_without_a_consent_nothing_is_told_of_contacts(room: PostRoom) -> None:
    assert [event.type for event in filed(room, None).events] == ["request.submitted.v1"]


@pytest.mark.parametrize(
    ("consent", "fields"),
    [
        ({**CONSENT, "expires_on": "2026-11-01"}, ["contact_consent.expires_on"]),
        ({**CONSENT, "expires_on": "2030-11-01"}, ["contact_consent.expires_on"]),
        ({**CONSENT, "channels": ["mail"]}, ["contact_consent.mail"]),
        ({**BY_MAIL, "mail": "two@example.org,other@example.org"}, ["contact_consent.mail"]),
        ({**BY_MAIL, "mail": "a@example.org\r\nBcc: b@example.org"}, ["contact_consent.mail"]),
    ],
)
def test_a_consent_under_which_nobody_could_be_told_is_refused_by_field(
    room: PostRoom, consent: dict[str, Any], fields: list[str]
) -> None:
    with pytest.raises(InvalidFiling) as refused:
        filed(room, consent)
    assert [fault.field for fault in refused.value.faults] == fields
    assert told_by_intake(room) == []


def test_taken_back_the_packet_is_deleted_and_what_waits_is_not_sent(
    room: PostRoom, gateway: Gateway
) -> None:
    told = ready(room)
    happens(room, PAPERS, told.request)
    withdraw_contact(room.installation.intake(), a_principal(), told.request)
    take_in(room, told_by_intake(room)[-1])
    assert [(row.packet, row.ended) for row in kept(room)] == [(None, "withdrawn")]
    assert a_sender(room, sms=gateway.channel).tick() == 0
    assert (gateway.posts, states(room)) == ([], [("dropped", "consent-ended")])


def test_given_anew_and_corrected_it_takes_the_place_of_what_stood(room: PostRoom, gateway: Gateway) -> None:
    told, intake = ready(room), room.installation.intake()
    body = ContactConsentBody().load({**CONSENT, "language": "en"})
    record_contact(intake, a_principal(), told.request, contact_from(body))
    take_in(room, told_by_intake(room)[-1])
    correct_request(
        intake,
        a_principal(),
        CorrectRequest(request=told.request, person={"phone": "13911112222"}),
    )
    take_in(
        room, *(event for event in told_by_intake(room) if event.sequence == 3 and "contact" in event.type)
    )
    happens(room, PAPERS, told.request)
    a_sender(room, sms=gateway.channel).tick()
    assert [(post["to"], post["text"][:2]) for post in gateway.posts] == [("13911112222", "[D")]
    assert room.letters() == []


def test_its_last_day_over_the_packet_is_deleted_by_time_alone(room: PostRoom, gateway: Gateway) -> None:
    ready(room)
    room.installation.clock.move_to(room.installation.clock.now() + timedelta(days=300))
    a_sender(room, sms=gateway.channel).tick()
    assert [(row.packet, row.ended) for row in kept(room)] == [(None, "expired")]


def test_a_packet_that_is_none_has_expired_or_came_before_is_kept_for_an_operator(room: PostRoom) -> None:
    first, other = ready(room).contact, filed(room).contact
    take_in(room, replace(other, data={**other.data, "packet": "not.a.packet"}))
    late = filed(room).contact
    take_in(room, replace(late, data={**late.data, "expires_on": "2026-11-01"}))
    again = filed(room).contact
    take_in(room, replace(again, data={**again.data, "packet": first.data["packet"]}))
    assert len(room.letters()) == 3
    assert len(kept(room)) == 1


def _signed_by_nobody_we_know(room: PostRoom, contact: Event) -> str:
    return room.parts.keyring.readdress(str(contact.data["packet"]), "notifications")[:-4] + "AAAA"


def _about_another(room: PostRoom, _contact: Event) -> str:
    return room.parts.keyring.readdress(str(filed(room).contact.data["packet"]), "notifications")


@pytest.mark.parametrize(
    ("forge", "reason"),
    [(_signed_by_nobody_we_know, "packet-changed"), (_about_another, "packet-wrong-subject")],
)
def test_a_forged_packet_is_found_before_anything_is_sent_and_kept_for_an_operator(
    room: PostRoom, gateway: Gateway, forge: Any, reason: str
) -> None:
    told = filed(room)
    take_in(room, replace(told.contact, data={**told.contact.data, "packet": forge(room, told.contact)}))
    happens(room, PAPERS, told.request)
    a_sender(room, sms=gateway.channel).tick()
    assert (gateway.posts, states(room)) == ([], [("failed", reason)])
    assert [(row.packet is not None, row.ended) for row in kept(room)] == [(True, reason)]


def test_nothing_on_its_disk_or_in_its_log_says_where_or_who(
    room: PostRoom, gateway: Gateway, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    told = filed(room, {**CONSENT, "channels": ["sms", "mail"], "mail": MAIL}, name="欧阳慧敏")
    take_in(room, told.contact)
    secrets = [text.encode() for text in (PHONE, MAIL, "欧阳慧敏")]
    secrets += [base64.b64encode(text).rstrip(b"=") for text in secrets]

    def found() -> list[bytes]:
        files = [file for file in tmp_path.rglob("*notifications*") if file.is_file()]
        assert files
        written = b"".join(file.read_bytes() for file in files) + "".join(capfd.readouterr()).encode()
        return [secret for secret in secrets if secret in written]

    assert found() == []
    happens(room, PAPERS, told.request)
    gateway.answers.append(503)
    sender = a_sender(room, sms=gateway.channel)
    sender.tick()
    assert found() == []
    room.installation.clock.move_to(room.installation.clock.now() + timedelta(hours=1))
    sender.tick()
    assert len(gateway.posts) == 2
    assert found() == []


def test_a_mail_goes_out_once_with_the_same_words(room: PostRoom) -> None:
    told, letters = ready(room, BY_MAIL), Letters()
    happens(room, CLOSED, told.request)
    port = free_port()
    controller = Controller(letters, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        server = MailServer("127.0.0.1", port, "aid@example.org", encrypted=False)
        sender = a_sender(room, mail=server)
        assert (sender.tick(), sender.tick()) == (1, 0)
        unsafe = replace(server, encrypted=True)
        assert unsafe.send("key", MAIL, "subject", "text").reason == "no-starttls"
        known = replace(server, user="aid", password="password of a test")
        assert known.send("key", MAIL, "subject", "text").reason == "no-auth"
    finally:
        controller.stop()
    (letter,) = letters.letters
    assert (letter.mail_from, letter.rcpt_tos) == ("aid@example.org", [MAIL])
    assert base64.b64encode("【帮扶救助转介】您的申请有新进展".encode())[:40] in (
        letter.original_content or b""
    )
    assert server.send("key", MAIL, "subject", "text").reason == "server-away"
    assert states(room) == [("sent", None)]


@pytest.mark.parametrize(
    "environ",
    [
        {"CAREHUT_SMS_URL": "http://gateway.example.org/", "CAREHUT_SMS_TOKEN": "t"},
        {"CAREHUT_SMS_URL": "https://gateway.example.org/"},
        {"CAREHUT_SMS_URL": "https://[", "CAREHUT_SMS_TOKEN": "t"},
        {"CAREHUT_MAIL_URL": "smtp://mail.example.org"},
        {"CAREHUT_MAIL_URL": "http://mail.example.org", "CAREHUT_MAIL_FROM": "aid@example.org"},
    ],
)
def test_a_channel_that_is_half_set_up_or_would_go_in_the_clear_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(BadChannelSettings):
        channels_from(environ)


def test_that_there_is_no_channel_is_told_only_where_somebody_waits_to_be_told(room: PostRoom) -> None:
    district, database = a_real_district(), room.parts.database
    assert untold(database, district, {}) == []
    ready(room)
    assert [trouble.code for trouble in untold(database, district, {})] == ["no-channel"]
    there = {"CAREHUT_SMS_URL": "https://gateway.example.org/", "CAREHUT_SMS_TOKEN": "t"}
    assert untold(database, district, there) == []


def test_its_key_is_changed_under_the_packets(room: PostRoom, gateway: Gateway) -> None:
    told, installation = ready(room), room.installation
    before = kept(room)[0].packet
    place, by = (Use.PACKET_RECEIVING, "notifications"), By("operator", reason="rehearsal")
    clock, databases, master = installation.clock, installation.databases, installation.master
    clock.move_to(clock.now() + timedelta(minutes=1))
    rotate(databases, master, installation.district, place, clock.now(), by)
    clock.move_to(clock.now() + SETTLED)
    assert [step.rows for _, step in move_over(ground(installation), place, by)] == [1]
    room.parts.keyring.load()
    assert kept(room)[0].packet != before
    happens(room, PAPERS, told.request)
    a_sender(room, sms=gateway.channel).tick()
    assert states(room) == [("sent", None)]
