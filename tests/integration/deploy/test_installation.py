"""An installation as long-lived timers see it: what is put in force meanwhile is what they go by."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from deploy.installation import Installation
from deploy.topology import wanted
from shared.directory import District, apply, load_pack
from shared.messaging.topology import inbox_of
from tests.conftest import MakeDatabase
from tests.faults.matrix.installed import OUTSIDER, pack_with_outsider
from tests.waiting import until


def test_the_topology_follows_a_pack_that_is_applied_while_it_runs(
    sqlite_database: MakeDatabase, tmp_path: Path
) -> None:
    intake = sqlite_database("intake")
    environ = {
        f"CAREHUT_{name}_DATABASE_URL": intake.url for name in ("INTAKE", "REFERRALS", "NOTIFICATIONS")
    }
    installation = Installation(environ | {"CAREHUT_HOME": str(tmp_path)})

    def put_in_force(pack: District) -> None:
        with intake.unit_of_work() as uow:
            apply(uow, pack.for_service("intake"), datetime.now(UTC))

    def has_inbox() -> bool:
        return inbox_of(OUTSIDER) in {queue.name for queue in wanted(installation).queues}

    put_in_force(load_pack("530103"))
    assert not has_inbox()
    put_in_force(load_pack(pack_with_outsider(tmp_path, "530103")))
    until(has_inbox, what="the inbox of the agency that has a system now")
    installation.close()
