"""Which channels an installation has, read from the environment; a secret never crosses a network in the clear."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from shared.addresses import is_loopback, is_safe
from shared.channels.mail import MailServer
from shared.channels.results import Channel
from shared.channels.sms import SmsGateway
from shared.text import Text

SMS, MAIL = "sms", "mail"
SMS_URL, SMS_TOKEN = "CAREHUT_SMS_URL", "CAREHUT_SMS_TOKEN"
MAIL_URL, MAIL_FROM = "CAREHUT_MAIL_URL", "CAREHUT_MAIL_FROM"
SUBMISSION_PORT = 587
_ADDRESS = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+", re.ASCII)


class BadChannelSettings(Exception):
    """A channel is configured, and not rightly; ``text`` says so to people."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def channels_from(environ: Mapping[str, str]) -> dict[str, Channel]:
    """Give the channels that are configured, by ``sms`` and ``mail``; none where nothing is set.

    Raises:
        BadChannelSettings: an address is none, half of a channel is missing, or it would go unencrypted.
    """
    found: dict[str, Channel] = {}
    if environ.get(SMS_URL) or environ.get(SMS_TOKEN):
        found[SMS] = _gateway(environ)
    if environ.get(MAIL_URL) or environ.get(MAIL_FROM):
        found[MAIL] = _server(environ)
    return found


def _gateway(environ: Mapping[str, str]) -> SmsGateway:
    url, token = (environ.get(name, "") for name in (SMS_URL, SMS_TOKEN))
    if not (is_safe(url) and token):
        raise BadChannelSettings(
            Text(
                f"请同时设置 {SMS_URL}（https 地址；仅本机可用 http）和 {SMS_TOKEN}。",
                f"Set both {SMS_URL} (an https address; http at loopback only) and {SMS_TOKEN}.",
            )
        )
    return SmsGateway(url, token)


def _server(environ: Mapping[str, str]) -> MailServer:
    url, sender = (environ.get(name, "") for name in (MAIL_URL, MAIL_FROM))
    try:
        parts = urlsplit(url)
        port = parts.port or SUBMISSION_PORT
    except ValueError:
        parts, port = urlsplit(""), 0
    if parts.scheme != "smtp" or not parts.hostname or not _ADDRESS.fullmatch(sender):
        raise BadChannelSettings(
            Text(
                f"请同时设置 {MAIL_URL}（smtp://用户:口令@主机:端口）和 {MAIL_FROM}（发件地址）。",
                f"Set both {MAIL_URL} (smtp://user:password@host:port) and {MAIL_FROM} (the sender's address).",
            )
        )
    return MailServer(
        host=parts.hostname,
        port=port,
        sender=sender,
        user=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        encrypted=not is_loopback(parts.hostname),
    )
