"""Each service dumps exactly the golden example of the head it publishes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from shared.audit.chain import START, Seal
from shared.audit.publishing import Publication
from shared.events import example
from tests.contracts.golden import assert_is_golden


@pytest.mark.parametrize("service", ["intake", "referrals", "notifications"])
def test_a_head_is_dumped_exactly(service: str) -> None:
    golden = example(f"audit.{service}-sealed.v1")
    data: Any = golden.data
    seal = Seal(
        number=data["number"],
        sealed_at=datetime.fromisoformat(data["sealed_at"]),
        entries=3,
        first_entry=b"",
        last_entry=b"",
        list_sha256=START,
        head=bytes.fromhex(data["head"]),
    )
    told = Publication(service, golden.sequence, seal)
    assert_is_golden(told.event(id_=golden.id, source=golden.source, at=golden.time))
