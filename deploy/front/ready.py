"""One ``/ready`` for the whole installation, summed up from what each service says of itself."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import orjson

from shared.telemetry.trouble import Trouble

Report = tuple[Mapping[str, Any], int]
"""What a service says: ``{status, problems: [{code, about, since, what, remedy, messages}]}`` and the HTTP status."""
Reporter = Callable[[], Report]

OK, UNAVAILABLE = 200, 503
TIMEOUT_SECONDS = 3.0


class Remote:
    """Asks the web processes of one service, in turn until one answers."""

    def __init__(self, service: str, addresses: Sequence[str]) -> None:
        self._service = service
        self._addresses = tuple(addresses)
        self._away_since: datetime | None = None

    def __call__(self) -> Report:
        """Give the service's own report, or one that says it cannot be reached."""
        for address in self._addresses:
            try:
                report = self._ask(address)
            except (OSError, ValueError):  # nobody listens, it hangs, or what came is no report
                continue
            self._away_since = None
            return report
        self._away_since = self._away_since or datetime.now(UTC)
        away = Trouble.of(
            "web-away", since=self._away_since, service=self._service, about=", ".join(self._addresses)
        )
        problem = {**away.as_json(), "code": f"{self._service}-away"}
        return {"status": "unavailable", "problems": [problem]}, UNAVAILABLE

    def _ask(self, address: str) -> Report:
        url = f"http://{address}/{self._service}/ready"
        try:
            with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as answer:  # nosec B310 # of our own
                return _checked(orjson.loads(answer.read())), OK
        except urllib.error.HTTPError as error:
            with error:
                return _checked(orjson.loads(error.read())), UNAVAILABLE


def _checked(report: object) -> Mapping[str, Any]:
    if not isinstance(report, dict) or not isinstance(report.get("problems"), list):
        message = "no report of readiness"
        raise ValueError(message)  # noqa: TRY004 - what came over the wire has the wrong value
    return report


def remote(addresses: Mapping[str, Sequence[str]]) -> dict[str, Reporter]:
    """Make a reporter per service from the addresses (``host:port``) of its web processes."""
    return {service: Remote(service, places) for service, places in addresses.items()}


def summed(reporters: Mapping[str, Reporter]) -> Report:
    """Join the services' reports: each problem names its service; 503 if any service cannot take requests."""
    with ThreadPoolExecutor(max_workers=len(reporters)) as asking:
        reports = dict(zip(reporters, asking.map(lambda report: report(), reporters.values()), strict=True))
    problems = [
        {"service": service, **problem}
        for service, (body, _) in reports.items()
        for problem in body["problems"]
    ]
    if any(status != OK for _, status in reports.values()):
        return {"status": "unavailable", "problems": problems}, UNAVAILABLE
    return {"status": "degraded" if problems else "ok", "problems": problems}, OK
