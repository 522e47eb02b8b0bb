"""Ways out of the installation to a person: a text message by an HTTP gateway, a mail by SMTP."""

from __future__ import annotations

from shared.channels.mail import MailServer
from shared.channels.results import Channel, Outcome, Result
from shared.channels.settings import BadChannelSettings, channels_from
from shared.channels.sms import SmsGateway

__all__ = [
    "BadChannelSettings",
    "Channel",
    "MailServer",
    "Outcome",
    "Result",
    "SmsGateway",
    "channels_from",
]
