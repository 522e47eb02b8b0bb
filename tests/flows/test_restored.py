"""The whole full run is lost – databases, broker, files – and made again from its backup as the runbook says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.embedded.environment import SERVICES
from deploy.local import FullRun, Missing, Servers
from tests.builders import a_consent, a_filing, a_person
from tests.conftest import absent
from tests.papers import a_form, a_pdf
from tests.waiting import until

REQUESTS, REFERRALS = "/intake/api/v1/requests", "/referrals/api/v1/referrals"
DESK = "desk-civil-affairs"
REASON = {"reason": "核对材料"}
PERSON = a_person(name="卓玛央金")
LONG_ENOUGH = 150
"""Seconds until what was published a minute before the backup is found to be missing."""

pytestmark = [pytest.mark.full, pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.long]


@dataclass
class Place:
    """A full run and those who work in it."""

    run: FullRun
    people: Mapping[str, httpx.Client]

    def file(self) -> dict[str, Any]:
        """File a request for one leg at the desk."""
        consent = a_consent("civil-affairs", ("dibao",))
        filing = a_filing("dibao", person=PERSON, consents=[consent])
        answer = self.people["hut"].post(REQUESTS, json=filing)
        assert answer.status_code == httpx.codes.CREATED, answer.text
        return dict(answer.json())

    def referral(self, leg: str) -> httpx.Response:
        """Read a referral as its agency."""
        return self.people[DESK].get(f"{REFERRALS}/{leg}")

    def arrives(self, leg: str) -> None:
        """Wait until a leg is at its agency."""
        until(lambda: self.referral(leg).status_code == httpx.codes.OK, what="the leg at its agency")

    def act(self, leg: str, action: str) -> None:
        """Take an action on a leg at its agency."""
        headers = {"If-Match": self.referral(leg).headers["ETag"]}
        answer = self.people[DESK].post(f"{REFERRALS}/{leg}/{action}", json={}, headers=headers)
        assert answer.status_code == httpx.codes.OK, answer.text

    def shown(self, request: str) -> list[str]:
        """Give the status of each leg as the desk sees it."""
        return [leg["status"] for leg in self.people["hut"].get(f"{REQUESTS}/{request}").json()["legs"]]

    def rows(self, service: str, statement: str) -> list[tuple[Any, ...]]:
        """Ask a service's database."""
        with self.run.servers.postgres.connect(f"aid_{service}") as connection:
            return connection.execute(statement).fetchall()


@contextmanager
def place(run: FullRun) -> Iterator[Place]:
    """Start a full run and sign people in; end it with all its processes."""
    try:
        run.start()
    except Missing as error:
        absent(str(error))
    people = {}
    try:
        for who in ("hut", DESK):
            bearer = {"Authorization": f"Bearer {run.run('token', who).strip().splitlines()[-1]}"}
            people[who] = httpx.Client(base_url=run.url, headers=bearer, trust_env=False, timeout=30)
        yield Place(run, people)
    finally:
        for person in people.values():
            person.close()
        run.discard()


def _published(here: Place, service: str) -> bool:
    return not here.rows(service, "SELECT id FROM outbox WHERE published_at IS NULL LIMIT 1")


def test_the_work_goes_on_where_it_stood_and_nothing_is_lost_or_done_twice(tmp_path: Path) -> None:
    copy, content = tmp_path / "copy", a_pdf(size=5000)
    with Servers.temporary(nginx=True, durable=False) as servers:
        key = servers.vault.key("master")
        with place(FullRun(servers)) as old:
            decided = old.file()
            form = a_form(content, kind="id-card")
            paper = old.people["hut"].post(
                f"{REQUESTS}/{decided['id']}/papers",
                content=form["data"],
                headers={"Content-Type": form["content_type"]},
            )
            assert paper.status_code == httpx.codes.CREATED, paper.text
            leg = decided["legs"][0]["id"]
            old.arrives(leg)
            old.act(leg, "acknowledge")
            until(lambda: old.shown(decided["id"]) == ["received"], what="its receipt at the desk")
            # What is published from here on lies at the broker alone, and is lost with it.
            for consumer in ("work-notifications", "work-intake"):
                old.run.kill(consumer)
            old.act(leg, "accept")
            until(lambda: _published(old, "referrals"), what="the acceptance at the broker")
            old.run.kill("work-referrals")
            old.run.programs["work-intake"].begin()
            under_way = old.file()
            until(lambda: _published(old, "intake"), what="the filing at the broker")
            old.run.run("backup", str(copy))

    again = (("restore", str(copy)), ("topology", "apply"))
    with (
        Servers.temporary(nginx=True, durable=False) as servers,
        place(FullRun(servers, extra={"CAREHUT_MASTER_KEY": key}, first=again)) as new,
    ):
        lost = under_way["legs"][0]["id"]
        assert new.referral(lost).status_code == httpx.codes.NOT_FOUND
        until(
            lambda: new.run.run("reconcile") and new.referral(lost).status_code == httpx.codes.OK,
            seconds=LONG_ENOUGH,
            what="what was under way, at its agency",
        )
        until(lambda: new.shown(decided["id"]) == ["accepted"], seconds=LONG_ENOUGH, what="the acceptance")
        assert [new.referral(one).json()["status"] for one in (leg, lost)] == ["accepted", "issued"]
        opened = new.people[DESK].post(f"{REFERRALS}/{leg}/packet/open", json=REASON).json()
        assert opened["body"]["person"]["name"] == PERSON["name"]
        read = new.people["hut"].get(
            f"{REQUESTS}/{decided['id']}/papers/{paper.json()['paper']['id']}", params=REASON
        )
        assert read.content == content

        third = new.file()
        assert third["number"] not in {decided["number"], under_way["number"]}
        new.arrives(third["legs"][0]["id"])
        for one in (lost, third["legs"][0]["id"]):
            new.act(one, "acknowledge")
        until(lambda: new.shown(third["id"]) == ["received"], what="the work going on")
        until(lambda: all(_published(new, service) for service in SERVICES), what="rest")
        new.run.run("reconcile")
        for service in SERVICES:
            new.run.run("audit", "verify")
            twice = new.rows(
                service,
                "SELECT consumer, event_id FROM inbox_receipts GROUP BY consumer, event_id HAVING count(*) > 1",
            )
            assert twice == []
        facts = new.rows("referrals", "SELECT type, subject FROM outbox WHERE subject NOT LIKE 'audit-%'")
        assert len(facts) == len(set(facts))
        assert {subject for type_, subject in facts if type_ == "referral.issued.v1"} == {
            one["legs"][0]["id"] for one in (decided, under_way, third)
        }
        seen = new.rows("intake", "SELECT leg_id, fact FROM leg_events WHERE leg_id IS NOT NULL")
        assert len(seen) == len(set(seen))
        assert "dead" not in new.run.run("dead-letters", "list")
        new.run.run("doctor")
