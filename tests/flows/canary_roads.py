"""The roads a request can go, one function each; whoever goes one says something at every turn of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from tests.builders import HUT_UNIT, the_district
from tests.flows.canaries import CASE, REASON, REFERRALS, Canary, Case, done
from tests.flows.label import PASSWORD, STRANGER, Story
from tests.papers import a_pdf
from tests.waiting import until

Road = Callable[[Story, Canary], None]
SIGN_IN_TRIES = 100
OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "dibao": {"outcome": "approved", "amount": 650, "period": "monthly"},
    "pension": {"outcome": "enrolled"},
    "pub-job": {"outcome": "waitlisted"},
    "psy": {"outcome": "service-delivered"},
}
DESKS = {programme.id: f"desk-{programme.agency}" for programme in the_district().programmes.values()}


def granted(story: Story, canary: Canary) -> None:
    """Four agencies open what they were sent, decide, and say a word to it."""
    case = Case.filed(story, canary, *OUTCOMES)
    for programme, outcome in OUTCOMES.items():
        who = DESKS[programme]
        opened = done(story.ask(who, "POST", f"{REFERRALS}/{case.legs[programme]}/packet/open", json=REASON))
        assert opened["body"]["person"]["name"] == canary.name
        for action in ("acknowledge", "accept", "start"):
            case.act(who, programme, action)
        case.act(
            who, programme, "close", **outcome, note=canary.words("批"), evidence=canary.words("字")[:40]
        )
    for programme in OUTCOMES:
        case.until_leg(programme, "closed")
    case.leg("dibao", "rate", grade=2, note=canary.words("评"))
    case.at_hut("/follow-up", reached=True, outcome="settled", satisfied=4, words=canary.words("访"))


def refused(story: Story, canary: Canary) -> None:
    """The leader agrees to a refusal; the person objects in words of their own."""
    case = Case.filed(story, canary, "tekun")
    for action in ("acknowledge", "accept", "start"):
        case.act("desk-civil-affairs", "tekun", action)
    refusal = {"outcome": "refused", "reason": "criteria-not-met", "note": canary.words("拒")}
    case.act("desk-civil-affairs", "tekun", "close", **refusal)
    done(story.ask("leader-civil-affairs", "POST", f"{REFERRALS}/{case.legs['tekun']}/pending/open"))
    case.act("leader-civil-affairs", "tekun", "approve")
    case.until_leg("tekun", "closed")
    case.leg("tekun", "reopen", reason="appeal", note=canary.words("异议"))


def papers(story: Story, canary: Canary) -> None:
    """Papers are handed in, one more is asked for, and the agency reads them."""
    case = Case.filed(story, canary, "dibao", "med-enrol")
    case.scan()
    case.act("desk-civil-affairs", "dibao", "acknowledge")
    wanted = next(paper.id for paper in the_district().programmes["dibao"].papers if paper.id != "id-card")
    case.act("desk-civil-affairs", "dibao", "request-documents", papers=[wanted], note=canary.words("缺"))
    case.until_leg("dibao", "awaiting-documents")
    case.scan(wanted)
    case.leg("dibao", "supply")
    path = f"{REFERRALS}/{case.legs['dibao']}"

    def supplied() -> bool:
        return bool(done(story.ask("desk-civil-affairs", "GET", path))["status"] == "received")

    until(supplied, what="the papers to arrive")
    listed = done(story.ask("desk-civil-affairs", "GET", f"{path}/papers", params=REASON))
    assert listed["items"]
    assert done_bytes(story, "desk-civil-affairs", f"{path}/papers/1")


def done_bytes(story: Story, who: str, path: str) -> bytes:
    """Fetch a file."""
    answer = story.ask(who, "GET", path, params=REASON)
    assert answer.is_success, answer.text
    return answer.content


def handed_on(story: Story, canary: Canary) -> None:
    """One agency sends it back and another gets it; a third hands its own part over."""
    also = {"social-security": ("pension",), "medical-insurance": ("med-enrol",)}
    case = Case.filed(story, canary, "unemp-reg", "edu", also=also)
    case.act("desk-employment", "unemp-reg", "propose-return", reason="not-our-duty", note=canary.words("退"))
    case.act(
        "coordinator", "unemp-reg", "confirm-return",
        next="reissue", to_agency="social-security", to_programme="pension",
    )  # fmt: skip
    for action in ("acknowledge", "accept"):
        case.act("desk-education", "edu", action)
    case.act(
        "desk-education", "edu", "propose-transfer", reason="needs-other-help", to_agency="medical-insurance",
        to_programme="med-enrol", note=canary.words("转"),
    )  # fmt: skip
    for old, new in (("unemp-reg", "pension"), ("edu", "med-enrol")):
        case.until_leg(old, {"unemp-reg": "returned", "edu": "transferred"}[old])
        case.until_leg(new, "issued")


def withdrawn(story: Story, canary: Canary) -> None:
    """One consent is taken back in mid-way, one leg before anybody has begun, and last the whole request."""
    case = Case.filed(story, canary, "house", "legal", "startup")
    for action in ("acknowledge", "accept"):
        case.act("desk-housing", "house", action)
    consents = done(story.ask("hut", "GET", f"{CASE}/{case.id}/consents"))["items"]
    housing = next(one["id"] for one in consents if one["agency"] == "housing")
    case.at_hut(f"/consents/{housing}/withdraw")
    path = f"{REFERRALS}/{case.legs['house']}"
    until(lambda: story.act("desk-housing", case.legs["house"], "acknowledge-withdrawal",
          {"ground": "retention-law", "note": canary.words("存")}).is_success, what=f"{path} frozen")  # fmt: skip
    case.at_hut("/withdraw", legs=[case.legs["legal"]])
    case.until_leg("legal", "cancelled")
    case.at_hut("/withdraw")


def talked_over(story: Story, canary: Canary) -> None:
    """Messages go both ways, somebody is asked to come, the clock stands still, runs on and is lengthened."""
    case = Case.filed(story, canary, "dibao")
    who, leg = "desk-civil-affairs", "dibao"
    day = (date.today() + timedelta(days=20)).isoformat()  # noqa: DTZ011 - any day ahead will do
    case.leg(leg, "messages", text=canary.words("问"))
    case.act(who, leg, "message", text=canary.words("答"))
    case.act(who, leg, "note", text=canary.words("记"))
    case.act(who, leg, "appointment", on=day, at="09:30", place=canary.words("楼"), bring=canary.words("带"))
    case.act(who, leg, "claim")
    for action in ("acknowledge", "accept", "start"):
        case.act(who, leg, action)
    case.act(who, leg, "suspend", reason="hearing", review_on=day, note=canary.words("停"))
    case.act(who, leg, "resume")
    case.act(who, leg, "extend", reason="survey-difficult", note=canary.words("延"))
    case.act("leader-civil-affairs", leg, "approve")
    case.act("coordinator", leg, "urge")
    case.act("coordinator", leg, "supervise", level="blue")
    story.ask(who, "GET", f"{REFERRALS}/{case.legs[leg]}/messages")
    story.ask(who, "GET", f"{REFERRALS}/{case.legs[leg]}/clock")


def on_paper(story: Story, canary: Canary) -> None:
    """Two agencies answer on paper: the filing desk takes one down, the coordinator the other."""
    case = Case.filed(story, canary, "pension", "med-enrol")
    content = a_pdf(says=canary.words("回执"))
    form = case.upload("hut", f"{CASE}/{case.id}/papers", content, kind="slip", leg=case.legs["pension"])
    case.leg("pension", "record", action="acknowledge", fields={}, slip=form["paper"]["id"])
    path = f"{REFERRALS}/{case.legs['med-enrol']}"
    slip = case.upload("coordinator", f"{path}/slips", a_pdf(says=canary.words("单")))
    case.act("coordinator", "med-enrol", "record-on-behalf", action="acknowledge", fields={}, slip=slip["id"])
    case.until_leg("pension", "received")
    case.until_leg("med-enrol", "received")


def corrected(story: Story, canary: Canary) -> None:
    """What was said wrong is put right with whoever holds it."""
    case = Case.filed(story, canary, "pension", "fee-rel")
    body = {
        "person": {"phone": canary.phone},
        "answers": {"skills": f"{canary.words('织')}"},
        "legs": [{"id": case.legs["pension"], "note": canary.words("更正")}],
    }
    version = story.ask("hut", "GET", f"{CASE}/{case.id}").headers["ETag"]
    path = f"{CASE}/{case.id}"
    done(story.ask("hut", "PATCH", path, json=body, headers={"If-Match": version}))
    done(story.ask("hut", "POST", f"{CASE}/{case.id}/legs", json={
        "legs": [{"programme": "mmt", "note": canary.words("补")}],
        "consents": canary.filing("mmt")["consents"],
    }))  # fmt: skip


def brought(story: Story, canary: Canary) -> None:
    """A grid worker tells of somebody; the desk goes on with it, keeps it as a draft, and gives an errand."""
    lead = {"name": canary.name, "phone": canary.phone, "errand": canary.words("找"), "community": HUT_UNIT}
    done(story.ask("grid", "POST", "/intake/api/v1/leads", json=lead))
    draft = done(story.ask("hut", "POST", "/intake/api/v1/drafts", json=canary.filing("smi", "hard-emp")))
    done(story.ask("hut", "POST", f"/intake/api/v1/drafts/{draft['id']}/submit"))
    errand = {"kind": "visit", "name": canary.name, "errand": canary.words("访")}
    done(story.ask("hut", "POST", "/intake/api/v1/tasks", json=errand))


def mistyped(story: Story, canary: Canary) -> None:
    """Everything is typed where it does not belong: into searches, paths, reasons, names of users and fields."""
    case = Case.filed(story, canary, "psy", "temp-spend")
    desk, path = "desk-civil-affairs", f"{REFERRALS}/{case.legs['temp-spend']}"
    for words in (canary.name, canary.phone, canary.id_number, canary.id_number[-4:]):
        story.ask(desk, "GET", REFERRALS, params={"q": words})
        story.ask("desk-housing", "GET", REFERRALS, params={"q": words})
        story.ask(desk, "POST", f"{path}/packet/open", json={"reason": words})
        story.act(desk, case.legs["temp-spend"], "close", {"outcome": words})
        if canary.number < SIGN_IN_TRIES:  # of more, the address would have to wait
            story.http.post("/auth/token", data={"username": words, "password": words})
    story.ask("coordinator", "GET", f"/referrals/api/v1/cases/{canary.name}")
    filing = canary.filing("dibao")
    for change in ({"nickname": canary.name}, {"birth_date": canary.phone}, {"id_number": canary.phone}):
        story.ask("hut", "POST", CASE, json=filing | {"person": filing["person"] | change})
    story.ask(STRANGER, "POST", CASE, json=filing)
    story.http.post("/auth/sign-in", data={"username": canary.phone, "password": PASSWORD})


ROADS: tuple[Road, ...] = (
    granted, refused, papers, handed_on, withdrawn, talked_over, on_paper, corrected, brought, mistyped,
)  # fmt: skip
"""Ten; with fifty people each is gone five times."""


def release(story: Story, people: int) -> list[Canary]:
    """Send so many people out, each along the next road."""
    canaries = [Canary(number) for number in range(people)]
    for canary in canaries:
        ROADS[canary.number % len(ROADS)](story, canary)
    return canaries
