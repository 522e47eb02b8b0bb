"""A person's own consent to be told of news: who may give it, where the news go, and the events that say so.

Sources: 个人信息保护法 Art. 14 (consent), 15 (withdrawn as easily as given), 19 (kept no longer than needed), 31.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from services.intake.domain.consent_rules import GUARDIAN_GIVES, PERSON, TOO_LONG, months_after
from services.intake.domain.errors import Fault, Rule
from services.intake.domain.events import Stamp
from services.intake.domain.filing import Consent, ContactConsent, Person
from shared.events import Event
from shared.text import Text

SMS, MAIL = "sms", "mail"
CHANNELS = (SMS, MAIL)
LANGUAGES = ("zh", "en")
KIND = "contact"

WITHDRAWN, NO_ADDRESS, REMOVED, ERASED = "withdrawn", "no-address", "content-removed", "erased"

CONTACT = "contact_consent"
NO_MOBILE = Rule(
    "短信只能发到手机：请在 person.phone 中填写手机号码，或不选短信（sms）。",
    "A text message needs a mobile phone: give its number in person.phone, or leave sms out.",
    "no-mobile-for-messages",
)
NO_MAIL = Rule(
    "请填写电子邮箱地址（mail），或不选邮件（mail）。",
    "Give the mail address in mail, or leave mail out of the channels.",
    "no-mail-for-messages",
)
WRONG_MAIL = Rule(
    "电子邮箱地址有误，请核对，例如 name@example.com。",
    "This is no mail address. Check it; it looks like name@example.com.",
    "wrong-mail-address",
)
GIVER_UNKNOWN = Rule(
    "由监护人或代理人同意的，须写明是谁：请在本申请的一份同意（consents）的 guardian 中"
    "填写其姓名与关系，或由本人同意。",
    "A guardian or representative agreed to this: say who in guardian of one of the request's consents, by name and "
    "relation, or have the person agree.",
    "contact-giver-not-named",
)
ALREADY_OVER = Rule(
    "到期日已过。请填写今天或以后的日期。",
    "It has expired. Give today's date or a later one.",
    "contact-expired",
)

_MOBILE = re.compile(r"(?:\+?86)?[- ]?1[3-9]\d(?:[- ]?\d){8}", re.ASCII)
# Narrower than the standards allow, so that nothing in it can ever be read as anything but one address.
_MAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}", re.ASCII)

TEXT: Mapping[str, Text] = MappingProxyType(
    {
        SMS: Text("短信", "text message"),
        MAIL: Text("电子邮件", "mail"),
    }
)
ADDRESSES: Mapping[str, Text] = MappingProxyType(
    {
        SMS: Text("手机号码", "mobile number"),
        MAIL: Text("电子邮箱地址", "mail address"),
    }
)
SHEET = Text(
    "本人同意{handler}为通知办理进展，将本人的{addresses}加密交由本平台的通知服务使用，仅用于按上述方式发送内容固定、"
    "不含姓名、事项和单位名称的提示；不提供给任何接收单位。到期或撤回后即删除。随时可以在本窗口撤回，与同意一样方便；"
    "不同意或撤回不影响任何帮助。有效期至 {expires_on}。",
    "I agree that {handler} uses my {addresses}, encrypted, within this platform's notification service, to tell me of "
    "news in fixed words that name neither me nor what I asked for nor any agency, by the ways named above and for "
    "nothing else; no agency is given it. It is deleted when this consent ends or is withdrawn. I can withdraw it here "
    "at any time, as easily as I gave it; saying no, or withdrawing, has no bearing on any help. Valid until "
    "{expires_on}.",
)
"""What is read out and signed: purpose, method, kinds, period, receiver, how to withdraw, and what follows."""
SHEET_PARTS = (
    Text("接收办理进展通知同意书", "Consent to being told of news"),
    Text("通知方式", "Told by"),
    Text("有效期至", "Valid until"),
    Text(
        "本人（或监护人）签名：____________　与本人关系：____________　日期：____________",
        "Signature (or guardian's): ____________  Relation: ____________  Date: ____________",
    ),
)
"""Its heading, how the two facts on it are called, and where it is signed."""


def faults_of(
    consent: ContactConsent,
    person: Person,
    *,
    age: int | None,
    rules: Mapping[str, Any],
    today: date,
    beside: Iterable[Consent],
    path: str = f"{CONTACT}.",
) -> Iterator[Fault]:
    """Object to a consent that nobody could be told under, that has ended, lasts too long, or is not the giver's.

    ``age`` is the person's, None where it is not known; ``rules`` are the pack's ``{guardian_under, months}``. Who gave
    it in the person's place stands in a consent ``beside`` it, of the same request.
    """
    if SMS in consent.channels and not is_mobile(person.phone):
        yield Fault(f"{path}channels", NO_MOBILE)
    if MAIL in consent.channels and not consent.mail:
        yield Fault(f"{path}mail", NO_MAIL)
    if consent.mail and not _MAIL.fullmatch(consent.mail):
        yield Fault(f"{path}mail", WRONG_MAIL)
    latest = months_after(today, rules["months"])
    if consent.expires_on < today:
        yield Fault(f"{path}expires_on", ALREADY_OVER)
    elif consent.expires_on > latest:
        yield Fault(f"{path}expires_on", TOO_LONG.format(months=rules["months"], latest=latest.isoformat()))
    if age is not None and age < rules["guardian_under"] and consent.given_by == PERSON:
        yield Fault(f"{path}given_by", GUARDIAN_GIVES.format(age=rules["guardian_under"]))
    named = any(other.particulars.get("guardian") for other in beside)
    if consent.given_by != PERSON and not named:
        yield Fault(f"{path}given_by", GIVER_UNKNOWN)


def is_mobile(phone: str | None) -> bool:
    """Tell whether a text message can be sent to a number."""
    return phone is not None and _MOBILE.fullmatch(phone) is not None


def reachable(consent: ContactConsent, person: Person) -> tuple[str, ...]:
    """Give the channels consented to by which the person can be reached now."""
    there = {SMS: is_mobile(person.phone), MAIL: bool(consent.mail)}
    return tuple(channel for channel in consent.channels if there[channel])


def body_of(consent: ContactConsent, person: Person, channels: tuple[str, ...]) -> dict[str, str]:
    """Give what the sealed packet says: where and in which language, and nothing of who it is or why."""
    where = {SMS: ("phone", person.phone), MAIL: ("mail", consent.mail)}
    named = dict(where[channel] for channel in channels)
    return {**{name: value for name, value in named.items() if value}, "language": consent.language}


def given(stamp: Stamp, consent: str, *, channels: tuple[str, ...], expires_on: date, packet: str) -> Event:
    """Tell notifications where somebody may be told of news; ``packet`` is sealed to it."""
    data = {"channels": list(channels), "expires_on": expires_on.isoformat(), "packet": packet}
    return _event("given", stamp, consent, data)


def ended(stamp: Stamp, consent: str, reason: str) -> Event:
    """Tell notifications that somebody is told nothing more; ``reason`` is a code."""
    return _event("ended", stamp, consent, {"reason": reason})


def _event(fact: str, stamp: Stamp, consent: str, data: Mapping[str, Any]) -> Event:
    return Event(
        id=stamp.id,
        type=f"consent.contact-{fact}.v1",
        source=stamp.source,
        subject=consent,
        time=stamp.time,
        sequence=stamp.sequence,
        data=data,
        correlation=stamp.request,
    )
