"""Files what stands in a file: with the signed form of every consent, or it stays a draft at the desk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from services.intake.domain.consent_rules import CONSENT
from services.intake.domain.errors import Fault
from services.intake.domain.filing import DATA_KINDS, Consent, SubmitRequest
from services.intake.schemas.drafts import DraftBody
from services.intake.schemas.http import to_submit
from services.intake.use_cases.check_filing import check
from services.intake.use_cases.context import Context
from services.intake.use_cases.drafts import create_draft
from services.intake.use_cases.leg_light import today
from services.intake.use_cases.submit_request import submit_request
from shared.db import Once
from shared.directory import District
from shared.identity import Principal
from shared.text import Text

FORM = "form"
DUTY = "statutory-duty"
NO_FORM = Text(
    "缺少签字同意书的编号和日期（form.number、form.date）：从文件登记的，每个接收单位的同意都要凭纸质同意书。",
    "The number and date of the signed form are missing (form.number, form.date): what is filed from a file needs the "
    "paper on which the person consented, for each agency.",
)
NO_CONSENT = Text(
    "没有本人对{agency}的书面同意。请在窗口取得同意后再提交草稿。",
    "There is no written consent for {agency}. Take it at the desk, then submit the draft.",
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A request that stays a draft (its id), and what it lacks to be filed."""

    draft: str
    lacks: tuple[Fault, ...]


def file_from_paper(
    context: Context,
    principal: Principal,
    body: Mapping[str, Any],
    row: Mapping[str, Any],
    *,
    filing: Once,
    keeping: Once,
) -> dict[str, Any] | Kept:
    """File a request whose consents all name their signed forms; else keep it as a draft without those that do not.

    ``body`` is the row as ``SubmitBody`` loads it, ``row`` as it was written. Nobody has heard the person consent who
    writes a file: the form is what proves it (个人信息保护法 Art. 29). Gives what
    ``submit_request`` gives, or ``Kept``. ``filing`` and ``keeping`` let either take effect once.

    Raises as ``submit_request`` and ``create_draft``; what else is wrong is named, and nothing is kept.
    """
    command = to_submit(body)
    district = context.directory.current()
    lacks = tuple(lacking(command, district))
    if not lacks:
        return submit_request(context, principal, command, once=filing)
    day = today(context.clock.now(), district)
    check(_as_if_consented(command, district, day), district, day)
    proven = [
        given
        for given, consent in zip(row.get("consents", ()), command.consents, strict=True)
        if _is_proven(consent)
    ]
    draft = create_draft(context, principal, DraftBody().load({**row, "consents": proven}), once=keeping)
    return Kept(draft["id"], lacks)


def lacking(command: SubmitRequest, district: District) -> Iterator[Fault]:
    """Name the consents without a signed form, and the legs for which none is given at all."""
    for place, consent in enumerate(command.consents):
        if not _is_proven(consent):
            yield Fault(f"consents.{place}.{FORM}", NO_FORM)
    for place, need in enumerate(command.needs):
        programme = district.programmes.get(need.programme)
        if programme is not None and not _is_named(command, programme.agency, need.programme):
            agency = district.agencies[programme.agency].name
            yield Fault(f"legs.{place}.programme", NO_CONSENT.format(agency=agency))


def _as_if_consented(command: SubmitRequest, district: District, day: date) -> SubmitRequest:
    """Let nothing be wrong with a filing but that consents are missing."""
    wanted = {need.programme for need in command.needs if need.programme in district.programmes}
    missing = [
        Consent(
            agency=district.programmes[programme].agency,
            programmes=(programme,),
            data_kinds=frozenset(DATA_KINDS),
            expires_on=day,
            # Whoever is to give it is found out at the desk.
            basis=DUTY,
        )
        for programme in sorted(wanted)
        if not _is_named(command, district.programmes[programme].agency, programme)
    ]
    return replace(command, consents=(*command.consents, *missing))


def _is_named(command: SubmitRequest, agency: str, programme: str) -> bool:
    return any(consent.agency == agency and programme in consent.programmes for consent in command.consents)


def _is_proven(consent: Consent) -> bool:
    return consent.basis != CONSENT or bool(consent.particulars.get(FORM))
