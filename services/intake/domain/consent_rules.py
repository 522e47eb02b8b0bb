"""Who can give a consent (PIPL Art. 31: of the young their guardians), and how long it lasts at most."""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from services.intake.domain.errors import Fault, Rule
from services.intake.domain.filing import EMERGENCY, ON_PAPER, SPOKEN, Consent

CONSENT, PERSON, GUARDIAN = "consent", "person", "guardian"

GUARDIAN_GIVES = Rule(
    "本人未满{age}周岁，须由监护人同意：请将“同意人”改为监护人，并填写监护人姓名与关系。",
    "The person is under {age}, so a guardian consents: choose the guardian as the one who gives it, and name them.",
    "guardian-gives",
)
GUARDIAN_NAMED = Rule(
    "请填写监护人的姓名与关系：本人未满{age}周岁。",
    "Name the guardian and the relation: the person is under {age}.",
    "guardian-not-named",
)
GUARDIAN_SIGNS = Rule(
    "本人未满{age}周岁，须有监护人共同签字：请在 cosigned_by 中填写监护人姓名，或由监护人同意。",
    "The person is under {age}, so a guardian signs as well: name the guardian in cosigned_by, or have the guardian "
    "give the consent.",
    "guardian-signs",
)
GIVER_NAMED = Rule(
    "同意由监护人或代理人给出的，须写明是谁：请在 guardian 中填写其姓名与关系，或将“同意人”改为本人。",
    "A guardian or representative gave this consent: say who in guardian, by name and relation, or choose the person "
    "as the one who gives it.",
    "giver-not-named",
)
REASON_NEEDED = Rule(
    "紧急情况下未经本人同意的，请填写理由；事后须告知本人。",
    "Say why: acting in an emergency without the person's consent needs a reason, and the person is told afterwards.",
    "emergency-reason-needed",
)
FORM_LATER = Rule(
    "签字同意书的日期不能晚于今天。请按纸质同意书上的签字日期填写。",
    "The signed form cannot be of a later day than today. Give the day on which it was signed.",
    "form-later",
)
SPOKEN_UNWITNESSED = Rule(
    "口头同意须有见证人：请填写 witnessed_by，或请本人在同意书上签字。",
    "A consent given by word of mouth needs a witness: fill in witnessed_by, or have the form signed.",
    "spoken-unwitnessed",
)
PAPER_WITHOUT_FORM = Rule(
    "书面同意请填写同意书的编号和签字日期（form）。",
    "Of a consent given on paper tell the number and date of the form (form).",
    "form-missing",
)
TOO_LONG = Rule(
    "同意最长 {months} 个月，到期可以续签。请填写 {latest} 或更早的日期。",
    "A consent lasts {months} months at most and can be renewed. Give {latest} or an earlier date.",
    "consent-too-long",
)


def faults_of(
    consents: Sequence[Consent], age: int | None, rules: Mapping[str, Any], today: date
) -> Iterator[Fault]:
    """Object to consents that are not the giver's to give, name no giver, last too long, or lack an emergency's reason.

    ``age`` is that of the person whose data they are about, None where it is not known; ``rules`` are the pack's
    ``{guardian_under, cosign_under, months}``. Whoever acts on a duty of the law or in an emergency asks nobody.
    """
    for place, consent in enumerate(consents):
        path = f"consents.{place}"
        latest = months_after(max(consent.starts_on or today, today), rules["months"])
        if consent.expires_on > latest:
            yield Fault(
                f"{path}.expires_on", TOO_LONG.format(months=rules["months"], latest=latest.isoformat())
            )
        yield from _how(consent, path, today)
        if consent.basis == EMERGENCY and not str(consent.particulars.get("reason") or "").strip():
            yield Fault(f"{path}.reason", REASON_NEEDED)
        if consent.basis == CONSENT:
            wrong = [] if age is None else [*_given_by(consent, path, age, rules)]
            if not wrong and consent.given_by != PERSON and not consent.particulars.get("guardian"):
                wrong = [Fault(f"{path}.guardian", GIVER_NAMED)]
            yield from wrong


def _how(consent: Consent, path: str, today: date) -> Iterator[Fault]:
    """Object to a consent that nothing proves in the way it was given; what an older client leaves out stays so."""
    told = consent.particulars
    form = told.get("form")
    if form and form["date"] > today:
        yield Fault(f"{path}.form.date", FORM_LATER)
    if consent.basis != CONSENT:
        return
    if told.get("how") == SPOKEN and not told.get("witnessed_by"):
        yield Fault(f"{path}.witnessed_by", SPOKEN_UNWITNESSED)
    if told.get("how") == ON_PAPER and not form:
        yield Fault(f"{path}.form", PAPER_WITHOUT_FORM)


def is_theirs_to_give(consent: Consent, age: int | None, rules: Mapping[str, Any]) -> bool:
    """Tell whether whoever gave a consent could give it for somebody of that age."""
    return age is None or consent.basis != CONSENT or not any(_given_by(consent, "", age, rules))


def _given_by(consent: Consent, path: str, age: int, rules: Mapping[str, Any]) -> Iterator[Fault]:
    by_guardian = consent.given_by == GUARDIAN
    named = bool(consent.particulars.get("guardian"))
    for limit in (rules["guardian_under"], rules["cosign_under"]):
        if age < limit and by_guardian and not named:
            yield Fault(f"{path}.guardian", GUARDIAN_NAMED.format(age=limit))
            return
    if age < rules["guardian_under"] and not by_guardian:
        yield Fault(f"{path}.given_by", GUARDIAN_GIVES.format(age=rules["guardian_under"]))
    elif age < rules["cosign_under"] and not (by_guardian or consent.particulars.get("cosigned_by")):
        yield Fault(f"{path}.cosigned_by", GUARDIAN_SIGNS.format(age=rules["cosign_under"]))


def months_after(day: date, months: int) -> date:
    """Give the same day so many months later, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
