"""What another system may send wrongly: each mistake is named with its remedy, nothing is stored, nothing breaks."""

from __future__ import annotations

import copy
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.builders import a_consent, a_filing, a_person, id_number
from tests.flows.integrator import INTAKE, JSON, NOTIFICATIONS, REFERRALS, REQUESTS, Integrator
from tests.running import running

MIB = 1024 * 1024


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Integrator]:
    """Somebody at the door of a fresh embedded run."""
    with (
        running(tmp_path_factory.mktemp("refusals") / "home") as run,
        httpx.Client(base_url=run.url, trust_env=False) as client,
    ):
        yield Integrator(run, client)


GONE = object()


def _with(path: str, value: object) -> dict[str, Any]:
    filing: Any = a_filing("dibao", "pension")
    *above, last = (int(part) if part.isdigit() else part for part in path.split("."))
    place = filing
    for part in above:
        place = place[part]
    if value is GONE:
        del place[last]
    else:
        place[last] = value
    return dict(filing)


NEXT_CENTURY = a_person(birth_date="2101-01-01", id_number=None)
BAD: Mapping[str, tuple[dict[str, Any], str]] = {
    "an unknown field": (_with("person.race", "x"), "person.race"),
    "no name": (_with("person.name", GONE), "person.name"),
    "no purpose": (_with("consents.0.purpose", GONE), "consents.0.purpose"),
    "a programme the pack lacks": (_with("legs.0.programme", "castles"), "legs.0.programme"),
    "a residence elsewhere": (_with("person.residence", "110101001001"), "person.residence"),
    "a wrong check digit": (
        _with("person.id_number", id_number()[:-1] + ("1" if id_number()[-1] != "1" else "2")),
        "person.id_number",
    ),
    "a birth to come": (_with("person", NEXT_CENTURY), "person.birth_date"),
    "a leg without consent": (
        _with("consents", [a_consent("civil-affairs", ("dibao",))]),
        "legs.1.programme",
    ),
    "a consent without identity": (_with("consents.0.data_kinds", ["contact"]), "legs.0.programme"),
    "an expired consent": (_with("consents.0.expires_on", "2020-01-01"), "consents.0.expires_on"),
    "an unknown answer": (_with("answers", {"favourite": "tea"}), "answers.favourite"),
}


def _stored(api: Integrator) -> list[int]:
    lists = {"hut": REQUESTS, "coordinator": f"{REFERRALS}/cases"}
    return [len(list(api.pages(staff, path, limit=100))) for staff, path in lists.items()]


@pytest.mark.parametrize("mistake", BAD)
def test_a_wrong_filing_names_field_and_remedy_in_both_languages_and_leaves_nothing(
    api: Integrator, mistake: str
) -> None:
    filing, field = BAD[mistake]
    before = _stored(api)
    key = {"Idempotency-Key": f"mistake-{field}"}
    for language in ("zh", "en"):
        refused = api.call("hut", "POST", REQUESTS, json=filing, headers={**key, "Accept-Language": language})
        assert refused.status_code == 422
        assert refused.headers["Content-Language"] == language
        (error,) = [error for error in refused.json()["errors"] if error["field"] == field]
        assert error["message"] == error["messages"][language]
    assert _stored(api) == before


def test_a_key_is_free_again_after_a_refusal(api: Integrator) -> None:
    key = {"Idempotency-Key": "second-try"}
    assert api.call("hut", "POST", REQUESTS, json=_with("urgency", "asap"), headers=key).status_code == 422
    assert api.call("hut", "POST", REQUESTS, json=a_filing("dibao"), headers=key).status_code == 201


def test_nobody_is_referred_by_name_for_a_test_that_is_anonymous(api: Integrator) -> None:
    filing = _with("legs.0.programme", "hiv")
    filing["consents"].append(a_consent("health", ("hiv",)))
    refused = api.call("hut", "POST", REQUESTS, json=filing)
    (error,) = refused.json()["errors"]
    assert ("券" in error["messages"]["zh"], "voucher" in error["messages"]["en"]) == (True, True)


UNREADABLE: Mapping[str, tuple[Callable[[], Any], str | None, int]] = {
    "broken JSON": (lambda: b'{"person":', JSON, 400),
    "no UTF-8": (lambda: b'{"person": "\xff"}', JSON, 400),
    "not a number": (lambda: b'{"urgency": NaN}', JSON, 400),
    "half a character": (lambda: b'{"urgency": "\\ud800"}', JSON, 400),
    "a well without bottom": (lambda: b"[" * 100_000, JSON, 400),
    "a list": (lambda: b"[1]", JSON, 422),
    "plain text": (lambda: b"{}", "text/plain", 415),
    "no type": (lambda: b"{}", None, 415),
    "over 1 MiB": (lambda: b" " * (MIB + 1), JSON, 413),
    "far over 1 MiB": (lambda: b" " * (5 * MIB), JSON, 413),
    "over 1 MiB in pieces": (lambda: iter([b" " * 65536] * 20), JSON, 413),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_what_is_no_request_is_refused_and_its_sender_keeps_the_connection(
    api: Integrator, what: str
) -> None:
    make, media, status = UNREADABLE[what]
    headers = {} if media is None else {"Content-Type": media}
    with httpx.Client(base_url=api.run.url, trust_env=False) as client:
        sender = Integrator(api.run, client, {"hut": api.token("hut")})
        for _ in range(10):
            assert sender.call("hut", "POST", REQUESTS, content=make(), headers=headers).status_code == status
            assert client.get("/live").status_code == 200


def test_a_body_of_broken_chunks_is_the_senders_mistake_not_ours(api: Integrator) -> None:
    at = urlsplit(api.run.url)
    head = (
        f"POST {REQUESTS} HTTP/1.1\r\nHost: {at.netloc}\r\nContent-Type: {JSON}\r\n"
        f"Authorization: Bearer {api.token('hut')}\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    with socket.create_connection((at.hostname, at.port), timeout=20) as line:
        line.sendall(head.encode() + b"zz\r\n{}\r\n0\r\n\r\n")
        assert line.recv(12) == b"HTTP/1.1 400"


def test_a_version_is_asked_for_then_compared_and_only_then_is_the_step_looked_at(api: Integrator) -> None:
    leg = api.file(a_filing("dibao"))["legs"][0]
    path = f"{REFERRALS}/referrals/{leg['id']}"
    assert (
        api.call("desk-civil-affairs", "POST", f"{path}/close", json={"outcome": "enrolled"}).status_code
        == 428
    )
    assert api.act(leg, "close", 7, outcome="enrolled").status_code == 412
    early = api.act(leg, "close", 1, outcome="enrolled")
    assert (early.status_code, early.json()["current_status"], early.json()["possible"]) == (
        409,
        "issued",
        ["acknowledge", "accept", "propose-return"],
    )
    assert api.act(leg, "accept", 1).status_code == 200
    assert api.act(leg, "close", 2, outcome="lapsed").status_code == 409
    assert api.act(leg, "close", 2, outcome="refused").json()["errors"][0]["field"] == "reason"
    for action, status in (("suspend", 422), ("extend", 422), ("propose-return", 409), ("reopen", 403)):
        assert api.act(leg, action, 2).status_code == status
    for action in ("cancel", "documents-supplied"):
        assert api.call("desk-civil-affairs", "POST", f"{path}/{action}", json={}).status_code == 403
        assert api.act(leg, action, 7).status_code == 403
    steps = api.act(leg, "start", 2, step="fly").json()["errors"][0]["messages"]
    assert "home-visit, data-check" in steps["en"]
    shown = api.get("desk-civil-affairs", path)
    assert (shown["status"], shown["version"]) == ("accepted", 2)


LISTS = {
    REQUESTS: "hut",
    f"{REFERRALS}/referrals": "desk-civil-affairs",
    f"{REFERRALS}/cases": "coordinator",
    f"{NOTIFICATIONS}/messages": "hut",
    f"{NOTIFICATIONS}/deliveries": "operator",
    f"{INTAKE}/audit": "auditor",
    f"{REFERRALS}/audit": "auditor",
    f"{NOTIFICATIONS}/audit": "auditor",
}


@pytest.mark.parametrize("path", LISTS)
def test_no_list_takes_a_cursor_it_did_not_give(api: Integrator, path: str) -> None:
    api.file(a_filing("dibao"))
    api.file(a_filing("dibao"))
    elsewhere = next(other for other in (REQUESTS, f"{REFERRALS}/cases") if other != path)
    foreign = api.get("hut", elsewhere, limit=1)["next"]
    for cursor in ("nonsense", "A" * 5000, foreign):
        refused = api.call(LISTS[path], "GET", path, params={"cursor": cursor})
        assert refused.status_code == 422
        assert [error["field"] for error in refused.json()["errors"]] == ["cursor"]


AWKWARD = st.sampled_from(
    [
        "\x00",
        "\ud800",
        "\u202e",
        "😀" * 50,
        "长" * 2001,
        "9999-12-31",
        "0001-01-01",
        "%00",
        "١٢٣",
        "²²²²²²",
        2**64,
        -1,
    ]
)
VALUES = AWKWARD | st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=4,
)
CHANGES = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from(["replace", "remove", "add"]), VALUES),
    min_size=1,
    max_size=3,
)
WHOLE = _with("legs.0.beneficiary", {"relation": "child", "name": "李小", "birth_date": "2015-01-01"})
WHOLE["legs"][0]["note"] = "每周三上午方便"
WHOLE["consents"][0] |= {
    "starts_on": "2026-01-01",
    "guardian": {"name": "王兰", "relation": "mother"},
    "form": {"number": "A1", "date": "2026-01-01"},
}
CLOSING = {"outcome": "approved", "amount": 1.5, "period": "once", "note": "好", "evidence": "No. 1"}
MANY = settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))


def _places(value: object, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in inside:
        yield (*above, key)
        yield from _places(inner, (*above, key))


def _changed(body: Mapping[str, Any], changes: list[tuple[int, str, Any]]) -> str:
    made: Any = copy.deepcopy(body)
    for number, how, value in changes:
        places = list(_places(made))
        if not places:
            break
        *above, last = places[number % len(places)]
        holder = made
        for key in above:
            holder = holder[key]
        if how == "remove":
            del holder[last]
        elif how == "add" and isinstance(holder, dict):
            holder[str(value)[:20]] = value
        else:
            holder[last] = value
    return json.dumps(made)


def test_whatever_is_filed_never_breaks_the_service_and_what_it_takes_arrives(api: Integrator) -> None:
    taken: list[str] = []

    @MANY
    @given(CHANGES)
    def file(changes: list[tuple[int, str, Any]]) -> None:
        answer = api.call(
            "hut", "POST", REQUESTS, content=_changed(WHOLE, changes), headers={"Content-Type": JSON}
        )
        assert answer.status_code in {201, 400, 422}, answer.text
        if answer.status_code == httpx.codes.CREATED:
            taken.append(answer.json()["id"])

    file()
    assert taken
    for request in taken:
        api.until_at_desk(request, lambda legs: all(leg["status"] == "issued" for leg in legs))
    assert api.run.carehut("dead-letters", "list").startswith("0")


def test_whatever_is_closed_with_never_breaks_the_service(api: Integrator) -> None:
    leg = api.file(a_filing("dibao"))["legs"][0]
    assert api.act(leg, "accept", 1).status_code == 200
    path = f"{REFERRALS}/referrals/{leg['id']}/close"

    @MANY
    @given(CHANGES)
    def close(changes: list[tuple[int, str, Any]]) -> None:
        body = _changed(CLOSING, changes)
        answer = api.call(
            "desk-civil-affairs", "POST", path, seen=9, content=body, headers={"Content-Type": JSON}
        )
        assert answer.status_code in {400, 412, 422}, answer.text

    close()
    assert api.get("desk-civil-affairs", path.removesuffix("/close"))["version"] == 2
