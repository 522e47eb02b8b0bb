"""Asks every operation for what its description allows and for what it does not, and judges each answer."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks as openapi

from shared.http.security_headers import SECURITY_HEADERS
from shared.identity import POLICY, Principal, csrf
from tests.integration.fuzz.site import CALLERS, PLAUSIBLE, WHOLE, Site

CHECKS = [
    openapi.status_code_conformance,
    openapi.content_type_conformance,
    openapi.response_headers_conformance,
    openapi.response_schema_conformance,
]
Operation = APIOperation[Any, Any, Any, Any]
Asked = Case[Any]
SUCCESS, SERVER_ERROR = range(200, 300), 500
INWARD = re.compile(rb"Traceback|site-packages|sqlalchemy|psycopg|sqlite3|\.py\b|0x[0-9a-f]{8}")
"""What no answer may hold: how we are built and where we lie."""


@dataclass
class Verdict:
    """How many requests were made, how they were answered, and what was wrong: one example of each kind."""

    asked: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    def told(self) -> str:
        """Write down what was wrong, each with a request that shows it."""
        return "\n".join(f"{what}\n    {shown}" for what, shown in self.wrong.items())


def judge(site: Site, service: str, *, cases: int, number: int) -> Verdict:
    """Make ``cases`` requests of each kind, right and wrong, to every operation; ``number`` seeds them.

    Requests take effect, and later ones meet what earlier ones have left.
    """
    verdict = Verdict()
    app = site.apps[service]
    document = schemathesis.openapi.from_wsgi(f"/{service}/openapi.json", app)
    for found in document.get_all_operations():
        assert isinstance(found, Ok), found
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            _ask(site, operation, mode, cases, number, verdict)
        site.carry()
    return verdict


def _ask(
    site: Site, operation: Operation, mode: GenerationMode, cases: int, number: int, verdict: Verdict
) -> None:
    places, chance = site.places(), random.Random(f"{number} {operation.label} {mode}")

    # Nothing is tried twice: a second time it would meet another state. What is wrong is collected instead.
    @seed(number)
    @settings(
        max_examples=cases,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(generation_mode=mode))
    def each(case: Asked) -> None:
        touched = _meet(case, places, chance)
        who = chance.choice(_may(operation)) if chance.random() < 0.8 else chance.choice((None, *CALLERS))
        answer = case.call(**_signed_in(site, who, by_cookie=chance.random() < 0.2))
        verdict.asked += 1
        verdict.statuses[answer.status_code] += 1
        for what in _wrong(case, answer, negative=mode is GenerationMode.NEGATIVE and not touched):
            if (kind := f"{operation.label}: {what}") not in verdict.wrong:
                verdict.wrong[kind] = f"as {who and who.posts}: {case.as_curl_command()}"

    try:
        each()
    except Unsatisfiable:
        # An operation that takes nothing cannot be asked wrongly.
        assert mode is GenerationMode.NEGATIVE, operation.label


def _wrong(case: Asked, answer: Any, *, negative: bool) -> list[str]:
    found = []
    if answer.status_code >= SERVER_ERROR:
        found.append(f"{answer.status_code} {answer.content[:300]!r}")
    if leaked := INWARD.search(answer.content):
        found.append(f"tells {leaked[0]!r}")
    missing = [
        name for name, value in SECURITY_HEADERS.items() if answer.headers.get(name.lower(), [""])[0] != value
    ]
    if missing:
        found.append(f"without {', '.join(missing)}")
    checks = list(CHECKS)
    if negative and answer.status_code in SUCCESS:
        checks.append(openapi.negative_data_rejection)
    try:
        case.validate_response(answer, checks=checks)
    except FailureGroup as group:
        found += [
            f"{failure.title} {answer.status_code}: {failure.message[:600]}" for failure in group.exceptions
        ]
    return found


def _may(operation: Operation) -> Sequence[Principal | None]:
    """Give who may ask this: so that most requests get further than the gate."""
    actions = operation.definition.raw.get("x-actions", [])
    roles = {role for action in actions for role in POLICY.get(action, ())}
    return [who for who in CALLERS if who.posts[0].role in roles] or [None]


def _signed_in(site: Site, who: Principal | None, *, by_cookie: bool) -> dict[str, Any]:
    if who is None:
        return {}
    token = site.token(who)
    if by_cookie:
        return {"cookies": {"sid": token}, "headers": {"X-CSRF-Token": csrf(who.session)}}
    return {"headers": {"Authorization": f"Bearer {token}"}}


def _meet(case: Asked, places: Sequence[Mapping[str, str]], chance: random.Random) -> bool:
    """Put what really exists in some places of a request; tells whether anything was changed."""
    touched = False
    names = set(case.path_parameters or {})
    fitting = [place for place in places if names <= place.keys()] or [
        place for place in places if names & place.keys()
    ]
    if fitting and chance.random() < 0.8:
        place = chance.choice(fitting)
        case.path_parameters.update({name: place[name] for name in names & place.keys()})
        touched = True
    if "If-Match" in (case.headers or {}) and chance.random() < 0.8:
        case.headers["If-Match"] = f'"{chance.randint(1, 5)}"'
        touched = True
    whole = WHOLE.get(case.operation.label)
    if whole is not None and isinstance(case.body, dict) and case.body and chance.random() < 0.5:
        # All of it as a desk would send it, but for one thing.
        odd = chance.choice(list(case.body))
        case.body = {**whole(), odd: case.body[odd]}
        touched = True
    return _plausible(case.body, chance) or touched


def _plausible(value: object, chance: random.Random) -> bool:
    if isinstance(value, list):
        return sum(_plausible(entry, chance) for entry in value) > 0
    if not isinstance(value, dict):
        return False
    touched = False
    for name, inner in value.items():
        if name in PLAUSIBLE and chance.random() < 0.6:
            value[name] = chance.choice(PLAUSIBLE[name])
            touched = True
        else:
            touched = _plausible(inner, chance) or touched
    return touched
