"""Somebody with unmistakable particulars asks for help; what they said is then looked for where it must not be."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

import httpx
import orjson

from tests.builders import OTHER_UNIT, a_consent, a_filing, id_number
from tests.flows.telling import traces
from tests.waiting import until

PASSWORD = "lantern-bridge-seven-plums"
SAID: Mapping[str, str] = {
    "name": "犀渠玄鸟",
    "id_number": id_number(date(1973, 7, 19), 777),
    "phone": "13988877665",
    "birth_date": "1973-07-19",
    "household_registration": "451229887766",
    "note": "玄鸟家门前有三棵歪脖子槐树",
    "clinical_note": "玄鸟夜里睡不着只肯同苍术医生讲",
    "answer": "会编七股灯芯草席子",
    "guardian": "饕餮长庚",
    "guardian_phone": "13977766554",
    "beneficiary": "獬豸小满",
    "witness": "重黎守夜",
    "agency_note": "槐树底下那家已经上门看过",
    "evidence": "龙泉字第八八四四号",
    "refused_name": "毕方有误",
}
"""What is said in the story that follows, by what it is; none of it occurs anywhere else."""
CLINICAL = ("psy", "mmt", "fee-rel", "smi")
AGENCIES = {"dibao": "civil-affairs", "pension": "social-security", "pub-job": "employment", "psy": "health"}
OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "dibao": {"outcome": "approved", "amount": 650, "period": "monthly"},
    "pension": {"outcome": "enrolled"},
    "psy": {"outcome": "service-delivered"},
}
LEAVER = "leader-medical-insurance"
"""Somebody whose account is disabled on the way, and who therefore does nothing else."""
STAFF = (
    "hut", "grid", "specialist", "coordinator", "operator", "auditor", "desk-medical-insurance",
    *(f"{role}-{agency}" for agency in AGENCIES.values() for role in ("desk", "leader")),
)  # fmt: skip
STRANGER = "stranger"
INSIDE = frozenset({"hut", "specialist", "other-hut"})
"""Whose pages may say what the help desk knows."""


def found_in(content: bytes, said: Mapping[str, str] = SAID) -> list[str]:
    """Name what of the story can be read in some bytes."""
    return [what for what, value in said.items() if any(form in content for form in traces(value))]


@dataclass(frozen=True)
class Answer:
    """One answer as somebody got it."""

    who: str
    asked: str
    status: int
    headers: str
    text: str


@dataclass
class Story:
    """An installation in which the story has been played, seen from outside: addresses, people, answers."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    bearers: dict[str, str] = field(default_factory=dict)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    open_ones: ExitStack = field(default_factory=ExitStack)

    @cached_property
    def http(self) -> httpx.Client:
        """The client of those who show a bearer, or nothing."""
        return self._client()

    def ask(self, who: str, method: str, path: str, *, json: Any = None, **more: Any) -> httpx.Response:
        """Ask something as somebody, in JSON, and remember the answer."""
        headers = dict(more.pop("headers", {}))
        if who != STRANGER:
            headers["Authorization"] = f"Bearer {self.bearers[who]}"
        if json is not None:
            more["content"] = orjson.dumps(json)
            headers.setdefault("Content-Type", "application/json")
        return self.remember(who, self.http.request(method, path, headers=headers, **more))

    def browse(self, who: str) -> httpx.Client:
        """Sign somebody in as a browser does; answers are remembered too."""
        client = self._client(lambda answer: answer.read() and self.remember(who, answer))
        if who != STRANGER:
            signed_in = client.post("/auth/sign-in", data={"username": who, "password": PASSWORD})
            assert signed_in.status_code == httpx.codes.SEE_OTHER, signed_in.text
        return client

    def _client(self, *hooks: Callable[[httpx.Response], object]) -> httpx.Client:
        client = httpx.Client(
            base_url=self.url, trust_env=False, timeout=30, event_hooks={"response": list(hooks)}
        )
        return self.open_ones.enter_context(client)

    def close(self) -> None:
        """Close every connection."""
        self.open_ones.close()

    def remember(self, who: str, answer: httpx.Response) -> httpx.Response:
        """Note an answer down."""
        asked = f"{answer.request.method} {answer.request.url.raw_path.decode()}"
        headers = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.answers.append(Answer(who, asked, answer.status_code, headers, answer.text))
        return answer

    def leg(self, name: str, programme: str) -> str:
        """Give the id of a leg of one of the requests."""
        legs = self.requests[name]["legs"]
        return str(next(leg["id"] for leg in legs if leg["programme"] == programme))

    def act(self, who: str, leg: str, action: str, json: Any) -> httpx.Response:
        """Take an action on a referral at its present version."""
        path = f"/referrals/api/v1/referrals/{leg}"
        version = self.ask(who, "GET", path).headers["ETag"]
        return self.ask(who, "POST", f"{path}/{action}", json=json, headers={"If-Match": version})


def play(url: str, sign: Callable[[str, str], str] | None = None) -> Story:
    """Play the story: sign in, file, refuse, look up, open, decide, withdraw.

    ``sign`` makes a bearer for a help desk at another unit, which the demo pack has no account for.
    """
    story = Story(url)
    for who in (*STAFF, LEAVER):
        form = {"username": who, "password": PASSWORD}
        answer = story.http.post("/auth/token", data=form)
        assert answer.status_code == httpx.codes.OK, answer.text
        story.bearers[who] = answer.json()["access_token"]
    if sign is not None:
        story.bearers["other-hut"] = sign("other-hut", OTHER_UNIT)
        _file(story, "elsewhere", "other-hut", a_filing(*AGENCIES))
    _file(story, "told", "hut", told())
    for programme in CLINICAL:
        _file(story, programme, "hut", a_filing(programme))
    _wrong_filings(story)
    for name, request in story.requests.items():
        for leg in request["legs"]:
            _arrived(story, name, leg)
    _at_the_agencies(story)
    _at_the_help_desk(story)
    return story


def told() -> dict[str, Any]:
    """Make the request of the person whom the story is about."""
    person = {
        name: SAID[name] for name in ("name", "id_number", "phone", "birth_date", "household_registration")
    }
    extra = {
        "given_by": "guardian",
        "guardian": {"name": SAID["guardian"], "relation": "parent", "phone": SAID["guardian_phone"]},
        "witnessed_by": SAID["witness"],
        "data_kinds": ["identity", "contact", "household", "income", "employment", "education", "health"],
    }
    child = {"relation": "child", "name": SAID["beneficiary"]}
    notes = {"dibao": SAID["note"], "psy": SAID["clinical_note"]}
    return a_filing(
        person=person | {"residence": "530103004007"},
        legs=[
            {"programme": programme}
            | ({"note": notes[programme]} if programme in notes else {})
            | ({"beneficiary": child} if programme == "dibao" else {})
            for programme in AGENCIES
        ],
        consents=[a_consent(agency, (programme,), **extra) for programme, agency in AGENCIES.items()],
        answers={"skills": SAID["answer"]},
    )


def _file(story: Story, name: str, who: str, body: dict[str, Any]) -> None:
    story.bodies.append(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
    headers = {"Idempotency-Key": f"filed-{name}-{datetime.now(UTC).timestamp()}"}
    answers = [
        story.ask(who, "POST", "/intake/api/v1/requests", json=body, headers=headers) for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [httpx.codes.CREATED] * 2, answers[0].text
    story.requests[name] = answers[0].json()


def _wrong_filings(story: Story) -> None:
    path = "/intake/api/v1/requests"
    person = told()["person"] | {"name": SAID["refused_name"]}
    for change in (
        {"id_number": SAID["id_number"][:-1] + ("1" if SAID["id_number"][-1] == "0" else "0")},
        {"residence": "110101001001"},
        {"birth_date": "2199-01-01"},
        {"nickname": SAID["name"]},
    ):
        assert story.ask("hut", "POST", path, json=told() | {"person": person | change}).status_code == 422
    broken = orjson.dumps(told())[:-5]
    story.ask("hut", "POST", path, content=broken, headers={"Content-Type": "application/json"})
    story.ask("hut", "POST", path, content=broken, headers={"Content-Type": "text/plain"})
    story.ask("desk-health", "POST", path, json=told())
    story.ask(STRANGER, "POST", path, json=told())
    story.http.post("/auth/token", data={"username": SAID["name"], "password": SAID["phone"]})


def _arrived(story: Story, name: str, leg: Mapping[str, Any]) -> None:
    path = f"/referrals/api/v1/referrals/{leg['id']}"
    who = f"desk-{leg['agency']}"
    until(lambda: story.ask(who, "GET", path).status_code == httpx.codes.OK, what=f"the legs of {name}")


def _at_the_agencies(story: Story) -> None:
    for programme, agency in AGENCIES.items():
        who, leg = f"desk-{agency}", story.leg("told", programme)
        for query in (SAID["name"], SAID["phone"], SAID["id_number"][-4:], "犀渠"):
            story.ask(who, "GET", "/referrals/api/v1/referrals", params={"q": query})
        path = f"/referrals/api/v1/referrals/{leg}"
        opened = story.ask(who, "POST", f"{path}/packet/open", json={"reason": "核对材料"})
        assert opened.json()["body"]["person"]["name"] == SAID["name"]
        for reason in (f"核对 {SAID['name']}", f"致电{SAID['phone']}"):
            refused = story.ask(who, "POST", f"{path}/packet/open", json={"reason": reason})
            assert [error["field"] for error in refused.json()["errors"]] == ["reason"]
        if programme == "pub-job":
            continue
        for action in ("acknowledge", "accept", "start"):
            assert story.act(who, leg, action, {}).status_code == httpx.codes.OK
        outcome = OUTCOMES[programme]
        words = {"note": SAID["agency_note"], "evidence": SAID["evidence"]}
        story.act(who, leg, "close", {**outcome, **words, "period": None})
        assert story.act(who, leg, "close", {**outcome, **words}).status_code == httpx.codes.OK
        assert story.act(who, leg, "accept", {}).status_code == httpx.codes.CONFLICT
    for programme in CLINICAL:
        leg = story.leg(programme, programme)
        assert story.act("desk-health", leg, "acknowledge", {}).status_code == httpx.codes.OK


def _at_the_help_desk(story: Story) -> None:
    request = f"/intake/api/v1/requests/{story.requests['told']['id']}"
    for query in (SAID["name"], SAID["phone"], SAID["id_number"], story.requests["told"]["receipt_code"]):
        found = story.ask("hut", "GET", "/intake/api/v1/requests", params={"q": query}).json()
        assert [item["id"] for item in found["items"]] == [story.requests["told"]["id"]], query
    body = {"reason": "withdrawn-by-person", "legs": [story.leg("told", "pub-job")]}
    assert story.ask("hut", "POST", f"{request}/withdraw", json=body).status_code == httpx.codes.ACCEPTED

    def answered() -> bool:
        legs = story.ask("hut", "GET", request).json()["legs"]
        return [leg["status"] for leg in legs] == ["closed", "closed", "cancelled", "closed"]

    until(answered, what="the answers of the agencies")
    shown = story.ask("hut", "GET", request)
    for what in ("note", "agency_note", "evidence", "guardian", "beneficiary", "answer"):
        assert SAID[what] in shown.text, what
