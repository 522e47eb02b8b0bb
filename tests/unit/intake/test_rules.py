"""Every rule of intake has a type, a status and its sentence in both languages, and none is there for nothing."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Any, TypeVar

import pytest

from services import intake
from services.intake import domain, use_cases
from services.intake.domain.breaches import BREACHES, Breach
from services.intake.domain.errors import Fault, InvalidFiling, Rule
from services.intake.domain.exclusions import Excluded, Named
from services.intake.domain.follow_up import Call, check_call
from services.intake.domain.household import Member, check_members
from services.intake.domain.papers import REFUSALS, PaperRefused
from services.intake.domain.street_check import check_reasons
from services.intake.entrypoints.errors import ERRORS
from services.intake.schemas.http import to_submit
from services.intake.use_cases.check_filing import check
from shared.text import Text
from tests.builders import a_consent, a_filing, submit_body, the_district

TODAY = date(2026, 11, 23)
SOURCE = Path(intake.__file__).parent
SOMETHING = Text("某项", "something")
Raising = Callable[[], object]
Node = TypeVar("Node", bound=ast.AST)


def _files(**changes: Any) -> Raising:
    body = {**a_filing(), **changes}
    return lambda: check(to_submit(submit_body.load(body)), the_district(), TODAY)


def _for(*programmes: str) -> dict[str, Any]:
    return {"legs": [{"programme": programme} for programme in programmes]}


def _consenting(**particulars: Any) -> Raising:
    return _files(**_for("dibao"), consents=[a_consent("civil-affairs", ("dibao",), **particulars)])


def _told_by(channel: str, *, person: dict[str, Any] | None = None, **more: str) -> Raising:
    consent = {"channels": [channel], "expires_on": "2027-05-01", "given_by": "person"} | more
    return _files(contact_consent=consent, **({"person": person} if person else {}))


def _members(*requests: str) -> Raising:
    return lambda: check_members("head", [Member(request, "child") for request in requests])


def _call(outcome: str, *, reached: bool, satisfied: int | None = None) -> Raising:
    return lambda: check_call(Call(reached=reached, outcome=outcome, satisfied=satisfied))


FIELDS: Mapping[str, Raising | None] = {
    "request-listed-twice": _members("one", "one"),
    "own-request-named": _members("head"),
    "no-such-request-here": None,
    "other-household": None,
    "household-left-out": None,
    "no-such-unit": None,
    "same-unit": None,
    "nobody-at-unit": None,
    "not-your-grid": None,
    "word-tells-the-grid": None,
    "day-is-over": None,
    "born-later": _files(person={**a_filing()["person"], "birth_date": "2026-11-24"}),
    "no-such-programme": _files(**_for("lottery")),
    "not-offered": None,
    "no-such-agency": _files(**_for("dibao"), refusals=[{"agency": "magic", "programmes": ["dibao"]}]),
    "not-their-programme": _files(refusals=[{"agency": "employment", "programmes": ["dibao"]}]),
    "programme-listed-twice": _files(**_for("dibao", "dibao")),
    "two-consents": _files(
        **_for("dibao"),
        consents=[a_consent("civil-affairs", ("dibao",)), a_consent("civil-affairs", ("dibao",))],
    ),
    "no-consent-covers": _files(**_for("dibao"), consents=[]),
    "consent-expired": _consenting(expires_on="2026-11-22"),
    "consent-ends-before-it-starts": _consenting(starts_on="2026-12-20", expires_on="2026-12-01"),
    "word-tells-the-agency": _files(legs=[{"programme": "dibao", "note": "在社区康复中，请照顾"}]),
    "no-such-field": _files(answers={"shoe_size": 42}),
    "successor-elsewhere": None,
    "replaced-twice": None,
    "open-in-this-request": None,
    "outcome-not-of-a-call": _call("no-answer", reached=True),
    "outcome-not-of-a-try": _call("settled", reached=False),
    "nobody-rated": _call("no-answer", reached=False, satisfied=5),
    "words-needed": lambda: check_reasons(["other"], None),
    "guardian-gives": None,
    "guardian-not-named": None,
    "guardian-signs": None,
    "giver-not-named": _consenting(given_by="representative"),
    "emergency-reason-needed": _consenting(basis="emergency"),
    "form-later": _consenting(how="paper", form={"number": "1", "date": "2026-11-24"}),
    "spoken-unwitnessed": _consenting(how="spoken", witnessed_by=None),
    "form-missing": _consenting(how="paper"),
    "consent-too-long": _consenting(expires_on="2036-11-23"),
    "no-mobile-for-messages": _told_by("sms", person={**a_filing()["person"], "phone": "087163112233"}),
    "no-mail-for-messages": _told_by("mail"),
    "wrong-mail-address": _told_by("mail", mail="somebody"),
    "contact-giver-not-named": _told_by("sms", given_by="guardian"),
    "contact-expired": _told_by("sms", expires_on="2026-11-22"),
}
"""Rule about a field, answered with 422 → what breaks it; None where that needs what is on file."""
STATES = (
    "already-rated", "command-under-way", "consent-ended", "consent-withdrawn", "contact-consent-ended",
    "content-removed",
    "different-person", "erasure-settled", "erasure-under-way", "leg-ended", "leg-frozen", "leg-not-ended",
    "leg-not-issued", "legs-open", "merged", "no-reissue-asked", "no-second-factor", "nothing-changed",
    "nothing-erased", "nothing-to-confirm", "nothing-withdrawn", "objection-answered", "own-erasure", "papers-missing",
    "papers-not-covered", "papers-not-wanted", "same-request", "second-factor-in-use",
    "slip-missing", "slip-spent",
)  # fmt: skip
"""Rules about how things stand, answered with 409."""


def _rules() -> tuple[dict[str, Rule], set[str]]:
    """Give each rule about a field by its id, and the ids of those that the code of some module names."""
    found: dict[str, Rule] = {}
    used = set()
    for package in (domain, use_cases):
        for path in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            module = importlib.import_module(path.name)
            here = {name: said for name, said in vars(module).items() if isinstance(said, Rule)}
            for said in here.values():
                assert found.setdefault(said.id, said) is said, f"two rules are {said.id}"
            loaded = {node.id for node in _nodes(Path(str(module.__file__)), ast.Name) if _is_read(node)}
            used |= {said.id for name, said in here.items() if name in loaded}
    return found, used


def _nodes(path: Path, kind: type[Node]) -> Iterator[Node]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, kind))


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


def _is_raised(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id == Breach.__name__


RULES, USED = _rules()


def _filled(text: Text) -> dict[str, Text]:
    """Give something for each place of a sentence."""
    return {name: SOMETHING for _, name, _, _ in Formatter().parse(text.en) if name}


def _told(error: Exception) -> dict[str, Any]:
    said: Any = ERRORS[type(error)](error).body("zh", "request")
    assert re.search("[\u4e00-\u9fff]", said["messages"]["zh"])
    assert not re.search("[\u4e00-\u9fff{}]", said["messages"]["en"])
    return said  # type: ignore[no-any-return] # JSON


def test_every_rule_stands_in_these_tables_and_no_two_share_a_type() -> None:
    assert sorted(RULES) == sorted(FIELDS)
    assert sorted(BREACHES) == sorted(STATES)
    assert not {*FIELDS, *REFUSALS} & {*STATES, "excluded", "reopening-excluded"}
    assert not FIELDS.keys() & REFUSALS.keys()


@pytest.mark.parametrize("rule", FIELDS)
def test_a_rule_about_a_field_has_its_own_type_and_sentence(rule: str) -> None:
    text = RULES[rule]
    said = _told(InvalidFiling([Fault("field", text.format(**_filled(text)))]))
    assert (said["status"], said["type"]) == (422, f"urn:aid:problem:{rule}")
    (error,) = said["errors"]
    assert (error["field"], error["rule"]) == ("field", rule)
    assert re.search("[\u4e00-\u9fff]", error["messages"]["zh"])
    assert not re.search("[\u4e00-\u9fff{}]", error["messages"]["en"])


@pytest.mark.parametrize("rule", [rule for rule, breaks in FIELDS.items() if breaks])
def test_what_breaks_a_rule_is_told_by_it(rule: str) -> None:
    breaks = FIELDS[rule]
    assert breaks is not None
    with pytest.raises(InvalidFiling) as refused:
        breaks()
    assert rule in {fault.rule for fault in refused.value.faults}


@pytest.mark.parametrize("rule", STATES)
def test_a_rule_about_how_things_stand_has_its_own_type_and_sentence(rule: str) -> None:
    said = _told(Breach(rule, **_filled(BREACHES[rule])))
    assert (said["status"], said["type"]) == (409, f"urn:aid:problem:{rule}")


@pytest.mark.parametrize("rule", REFUSALS)
def test_a_rule_about_a_paper_has_its_own_type_and_sentence(rule: str) -> None:
    field, status, text = REFUSALS[rule]
    said = _told(PaperRefused(rule, **_filled(text)))
    assert (said["status"], said["type"]) == (status, f"urn:aid:problem:{rule}")
    assert [error["field"] for error in said["errors"]] == [field]


@pytest.mark.parametrize(("rule", "reopening"), [("excluded", False), ("reopening-excluded", True)])
def test_what_excludes_another_has_its_own_type_and_sentence(rule: str, *, reopening: bool) -> None:
    one, other = Named("dibao", SOMETHING), Named("tekun", SOMETHING)
    said = _told(Excluded(one, other, "A-1", reopening=reopening))
    assert (said["status"], said["type"]) == (409, f"urn:aid:problem:{rule}")


def test_several_rules_broken_at_once_are_bad_input_and_each_is_named() -> None:
    with pytest.raises(InvalidFiling) as refused:
        _call("settled", reached=False, satisfied=5)()
    said = _told(refused.value)
    assert said["type"] == "urn:aid:problem:bad-input"
    assert [error["rule"] for error in said["errors"]] == ["outcome-not-of-a-try", "nobody-rated"]


def test_one_rule_broken_in_two_places_is_still_that_rule() -> None:
    with pytest.raises(InvalidFiling) as refused:
        _members("one", "one", "one")()
    said = _told(refused.value)
    assert said["type"] == "urn:aid:problem:request-listed-twice"
    assert len(said["errors"]) == 2


def test_a_field_of_the_wrong_form_breaks_no_rule_of_its_own() -> None:
    with pytest.raises(InvalidFiling) as refused:
        _files(answers={"household_size": "three"})()
    said = _told(refused.value)
    assert said["type"] == "urn:aid:problem:bad-input"
    assert "rule" not in said["errors"][0]


def test_no_rule_is_there_for_nothing() -> None:
    calls = (call for path in SOURCE.rglob("*.py") for call in _nodes(path, ast.Call) if _is_raised(call))
    raised = {ast.literal_eval(call.args[0]) for call in calls}
    assert RULES.keys() - USED == set()
    assert BREACHES.keys() - raised == set()


def test_the_readme_lists_every_rule() -> None:
    written = (SOURCE / "README.md").read_text()
    every = [*FIELDS, *STATES, *REFUSALS, "excluded", "reopening-excluded"]
    assert [rule for rule in every if f"`{rule}`" not in written] == []
