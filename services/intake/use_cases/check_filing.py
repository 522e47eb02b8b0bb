"""Holds what was filed against the district's pack and the rules, and names every fault at once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from services.intake.domain import consent_rules, contact
from services.intake.domain.ages import youngest
from services.intake.domain.consents import covered_kinds
from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.filing import Beneficiary, Consent, Need, Refused, SubmitRequest
from services.intake.use_cases.answer_checks import answer_problem
from shared.directory import Agency, District, Programme, forbidden_word
from shared.directory.validation import id_number_problem, phone_problem, residence_problem
from shared.text import Text

BORN_LATER = Rule("出生日期不能晚于今天。", "The date of birth cannot be after today.", "born-later")
NO_SUCH_PROGRAMME = Rule(
    "本区没有 {id} 这个项目。请从项目列表中选择。",
    "This district has no programme {id}. Choose one from its list.",
    "no-such-programme",
)
NOT_OFFERED = Rule("本区暂不办理 {id}。", "{id} is not offered in this district.", "not-offered")
NO_SUCH_AGENCY = Rule(
    "本区没有 {id} 这个单位。请从单位列表中选择。",
    "This district has no agency {id}. Choose one from its list.",
    "no-such-agency",
)
NOT_THEIRS = Rule(
    "{id} 不是该单位的项目。请写在负责该项目的单位名下。",
    "{id} is not a programme of this agency. Put it under the agency that runs it.",
    "not-their-programme",
)
TWICE = Rule(
    "{id} 写了两次。每个项目（每个受益人）只写一次。",
    "{id} is listed twice. List each programme once per beneficiary.",
    "programme-listed-twice",
)
CONSENT_TWICE = Rule(
    "{id} 有两份同意。请合并为一份。", "There are two consents for {id}. Join them into one.", "two-consents"
)
NOT_COVERED = Rule(
    "没有覆盖“{programme}”的有效同意。请取得本人对{agency}的同意，须包含身份信息且未到期。",
    "No valid consent covers {programme}. Take one for {agency} that includes identity and has not expired.",
    "no-consent-covers",
)
EXPIRED = Rule(
    "同意的到期日已过。请填写今天或以后的日期。",
    "The consent has expired. Give today's date or a later one.",
    "consent-expired",
)
ENDS_BEFORE_START = Rule(
    "到期日早于起始日。请更正。",
    "The consent ends before it starts. Correct one of the dates.",
    "consent-ends-before-it-starts",
)
OUTING_WORD = Rule(
    "其中的“{word}”一词会向接收单位透露无关信息。请删去或改写。",
    "It contains “{word}”, which the agency need not know. Remove or reword it.",
    "word-tells-the-agency",
)
NO_SUCH_FIELD = Rule(
    "本区没有 {id} 这个填报项。请从项目的填报项中选择。",
    "This district has no field {id}. Use the fields of its programmes.",
    "no-such-field",
)


def check(command: SubmitRequest, district: District, today: date) -> dict[str, frozenset[str]]:
    """Give, for each programme filed for, the data kinds consented to.

    Raises:
        InvalidFiling: naming every field that cannot be accepted.
    """
    faults = [
        *_person(command, district, today),
        *_consents(command, district, today),
        *_giving(command, district, today),
        *_contact(command, district, today),
        *_legs(command, district, today),
        *_answers(command, district, today),
        *(
            fault
            for place, refused in enumerate(command.refused)
            for fault in refusal_faults(refused, f"refusals.{place}.", district)
        ),
    ]
    if faults:
        raise InvalidFiling(faults)
    return {
        need.programme: covered_kinds(
            command.consents, district.programmes[need.programme].agency, need.programme, today
        )
        for need in command.needs
    }


def check_added(
    command: SubmitRequest, on_file: Sequence[Consent], district: District, today: date
) -> dict[str, frozenset[str]]:
    """Check legs and consents that join a request; its own consents, ``on_file``, cover legs, too.

    A consent given now takes the place of one on file for the same agency and programme.
    Gives and raises as ``check``.
    """
    given = {(consent.agency, programme) for consent in command.consents for programme in consent.programmes}
    kept = [
        consent
        for consent in on_file
        if not any((consent.agency, programme) in given for programme in consent.programmes)
    ]
    together = replace(command, consents=(*command.consents, *kept))
    faults = [
        *_consents(command, district, today),
        *_giving(command, district, today),
        *_legs(together, district, today),
    ]
    if faults:
        raise InvalidFiling(faults)
    return {
        need.programme: covered_kinds(
            together.consents, district.programmes[need.programme].agency, need.programme, today
        )
        for need in command.needs
    }


def check_corrected(
    command: SubmitRequest, changed: Collection[str], district: District, today: date
) -> None:
    """Check data that were corrected later; ``changed`` names the fields touched, as dotted paths of a filing.

    Raises:
        InvalidFiling: naming every one of them that cannot be accepted.
    """
    faults = [
        *_person(command, district, today),
        *(
            fault
            for index, need in enumerate(command.needs)
            for fault in _words(index, need, district, today)
        ),
        *_answers(command, district, today),
    ]
    wrong = [fault for fault in faults if any(f"{fault.field}.".startswith(f"{path}.") for path in changed)]
    if wrong:
        raise InvalidFiling(wrong)


def _person(command: SubmitRequest, district: District, today: date) -> Iterator[Fault]:
    person = command.person
    yield from _fault("person.residence", residence_problem(person.residence, district))
    yield from _phone("person.phone", person.phone)
    yield from _dates_of("person", person.id_number, person.birth_date, today)


def _dates_of(path: str, id_number: str | None, born: date | None, today: date) -> Iterator[Fault]:
    if id_number is not None:
        yield from _fault(f"{path}.id_number", id_number_problem(id_number, today))
    if born is not None and born > today:
        yield Fault(f"{path}.birth_date", BORN_LATER)


def _phone(path: str, number: str | None) -> Iterator[Fault]:
    if number is not None:
        yield from _fault(path, phone_problem(number))


def _fault(path: str, problem: Text | None) -> Iterator[Fault]:
    if problem is not None:
        yield Fault(path, problem)


def _consents(command: SubmitRequest, district: District, today: date) -> Iterator[Fault]:
    seen: set[tuple[str, str]] = set()
    for index, consent in enumerate(command.consents):
        path = f"consents.{index}"
        if consent.agency not in district.agencies:
            yield Fault(f"{path}.agency", NO_SUCH_AGENCY.format(id=consent.agency))
            continue
        if consent.expires_on < today:
            yield Fault(f"{path}.expires_on", EXPIRED)
        elif consent.starts_on is not None and consent.starts_on > consent.expires_on:
            yield Fault(f"{path}.expires_on", ENDS_BEFORE_START)
        yield from _phone(f"{path}.guardian.phone", consent.particulars.get("guardian", {}).get("phone"))
        for place, programme in enumerate(consent.programmes):
            where = f"{path}.programmes.{place}"
            known = district.programmes.get(programme)
            if known is None:
                yield Fault(where, NO_SUCH_PROGRAMME.format(id=programme))
            elif known.agency != consent.agency:
                yield Fault(where, NOT_THEIRS.format(id=programme))
            elif (consent.agency, programme) in seen:
                yield Fault(where, CONSENT_TWICE.format(id=programme))
            seen.add((consent.agency, programme))


def refusal_faults(refused: Refused, path: str, district: District) -> Iterator[Fault]:
    """Object to a no that is about nothing in this district; ``path`` is where it stands, with its dot."""
    if refused.agency not in district.agencies:
        yield Fault(f"{path}agency", NO_SUCH_AGENCY.format(id=refused.agency))
        return
    for place, programme in enumerate(refused.programmes):
        known = district.programmes.get(programme)
        if known is None or known.agency != refused.agency:
            said = NO_SUCH_PROGRAMME if known is None else NOT_THEIRS
            yield Fault(f"{path}programmes.{place}", said.format(id=programme))


def _giving(command: SubmitRequest, district: District, today: date) -> Iterator[Fault]:
    age = youngest(command.person, today)
    return consent_rules.faults_of(command.consents, age, district.options["consent"], today)


def _contact(command: SubmitRequest, district: District, today: date) -> Iterator[Fault]:
    if command.contact is not None:
        age, rules = youngest(command.person, today), district.options["consent"]
        yield from contact.faults_of(
            command.contact, command.person, age=age, rules=rules, today=today, beside=command.consents
        )


def _legs(command: SubmitRequest, district: District, today: date) -> Iterator[Fault]:
    seen: set[tuple[str, Beneficiary | None]] = set()
    for index, need in enumerate(command.needs):
        path = f"legs.{index}"
        programme = district.programmes.get(need.programme)
        if programme is None:
            yield Fault(f"{path}.programme", NO_SUCH_PROGRAMME.format(id=need.programme))
            continue
        if not programme.offered:
            yield Fault(f"{path}.programme", _not_offered(programme))
        elif (need.programme, need.beneficiary) in seen:
            yield Fault(f"{path}.programme", TWICE.format(id=need.programme))
        elif not covered_kinds(command.consents, programme.agency, need.programme, today):
            yield Fault(f"{path}.programme", _not_covered(programme, district.agencies[programme.agency]))
        seen.add((need.programme, need.beneficiary))
        yield from _words(index, need, district, today)


def _words(index: int, need: Need, district: District, today: date) -> Iterator[Fault]:
    path = f"legs.{index}"
    if need.beneficiary is not None:
        yield from _dates_of(
            f"{path}.beneficiary", need.beneficiary.id_number, need.beneficiary.birth_date, today
        )
    programme = district.programmes.get(need.programme)
    clinical = programme is not None and programme.clinical
    if need.note and not clinical and (word := forbidden_word(need.note)) is not None:
        yield Fault(f"{path}.note", OUTING_WORD.format(word=word))


def _not_offered(programme: Programme) -> Rule:
    instead = programme.instead
    return NOT_OFFERED.format(id=programme.id) if instead is None else NOT_OFFERED.saying(instead)


def _not_covered(programme: Programme, agency: Agency) -> Rule:
    return NOT_COVERED.format(programme=programme.name, agency=agency.name)


def _answers(command: SubmitRequest, district: District, today: date) -> Iterator[Fault]:
    filed = [
        district.programmes[need.programme] for need in command.needs if need.programme in district.programmes
    ]
    read_widely = {name for programme in filed if not programme.clinical for name in programme.fields}
    for name, value in command.answers.items():
        field = district.fields.get(name)
        if field is None:
            yield Fault(f"answers.{name}", NO_SUCH_FIELD.format(id=name))
        elif (problem := answer_problem(value, field, today)) is not None:
            yield Fault(f"answers.{name}", problem)
        elif name in read_widely and isinstance(value, str) and (word := forbidden_word(value)) is not None:
            yield Fault(f"answers.{name}", OUTING_WORD.format(word=word))
