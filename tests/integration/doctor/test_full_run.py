"""A whole installation is broken piece by piece: what ``/ready`` and ``carehut doctor`` say, and that it passes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import httpx
import orjson
import pytest

from deploy.doctor.examination import examine
from deploy.doctor.report import Finding
from deploy.installation import Installation
from deploy.local import FullRun, Missing, Servers
from deploy.local.full_run import CAREHUT
from deploy.local.ports import free_port
from shared.outbox.books import LATE_AFTER
from tests.conftest import absent
from tests.messaging.brokers import write_down
from tests.waiting import until

pytestmark = pytest.mark.full

LONG = 120
"""Seconds within which something must have been noticed; it is far less where nothing else runs."""
QUEUE = "notifications.events"

LEAVING = ("grid", "specialist", "auditor", "leader-health", "desk-health", "leader-employment")

# A worker on a machine whose clock is an hour ahead.
AHEAD = """
import sys
from datetime import timedelta
from shared.clock import SystemClock
right = SystemClock.now
SystemClock.now = lambda self: right(self) + timedelta(hours=1)
from deploy.cli import main
sys.argv[:1] = ["carehut"]
main()
"""


class Rig:
    """The full run, and what is said of it."""

    def __init__(self, full: FullRun, port: int) -> None:
        self.full = full
        self.metrics_port = port
        self._leaving = iter(LEAVING)

    def doctor(self, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run the command to its end."""
        environment = {**self.full.settings(), "LANG": "C.UTF-8", **settings}
        return subprocess.run(
            [*CAREHUT, "doctor", *words], env=environment, capture_output=True, text=True, check=False
        )

    def findings(self) -> dict[str, Finding]:
        """Examine it as the command does, without the command's own start; by code."""
        installation = Installation(self.full.settings())
        found = examine(installation).findings
        installation.close()
        return {finding.trouble.code: finding for finding in found}

    def ready(self) -> dict[str, Mapping[str, Any]]:
        """Give the problems that the summed ``/ready`` names, by code."""
        return {problem["code"]: problem for problem in self.full.ready().get("problems", ())}

    def says(self, *codes: str) -> None:
        """Wait until ``/ready`` says all of these."""
        deadline = time.monotonic() + LONG
        while not set(codes) <= set(said := self.ready()):
            assert time.monotonic() < deadline, f"/ready says {said} and not {codes}"
            time.sleep(0.1)

    def happens(self) -> None:
        """Have something written that a relay must publish."""
        self.full.run("staff", "disable", next(self._leaving), "--reason", "left")

    def node(self, *words: str) -> str:
        """Run RabbitMQ's own command."""
        return self.full.servers.rabbitmq.rabbitmqctl(*words)

    def recovers(self) -> None:
        """Wait until neither has anything to say any more."""
        self.full.wait(within=LONG)
        until(lambda: not self.findings(), seconds=LONG, what="nothing left to say")


@pytest.fixture(scope="module")
def rig() -> Iterator[Rig]:
    """A full run of its own, for its servers suffer."""
    with Servers.temporary(nginx=True, durable=False) as servers:
        full, port = FullRun(servers), free_port()
        try:
            full.start()
            full.programs["work-intake"].kill()
            full.programs["work-intake"]._environment["CAREHUT_METRICS_PORT"] = str(port)
            full.resume("work-intake")
            full.wait()
            yield Rig(full, port)
        except Missing as error:
            absent(str(error))
        finally:
            full.discard()


def test_a_healthy_full_run_has_nothing_to_say(rig: Rig) -> None:
    done = rig.doctor()
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Nothing is wrong. Looked at: ")
    report = orjson.loads(rig.doctor("--json").stdout)
    assert (report["status"], report["findings"], report["unseen"]) == ("healthy", [], [])
    assert {"broker", "management", "web front", "keys"} <= set(report["looked"])
    assert rig.full.ready() == {"status": "ok", "problems": []}


def test_without_the_administrators_address_not_everything_could_be_looked_at(rig: Rig) -> None:
    done = rig.doctor(CAREHUT_RABBITMQ_ADMIN_URL="")
    assert done.returncode == 2
    assert (
        "Could not look at management: Not set in the environment: CAREHUT_RABBITMQ_ADMIN_URL." in done.stdout
    )


def test_a_web_process_that_is_away_is_named(rig: Rig) -> None:
    rig.full.kill("web-referrals")
    finding = rig.findings()["web-away"]
    assert finding.places == ("referrals",)
    assert "serve referrals" in finding.trouble.remedy.en
    rig.full.resume("web-referrals")
    rig.recovers()


def test_a_broker_that_is_stopped_is_told_since_when(rig: Rig) -> None:
    write_down(rig.full.servers)
    rig.full.kill("rabbitmq")
    rig.says("broker-away")
    done = rig.doctor("--json")
    assert done.returncode == 1
    found = {one["code"]: one for one in orjson.loads(done.stdout)["findings"]}
    assert {"broker-away", "management-away"} <= set(found)
    assert "broker" in found["broker-away"]["places"]
    assert datetime.fromisoformat(found["broker-away"]["since"]).tzinfo is not None
    rig.full.resume("rabbitmq")
    rig.recovers()


@pytest.mark.long
def test_an_alarm_stops_what_leaves_and_both_are_told(rig: Rig) -> None:
    rig.node("set_vm_memory_high_watermark", "0.000001")
    until(lambda: "memory-alarm" in rig.findings(), seconds=LONG, what="the alarm")
    # The broker still takes what shows it that this connection publishes, and blocks it then.
    rig.happens()
    rig.happens()
    rig.says("broker-blocks", "memory-alarm", "outbox-late")
    late = rig.findings()["outbox-late"]
    assert late.places == ("intake",)
    seconds = int(late.trouble.what.en.rpartition("waited ")[2].removesuffix(" s."))
    assert seconds >= LATE_AFTER.total_seconds()
    assert (
        "low on memory" in rig.ready()["broker-blocks"]["what"]
        or "memory" in rig.ready()["memory-alarm"]["what"]
    )
    rig.node("set_vm_memory_high_watermark", "0.4")
    rig.recovers()


def test_a_database_that_is_away_closes_the_door_and_hides_nothing_else(rig: Rig) -> None:
    rig.full.kill("postgres")
    rig.says("database-away")
    rig.full.kill("web-notifications")
    found = rig.findings()
    assert set(found) == {"database-away", "web-away"}
    assert set(found["database-away"].places) == {"intake", "referrals", "notifications"}
    assert "Connection refused" in found["database-away"].trouble.what.en
    rig.full.resume("postgres")
    rig.full.resume("web-notifications")
    rig.full.revive()
    rig.recovers()


@pytest.mark.long
def test_a_worker_with_a_wrong_clock_and_one_that_is_silent_are_told(rig: Rig) -> None:
    ahead, silent = rig.full.programs["work-referrals"], rig.full.programs["work-notifications"]
    for program in (ahead, silent):
        program.kill()
    right = ahead.command
    ahead.command = [sys.executable, "-c", AHEAD, "work", "referrals"]
    ahead.begin()
    wanted = {"clock-differs", "relay-silent", "consumer-silent", "timers-silent"}
    rig.says(*wanted)
    found = rig.findings()
    assert wanted == set(found)
    assert "by 3600 s" in found["clock-differs"].trouble.what.en
    assert found["clock-differs"].places == ("referrals",)
    assert found["consumer-silent"].trouble.what.en == "The consumer of notifications gives no sign of life."
    ahead.kill()
    ahead.command = right
    rig.full.revive()
    rig.recovers()


def test_the_time_from_writing_to_effect_and_the_queues_are_measured(rig: Rig) -> None:
    def figures() -> str:
        return httpx.get(f"http://127.0.0.1:{rig.metrics_port}/metrics").text

    rig.happens()
    until(lambda: 'aid_confirm_seconds_count{service="intake"} ' in figures(), what="a confirm")
    until(
        lambda: 'aid_queue_messages{queue="referrals.events"} 0.0' in figures(), what="the depth of a queue"
    )
    assert 'aid_outbox_oldest_seconds{lane="events",service="intake"}' in figures()


@pytest.mark.long
def test_a_queue_whose_process_is_down_has_no_leader(rig: Rig) -> None:
    member = f"{{'aid-{rig.full.servers.district}_{QUEUE}', node()}}"
    rig.node("eval", f"ra:stop_server(quorum_queues, {member}).")
    finding = rig.findings()["queue-down"]
    assert f"The queue {QUEUE} has no leader (" in finding.trouble.what.en
    rig.says("queue-down")
    write_down(rig.full.servers)
    rig.full.kill("rabbitmq")
    rig.full.resume("rabbitmq")
    rig.recovers()


@pytest.mark.long
def test_a_node_that_refuses_to_declare_is_told_with_the_one_remedy_there_is(rig: Rig) -> None:
    # What becomes of RabbitMQ 3.10 when a queue is deleted while its dead letters' carrier starts.
    rig.node("eval", "supervisor:terminate_child(rabbit_sup, rabbit_fifo_dlx_sup).")
    rig.node("delete_queue", QUEUE, "--vhost", f"aid-{rig.full.servers.district}")
    assert rig.findings()["queue-missing"].trouble.about == QUEUE
    rig.says("declarations-refused")
    assert rig.ready()["declarations-refused"]["remedy"].startswith("Restart the RabbitMQ node")
    # What comes next is not always the same: the queue stays without leader, or whoever publishes is thrown out.
    rig.happens()
    after = {"queue-down", "broker-fails"}
    until(lambda: after & set(rig.findings()), seconds=LONG, what="what becomes of such a node")
    assert all(
        "restart" in finding.trouble.remedy.en.lower()
        for code, finding in rig.findings().items()
        if code in after
    )
    write_down(rig.full.servers)
    rig.full.kill("rabbitmq")
    rig.full.resume("rabbitmq")
    rig.recovers()
