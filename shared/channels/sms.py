"""Text messages by an HTTP gateway that the district names: one POST of JSON for each.

The gateway gets ``{"id", "to", "text"}`` with ``Authorization: Bearer <token>`` and ``Idempotency-Key`` (the id), and
answers 2xx when it has taken the message. 408, 425, 429 and 503 mean not now, any other 4xx never.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

import requests

from shared.channels.results import Outcome, Result

CONNECT_SECONDS, READ_SECONDS = 3.0, 8.0
NOT_NOW = frozenset({408, 425, 429, 503})
_SERVER = 500


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """The gateway's address and the token by which it knows us."""

    url: str
    token: str = field(repr=False)

    def send(self, key: str, address: str, subject: str, text: str) -> Result:  # noqa: ARG002 - a message has no subject
        """Hand one message over; a number is sent as digits, with ``+`` where its country was named."""
        try:
            answer = requests.post(
                self.url,
                json={"id": key, "to": digits(address), "text": text},
                headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": key},
                timeout=(CONNECT_SECONDS, READ_SECONDS),
                # What is addressed to one gateway is not carried on to wherever it points.
                allow_redirects=False,
            )
        except (requests.exceptions.SSLError, requests.ConnectTimeout):
            return Result(Outcome.NOT_TAKEN, "gateway-away", away=True)
        except requests.ConnectionError as error:
            if _never_connected(error):
                return Result(Outcome.NOT_TAKEN, "gateway-away", away=True)
            return Result(Outcome.UNKNOWN, "connection-lost")
        except requests.RequestException:
            return Result(Outcome.UNKNOWN, "no-answer")
        return _read(answer.status_code)


def digits(number: str) -> str:
    """Write a telephone number without spaces and dashes."""
    return "".join(letter for letter in number if letter.isdigit() or letter == "+")


def _never_connected(error: requests.ConnectionError) -> bool:
    # What lies at the bottom: only these two say for certain that nobody ever listened.
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ConnectionRefusedError, socket.gaierror)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def _read(status: int) -> Result:
    reason = f"http-{status}"
    if status in NOT_NOW:
        return Result(Outcome.NOT_TAKEN, reason, away=True)
    if status < 300:  # noqa: PLR2004 - HTTP's own border
        return Result(Outcome.SENT)
    if status < _SERVER:
        # A redirect is not followed, so it is a refusal, too.
        return Result(Outcome.REFUSED, reason)
    return Result(Outcome.UNKNOWN, reason)
