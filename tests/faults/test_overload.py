"""Twice what the installation can take is shed in words; a broker that is away costs nobody a request."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local import Missing
from shared.http.admission import PATIENCE, STANDING_AFTER_SECONDS
from tests.conftest import absent
from tests.faults.overload import Site, a_site, outage, overload
from tests.faults.traffic import BUSY, percentile

SECONDS = 10
AWAY_SECONDS = 20
RATE = 50

pytestmark = [pytest.mark.postgres, pytest.mark.rabbitmq, pytest.mark.full]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """A full run of its own."""
    try:
        with a_site() as made:
            yield made
    except Missing as error:
        absent(str(error))


@pytest.mark.long
def test_at_twice_the_sustainable_rate_what_is_accepted_is_answered_in_time_and_kept(site: Site) -> None:
    found = overload(site, SECONDS, measured=600)
    print("\n".join(found.lines()))  # noqa: T201 - the figures are what one wants to see when it fails
    assert set(found.twice.statuses) <= {201, *BUSY}
    assert found.twice.busy
    assert all(int(answer.headers["retry-after"]) > 0 for answer in found.twice.busy)
    # Piled up, the last would have waited for half of all this time; here nobody waits longer than a burst may.
    waited = percentile(found.twice.accepted, 0.99) - percentile(found.normal.accepted, 0.99)
    assert waited < PATIENCE[False].burst + STANDING_AFTER_SECONDS
    assert site.faults() == []


def test_while_the_broker_is_away_every_request_is_accepted_and_all_arrives_in_order(site: Site) -> None:
    found = outage(site, RATE, AWAY_SECONDS)
    print("\n".join(found.lines()))  # noqa: T201 - as above
    assert set(found.answers.statuses) <= {201, 202}
    assert found.waiting >= RATE * AWAY_SECONDS
    assert site.faults() == []
