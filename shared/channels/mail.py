"""Mail by SMTP (RFC 5321), under STARTTLS (RFC 3207) wherever the server is not this very machine."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from shared.channels.results import Outcome, Result

SECONDS = 8.0
_TRANSIENT, _PERMANENT = 400, 500
_AWAY = Result(Outcome.NOT_TAKEN, "server-away", away=True)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over, as whom, and from whom it says it is; without TLS only where ``encrypted`` is off."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    encrypted: bool = True

    def send(self, key: str, address: str, subject: str, text: str) -> Result:
        """Hand one mail over. Until the text is sent nothing is; what is lost while it is sent may have arrived."""
        try:
            server = smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        except (OSError, smtplib.SMTPException):
            return _AWAY
        try:
            return self._begin(server, address) or _hand_over(
                server, self._written(key, address, subject, text)
            )
        finally:
            server.close()

    def _begin(self, server: smtplib.SMTP, address: str) -> Result | None:
        """Come as far as the text; gives a result where it comes no further."""
        try:
            server.ehlo_or_helo_if_needed()
            if self.encrypted:
                server.starttls(context=ssl.create_default_context())
                server.ehlo()
            if self.user is not None and (stopped := _sign_in(server, self.user, self.password or "")):
                return stopped
            for code, _ in (server.mail(self.sender), server.rcpt(address)):
                if refused := _refusal(code):
                    return refused
        except smtplib.SMTPNotSupportedError:
            return Result(Outcome.NOT_TAKEN, "no-starttls", away=True)
        except smtplib.SMTPAuthenticationError:
            return Result(Outcome.NOT_TAKEN, "server-refuses-us", away=True)
        except (OSError, smtplib.SMTPException):
            return _AWAY
        return None

    def _written(self, key: str, address: str, subject: str, text: str) -> bytes:
        mail = EmailMessage(policy=SMTP)
        mail["From"] = self.sender
        mail["To"] = address
        mail["Subject"] = subject
        mail["Date"] = formatdate()
        mail["Message-ID"] = f"<{key}@{self.sender.rpartition('@')[2]}>"
        # RFC 3834: no absence notice answers it.
        mail["Auto-Submitted"] = "auto-generated"
        # Seven bits, whatever the server makes of eight.
        mail.set_content(text, cte="base64")
        return mail.as_bytes()


def _sign_in(server: smtplib.SMTP, user: str, password: str) -> Result | None:
    try:
        server.login(user, password)
    except smtplib.SMTPNotSupportedError:
        return Result(Outcome.NOT_TAKEN, "no-auth", away=True)
    return None


def _hand_over(server: smtplib.SMTP, mail: bytes) -> Result:
    try:
        code, _ = server.data(mail)
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except (OSError, smtplib.SMTPException):
        return Result(Outcome.UNKNOWN, "connection-lost")
    return _refusal(code) or Result(Outcome.SENT)


def _refusal(code: int) -> Result | None:
    if code >= _PERMANENT:
        return Result(Outcome.REFUSED, f"smtp-{code}")
    if code >= _TRANSIENT:
        return Result(Outcome.NOT_TAKEN, f"smtp-{code}")
    return None
