"""Every operation of the three services, as their OpenAPI documents and, for pages, their routes name them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import flask

from shared.http.policy import Access, access_of
from shared.identity import POLICY
from tests.integration.policy.least import least_of, with_an_id
from tests.papers import a_form, a_pdf

PLACE = re.compile(r"{([a-z_]+)}")
VERBS = ("get", "post", "put", "patch", "delete")

DECIDED_INSIDE: Mapping[str, str] = {
    "GET /intake/api/v1/drafts/{draft}/papers": "drafts.read",
    "GET /intake/api/v1/drafts/{draft}/papers/{paper}": "drafts.read",
    "GET /referrals/api/v1/cases": "cases.read",
    "GET /referrals/api/v1/cases/{request_id}": "cases.read",
    "GET /referrals/cases/{request_id}": "cases.read",
    "GET /referrals/board": "cases.read",
    "GET /referrals/api/v1/statistics": "statistics.read",
}
"""Operations that whoever may not use them is told do not exist: the row of the policy that decides."""

BODIES: Mapping[str, Mapping[str, Any]] = {
    "POST /intake/api/v1/requests/{request}/follow-up": {"reached": False, "outcome": "no-answer"},
    "POST /intake/api/v1/requests/{request}/legs": {"legs": [{"programme": "temp-urgent"}]},
    "POST /intake/requests/{request}/legs/{leg}/message": {"text": "核对材料"},
    "POST /intake/requests/{request}/refusals": {"agency": "employment"},
}
"""What is sent where the least that a schema asks for is refused before anything is looked at."""
SCAN = ("/papers", "/slips")
"""Where a file is handed in."""


@dataclass(frozen=True)
class Operation:
    """One method of one address."""

    method: str
    path: str
    access: Access
    body: Mapping[str, Any] | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
    queries: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    page: bool = False
    named_inside: tuple[tuple[str, Any], ...] = ()

    @property
    def name(self) -> str:
        """Method and path, as documents write it."""
        return f"{self.method} {self.path}"

    @property
    def places(self) -> list[str]:
        """What stands for objects in the path."""
        return PLACE.findall(self.path)

    def allows(self, role: str) -> bool:
        """Tell whether the policy lets a role do this with what is its own."""
        inside = DECIDED_INSIDE.get(self.name)
        return all(role in POLICY[action] for action in ([inside] if inside else self.access.actions()[:1]))

    def sent(self, body: Any = None) -> dict[str, Any]:
        """Give what a client sends besides the address; all that is decided on a version is sent stale."""
        given: dict[str, Any] = {"headers": {"If-Match": '"999"'}, "query_string": dict(self.query)}
        body = self.body if body is None else body
        if self.method == "POST" and self.path.endswith(SCAN):
            return given | a_form(a_pdf(), **{"kind": "id-card", **(body or {})})
        if self.page and self.method == "POST":
            return given | {"data": dict(body or {})}
        return given if body is None else given | {"json": body}


def operations(apps: Mapping[str, flask.Flask]) -> list[Operation]:
    """Give every operation that needs somebody to be signed in; what takes objects away comes last."""
    found: list[Operation] = []
    for service, app in apps.items():
        documented = {operation.name: operation for operation in _documented(service, app)}
        found += documented.values()
        for path, method, access in _routes(app):
            name = f"{method} {path}"
            if "/api/" in path:
                assert name in documented or access.action is None, f"{name} is in no document"
            elif access.action is not None:
                found.append(Operation(method, path, access, BODIES.get(name, {}), page=True))
    return sorted(found, key=lambda one: (one.method == "DELETE", one.path.endswith("/submit")))


def _documented(service: str, app: flask.Flask) -> Iterator[Operation]:
    document = app.test_client().get(f"/{service}/openapi.json").get_json()
    marks = {(path, method): access for path, method, access in _routes(app)}
    known = document["components"]["schemas"]
    for path, item in document["paths"].items():
        for verb in VERBS:
            if verb not in item or marks[path, verb.upper()].action is None:
                continue
            said = item[verb]
            parameters = (*item.get("parameters", ()), *said.get("parameters", ()))
            asked = [one for one in parameters if one["in"] == "query"]
            contents = said.get("requestBody", {}).get("content", {})
            schema = contents.get("application/json", {}).get("schema")
            name = f"{verb.upper()} {path}"
            least = None if schema is None else least_of(schema, known)
            yield Operation(
                verb.upper(),
                path,
                marks[path, verb.upper()],
                BODIES.get(name, least),
                {one["name"]: least_of(one["schema"], {}) for one in asked if one.get("required")},
                {one["name"]: one["schema"] for one in asked},
                named_inside=tuple(
                    (where, body)
                    for content in contents.values()
                    for where, body in with_an_id(content["schema"], known)
                ),
            )


def _routes(app: flask.Flask) -> Iterator[tuple[str, str, Access]]:
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            access = access_of(app.view_functions[rule.endpoint], method)
            assert access is not None, rule
            yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method, access
