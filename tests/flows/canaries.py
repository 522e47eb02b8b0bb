"""People who can be told from everybody else in every word they say, each taken along another road."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx

from tests.builders import HUT_UNIT, a_consent, a_filing, id_number
from tests.flows.label import Story
from tests.papers import a_form, a_pdf
from tests.waiting import until

NAME, TEXT, ANSWER = "犀渠魍魉", "歪脖子槐树", "灯芯草席"
PHONE, ID_NUMBER = "13977766", "99000019730719"
MARKS: Mapping[str, str] = {
    "name": NAME,
    "words": TEXT,
    "answer": ANSWER,
    "phone": PHONE,
    "id_number": ID_NUMBER,
    "birth_date": "1973-07-19",
    "household_registration": "451229887766",
}
"""With what everything that any of them says begins, by what it is; nothing else has it."""
MOST = 1000
"""Identity numbers have three digits for people of one day."""
SAYS = re.compile(
    rf"{NAME}(?P<name>\S\S)|{PHONE}(?P<phone>\d{{3}})|{ID_NUMBER}(?P<id>\d{{3}})|(?:{TEXT}|{ANSWER})(?P<words>\d{{4}})"
)
"""Finds who is meant by what stands somewhere."""
_RARE = "魑魅饕餮狻猊螭蛟貔貅獬豸梼杌狴犴囚睚眦嘲蒲赑屃鸱鹓鹐鸑鷟鹔鹴鸾麂"
PLENTY = ["identity", "contact", "household", "income", "employment", "education", "housing", "health"]
REASON = {"reason": "核对材料"}
CASE = "/intake/api/v1/requests"
REFERRALS = "/referrals/api/v1/referrals"


@dataclass(frozen=True)
class Canary:
    """One of them; what they say is made of ``number``, 0 to 999."""

    number: int

    @property
    def name(self) -> str:
        """Six characters."""
        return NAME + _RARE[self.number // 32] + _RARE[self.number % 32]

    @property
    def id_number(self) -> str:
        """Eighteen digits that nobody has."""
        return id_number(date(1973, 7, 19), self.number)

    @property
    def phone(self) -> str:
        """A mobile number."""
        return f"{PHONE}{self.number:03d}"

    def words(self, about: str) -> str:
        """Say something."""
        return f"{TEXT}{self.number:04d}{about}"

    def filing(self, *programmes: str, also: Mapping[str, tuple[str, ...]] | None = None) -> dict[str, Any]:
        """Make this person's request, with a note for every leg; ``also`` adds consents, by agency."""
        filing = a_filing(*programmes)
        by_agency = {one["agency"]: tuple(one["programmes"]) for one in filing["consents"]}
        for agency, more in (also or {}).items():
            by_agency[agency] = by_agency.get(agency, ()) + more
        given = {"data_kinds": PLENTY, "witnessed_by": f"{NAME}证"}
        person = {
            "name": self.name,
            "id_number": self.id_number,
            "phone": self.phone,
            "birth_date": "1973-07-19",
            "residence": HUT_UNIT,
            "household_registration": "451229887766",
        }
        return filing | {
            "person": person,
            "legs": [{**leg, "note": self.words(leg["programme"])} for leg in filing["legs"]],
            "consents": [a_consent(agency, its, **given) for agency, its in by_agency.items()],
            "answers": {"skills": f"{ANSWER}{self.number:04d}"},
        }


def named_in(text: str) -> Iterator[int]:
    """Give the numbers of those who are named in a text, or whose particulars or words are in it."""
    for found in SAYS.finditer(text):
        name, *numbers = found.group("name", "phone", "id", "words")
        if name is None:
            yield int(next(number for number in numbers if number))
        elif name[0] in _RARE and name[1] in _RARE:
            yield _RARE.index(name[0]) * 32 + _RARE.index(name[1])


@dataclass
class Case:
    """One person's request on its way."""

    story: Story
    canary: Canary
    id: str
    legs: dict[str, str]

    @classmethod
    def filed(cls, story: Story, canary: Canary, *programmes: str, **more: Any) -> Case:
        """File it, and wait until every agency has its part."""
        answer = done(story.ask("hut", "POST", CASE, json=canary.filing(*programmes, **more)))
        legs = {leg["programme"]: leg["id"] for leg in answer["legs"]}
        for leg in answer["legs"]:
            _arrived(story, f"desk-{leg['agency']}", f"{REFERRALS}/{leg['id']}")
        case = cls(story, canary, answer["id"], legs)
        until(
            lambda: all(case.seen(one)["status"] != "planned" for one in legs), what="all at the filing desk"
        )
        return case

    def act(self, who: str, programme: str, action: str, /, **fields: Any) -> dict[str, Any]:
        """Act on a leg as somebody who may; what has moved on meanwhile is looked at again."""
        answer = self.story.act(who, self.legs[programme], action, fields)
        while answer.status_code == httpx.codes.PRECONDITION_FAILED:
            answer = self.story.act(who, self.legs[programme], action, fields)
        acted: dict[str, Any] = done(answer)
        return acted

    def at_hut(self, path: str, **body: Any) -> dict[str, Any]:
        """Ask something of the request as the desk that filed it."""
        answer: dict[str, Any] = done(self.story.ask("hut", "POST", f"{CASE}/{self.id}{path}", json=body))
        return answer

    def leg(self, programme: str, path: str, **body: Any) -> dict[str, Any]:
        """Ask something of one leg as the desk that filed it."""
        return self.at_hut(f"/legs/{self.legs[programme]}/{path}", **body)

    def until_leg(self, programme: str, status: str) -> None:
        """Wait until a leg is so at the desk that filed it."""
        until(lambda: self.seen(programme)["status"] == status, what=f"{programme} to be {status}")

    def seen(self, programme: str) -> dict[str, Any]:
        """Give the newest leg of a programme as the filing desk sees it."""
        legs: list[dict[str, Any]] = done(self.story.ask("hut", "GET", f"{CASE}/{self.id}"))["legs"]
        return next(leg for leg in reversed(legs) if leg["programme"] == programme)

    def upload(self, who: str, path: str, content: bytes, **fields: str) -> dict[str, Any]:
        """Hand in a scan whose name is the person's."""
        form = a_form(content, name=f"{self.canary.name}.pdf", **fields)
        answer = self.story.ask(
            who, "POST", path, content=form["data"], headers={"Content-Type": form["content_type"]}
        )
        uploaded: dict[str, Any] = done(answer)
        return uploaded

    def scan(self, kind: str = "id-card") -> str:
        """Hand in a paper at the filing desk; gives its id."""
        content = a_pdf(says=self.canary.words(kind))
        return str(self.upload("hut", f"{CASE}/{self.id}/papers", content, kind=kind)["paper"]["id"])


def _arrived(story: Story, who: str, path: str) -> None:
    until(lambda: story.ask(who, "GET", path).status_code == httpx.codes.OK, what=path)


def done(answer: httpx.Response) -> Any:
    """Give what an answer says that must have gone well."""
    assert answer.is_success, f"{answer.request.method} {answer.request.url}: {answer.text}"
    return answer.json() if answer.content else None
