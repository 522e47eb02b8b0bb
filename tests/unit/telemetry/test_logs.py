"""A log line holds ids and codes; a name, a number or somebody's words never get into one."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.telemetry.discretion import WITHHELD, discreet, places


def line(**fields: Any) -> dict[str, Any]:
    return dict(discreet(None, "info", fields))


@pytest.mark.parametrize(
    "value",
    [
        "0193f2c8-7b1e-7cc3-98c4-dc0c0c07398f",
        "referral.issued.v1",
        "/intake/api/v1/requests/<uuid:request>",
        "530103004007",
        3,
        2.5,
        True,
        None,
    ],
)
def test_ids_codes_and_counts_pass(value: object) -> None:
    assert line(what=value) == {"what": value}


@pytest.mark.parametrize(
    "value",
    [
        "张三",
        "Zhang San",
        "530103199001011234",
        "53010319900101123X",
        "+13812345678",
        13812345678,
        "needs help",
        {"a": 1},
        b"x",
    ],
)
def test_what_could_be_of_a_person_is_withheld(value: object) -> None:
    assert line(what=value) == {"what": WITHHELD}


@pytest.mark.parametrize("key", ["name", "phone", "id_number", "note", "token", "receipt_code", "answers"])
def test_personal_keys_are_withheld_whatever_they_hold(key: str) -> None:
    assert line(**{key: "abc"}) == {key: WITHHELD}


def _fails(number: str) -> None:
    try:
        known: dict[str, int] = {}
        known["张三"]
    except KeyError as cause:
        raise ValueError(number) from cause


def test_an_error_is_told_by_kind_and_place_not_by_its_words() -> None:
    with pytest.raises(ValueError, match="5301") as caught:
        _fails("530103199001011234")
    told = places(None, "error", {"event": "broke", "exc_info": caught.value})
    assert told["error"] == "ValueError>KeyError"
    assert told["at"][-1].endswith(":_fails")
    assert "张三" not in repr(told)
    assert "5301" not in repr(told)


def test_moments_and_lists_are_shown() -> None:
    at = datetime(2026, 11, 23, tzinfo=UTC)
    assert line(at=at, ids=["a", "张三"]) == {"at": "2026-11-23T00:00:00+00:00", "ids": ["a", WITHHELD]}


def test_a_process_writes_json_lines_with_service_and_request() -> None:
    code = """
import logging, structlog
from shared.telemetry import context
from shared.telemetry.logs import configure
configure("intake", "web", console=False)
context.bind("request-1")
structlog.get_logger().info("request", status=200, name="x")
logging.getLogger("pika").warning("said %s", "张三")
logging.getLogger("gunicorn.error").info("Listening at: %s", "http://127.0.0.1:1")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    ours, pika, gunicorn = (json.loads(text) for text in done.stderr.splitlines())
    wanted = {"service": "intake", "process": "web", "request_id": "request-1", "status": 200}
    assert {key: ours[key] for key in wanted} == wanted
    assert ours["name"] == WITHHELD
    assert (pika["logger"], pika["event"]) == ("pika", "said %s")
    assert gunicorn["event"] == "Listening at: http://127.0.0.1:1"
    assert "张三" not in done.stderr
