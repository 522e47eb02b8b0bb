"""What everybody got to see: whose words were in it, and by which ids two agencies' views could be joined."""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urljoin, urlsplit

import orjson

from tests.flows.label import Answer, Story

LINK = re.compile(r'(?:href|src|action)="([^"]+)"')
IDS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\b[A-Z]{2,4}-\d{4}-[0-9A-Z]{6,8}\b"
)
"""UUIDs of version 7, and numbers of requests and referrals."""
_OF_THE_ANSWER = re.compile(r'"request_id":\s*"[^"]+"|\bx-request-id: \S+', re.IGNORECASE)
MOST_PAGES = 40


def walk(story: Story, who: str, language: str, *begin: str) -> int:
    """Follow every link somebody is shown, as far as pages of one kind differ; give how many answers there were."""
    client = story.browse(who)
    client.headers["Accept"] = "text/html, */*"
    client.headers["Accept-Language"] = language
    waiting, seen = ["/", "/nowhere", "/referrals/board", "/intake/requests", *begin], set[str]()
    kinds = dict[str, int]()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "*", urlsplit(path).path)
        if path in seen or kinds.get(kind, 0) >= 4:
            continue
        seen.add(path)
        kinds[kind] = kinds.get(kind, 0) + 1
        answer = client.get(path)
        links = LINK.findall(answer.text) if "html" in answer.headers.get("Content-Type", "") else []
        links += [answer.headers["Location"]] if "Location" in answer.headers else []
        here = [urljoin(path, link.replace("&amp;", "&")) for link in links]
        waiting += [link for link in here if link.startswith("/") and "sign-out" not in link]
    return len(seen)


def read_all(story: Story, who: str, path: str, **query: str) -> Iterator[Mapping[str, object]]:
    """Read a whole list, page by page."""
    cursor: dict[str, str] = {}
    while True:
        answer = story.ask(who, "GET", path, params={**query, **cursor})
        if not answer.is_success:
            return
        page = answer.json()
        yield from page["items"]
        if not page["next"]:
            return
        cursor = {"cursor": page["next"]}


def agency_of(who: str) -> str | None:
    """Give the agency whose officer or leader somebody is."""
    role, _, agency = who.partition("-")
    return agency if role in {"desk", "leader"} else None


def ids_by_agency(answers: Iterable[Answer]) -> dict[str, set[str]]:
    """Collect every id and number that an agency's people were shown."""
    shown: dict[str, set[str]] = defaultdict(set)
    for answer in answers:
        agency = agency_of(answer.who)
        if agency is not None:
            text = _OF_THE_ANSWER.sub("", f"{answer.headers}\n{answer.text}")
            shown[agency] |= set(IDS.findall(text))
    return shown


def shared_between(views: Mapping[str, set[str]], known_before: set[str]) -> dict[tuple[str, str], set[str]]:
    """Give what two agencies both have, by which they could find out that they help the same person."""
    return {
        (one, other): both
        for one, other in itertools.combinations(sorted(views), 2)
        if (both := (views[one] & views[other]) - known_before)
    }


def told_in(answer: Answer) -> str:
    """Give what an answer says, with escapes of JSON undone, so that one looks for words as they are read."""
    if answer.text[:1] in {"{", "["}:
        try:
            return orjson.dumps(orjson.loads(answer.text)).decode()
        except orjson.JSONDecodeError:
            pass
    return answer.text
