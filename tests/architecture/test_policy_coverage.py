"""Every route of every application is in the policy or open for a stated reason, and lets no stranger in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import flask
import pytest
from werkzeug.routing import Rule

from deploy.embedded.environment import SERVICES
from deploy.front.paths import owner_of
from shared.http.policy import MARK, Access
from shared.identity import POLICY
from tests.architecture.tree import name_of, with_suffix

REASON_LETTERS = 15
SAMPLES = {"uuid": "019aae10-4c00-7b3e-9d51-2f6c8a7e4b01", "int": "1"}

OPEN = {
    "intake": {
        "/",
        "/auth/sign-in",
        "/auth/sign-out",
        "/auth/renew",
        "/auth/token",
        "/status",
        "/apply",
        "/auth/oidc",
        "/auth/oidc/callback",
        "/auth/oidc/signed-out",
    },
    "referrals": set(),
    "notifications": set(),
}
"""The routes a stranger may see, besides those every service has; a new one is a decision, so it is named here."""


def _routes(app: flask.Flask) -> Iterator[tuple[Rule, str, Access | None]]:
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            handler = getattr(getattr(view, "view_class", None), method.lower(), view)
            yield rule, method, getattr(handler, MARK, None)


def _of_every_service(service: str) -> set[str]:
    documents = {f"/{service}/openapi.json", f"/{service}/api/v1/openapi.json"}
    health = {f"{place}/{name}" for place in ("", f"/{service}") for name in ("live", "ready")}
    return documents | health | {f"/{service}/language/<chosen>"}


def address_of(rule: Rule) -> str:
    """Fill the places of a rule with something that could stand there."""
    parts = []
    for dynamic, content in rule._trace:
        converter = rule._converters.get(content) if dynamic else None
        if converter is None:
            parts.append(content.lstrip("|"))
        else:
            kind = type(converter).__name__.lower()
            parts.append(next((sample for name, sample in SAMPLES.items() if name in kind), "x"))
    return "".join(parts)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_carries_an_action_of_the_policy_or_a_reason_to_be_open(
    applications: Mapping[str, flask.Flask], service: str
) -> None:
    wrong = []
    count = 0
    for rule, method, mark in _routes(applications[service]):
        count += 1
        if mark is None:
            wrong.append(f"{method} {rule.rule} carries no mark")
        elif mark.action is None and len(mark.open_because or "") < REASON_LETTERS:
            wrong.append(f"{method} {rule.rule} is open without a reason")
        else:
            wrong += [
                f"{method} {rule.rule}: {name} is not in the policy"
                for name in mark.actions()
                if name not in POLICY
            ]
    assert count > 5
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("service", SERVICES)
def test_only_the_named_routes_are_open(applications: Mapping[str, flask.Flask], service: str) -> None:
    marks = [(rule.rule, mark) for rule, _, mark in _routes(applications[service]) if mark is not None]
    known = OPEN[service] | _of_every_service(service)
    unknown = {rule for rule, mark in marks if mark.open_because} - known
    assert not {rule for rule in unknown if "/static/" not in rule}


@pytest.mark.parametrize("service", SERVICES)
def test_a_stranger_gets_no_further_than_the_sign_in(
    applications: Mapping[str, flask.Flask], service: str
) -> None:
    client = applications[service].test_client()
    let_in = []
    for rule, method, mark in _routes(applications[service]):
        if mark is None or mark.open_because:
            continue
        answer = client.open(address_of(rule), method=method)
        to_sign_in = answer.status_code == 302 and (answer.location or "").startswith("/?next=")
        if answer.status_code != 401 and not to_sign_in:
            let_in.append(f"{method} {address_of(rule)} answered {answer.status_code}")
    assert not let_in, "\n".join(let_in)


@pytest.mark.parametrize("service", SERVICES)
def test_every_route_is_where_the_front_door_sends_it(
    applications: Mapping[str, flask.Flask], service: str
) -> None:
    private = {"/live", "/ready"}  # asked by supervisors on the process's own port
    astray = [
        rule.rule
        for rule in applications[service].url_map.iter_rules()
        if rule.rule not in private and owner_of(address_of(rule)) != service
    ]
    assert not astray


def test_every_action_of_the_policy_is_asked_for_somewhere(applications: Mapping[str, flask.Flask]) -> None:
    used = {
        name
        for app in applications.values()
        for _, _, mark in _routes(app)
        if mark is not None
        for name in mark.actions()
    }
    code = "".join(
        file.read_text() for file in with_suffix(".py", ".html") if name_of(file).startswith("services/")
    )
    assert not {name for name in set(POLICY) - used if f'"{name}"' not in code}
