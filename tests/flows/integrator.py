"""Somebody else's program: it knows the address, the accounts and ``/openapi.json``, and nothing of our code."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
import jsonschema

from tests.running import Running
from tests.waiting import until

INTAKE, REFERRALS, NOTIFICATIONS = (
    f"/{service}/api/v1" for service in ("intake", "referrals", "notifications")
)
REQUESTS = f"{INTAKE}/requests"
PLACE = re.compile(r"\{[^}]+\}")
JSON = "application/json"


@dataclass
class Integrator:
    """Calls the front door as members of staff; every answer must be what the description promises."""

    run: Running
    client: httpx.Client
    _tokens: dict[str, str] = field(default_factory=dict)
    _described: dict[str, dict[str, Any]] = field(default_factory=dict)

    def call(
        self, staff: str | None, method: str, path: str, *, seen: int | None = None, **request: Any
    ) -> httpx.Response:
        """Ask as ``staff``, or as nobody; ``seen`` is the version for If-Match."""
        headers = {"Accept-Language": "en", **request.pop("headers", {})}
        if staff is not None:
            headers["Authorization"] = f"Bearer {self.token(staff)}"
        if seen is not None:
            headers["If-Match"] = f'"{seen}"'
        answer = self.client.request(method, path, headers=headers, **request)
        self._as_described(answer)
        return answer

    def get(self, staff: str, path: str, **query: str | int) -> Any:
        """Give what may be read there."""
        answer = self.call(staff, "GET", path, params=query)
        assert answer.status_code == httpx.codes.OK, answer.text
        return answer.json()

    def file(self, filing: Mapping[str, Any], **headers: str) -> Any:
        """File a request at the desk and wait until each agency has its leg."""
        answer = self.call("hut", "POST", REQUESTS, json=filing, headers=headers)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        filed = answer.json()
        self.until_at_desk(filed["id"], lambda legs: all(leg["status"] != "planned" for leg in legs))
        return filed

    def act(self, leg: Mapping[str, Any], action: str, seen: int, **fields: Any) -> httpx.Response:
        """Take an action as the desk of the leg's agency."""
        path = f"{REFERRALS}/referrals/{leg['id']}/{action}"
        return self.call(f"desk-{leg['agency']}", "POST", path, seen=seen, json=fields)

    def until_at_desk(self, request: str, happened: Any) -> None:
        """Wait until the legs, as the desk that filed them sees them, are as ``happened(legs)`` wants."""
        until(lambda: happened(self.get("hut", f"{REQUESTS}/{request}")["legs"]), what="news at the desk")

    def pages(self, staff: str, path: str, **query: str | int) -> Iterator[Any]:
        """Give a whole list, page by page."""
        page = self.get(staff, path, **query)
        yield from page["items"]
        while page["next"]:
            page = self.get(staff, path, **query, cursor=page["next"])
            yield from page["items"]

    def token(self, staff: str) -> str:
        """Give a bearer token, fetched once."""
        if staff not in self._tokens:
            self._tokens[staff] = self.run.carehut("token", staff).splitlines()[-1]
        return self._tokens[staff]

    def description(self, service: str) -> dict[str, Any]:
        """Give the OpenAPI document of a service, read once."""
        if service not in self._described:
            self._described[service] = self.client.get(f"/{service}/openapi.json").json()
        return self._described[service]

    def _as_described(self, answer: httpx.Response) -> None:
        path, method = answer.request.url.path, answer.request.method.lower()
        service = path.split("/")[1]
        document = self.description(service)
        fitting = [
            known
            for known, operations in document["paths"].items()
            if method in operations and re.fullmatch(PLACE.sub("[^/]+", known), path)
        ]
        operation = document["paths"][min(fitting, key=lambda known: known.count("{"))][method]
        responses = operation["responses"]
        described = responses.get(str(answer.status_code), responses["default"])
        if "$ref" in described:
            described = document["components"]["responses"][described["$ref"].rpartition("/")[2]]
        media = answer.headers["Content-Type"].partition(";")[0]
        schema = described["content"][media]["schema"] | {"components": document["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
