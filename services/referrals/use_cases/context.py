"""What every use case of this service stands on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from services.referrals.domain.clocks import Timetable
from services.referrals.persistence.filters import Reach
from services.referrals.use_cases.badges import Badges
from shared.blobs import BlobStore
from shared.clock import Clock, local_date
from shared.db import Database
from shared.directory import Directory, District
from shared.identity import Grant
from shared.sealing import Keyring


@dataclass(frozen=True, slots=True)
class Context:
    """The parts a use case needs; ``source`` is the CloudEvents source of its events, ``blobs`` where papers lie.

    ``badges`` remembers masked names only, for this process.
    """

    database: Database
    keyring: Keyring
    directory: Directory
    clock: Clock
    source: str
    blobs: BlobStore
    badges: Badges = field(default_factory=Badges, compare=False)

    @property
    def slips(self) -> BlobStore:
        """Where slips lie: apart from papers, which another service sweeps."""
        return self.blobs.under("slips")

    def today(self, district: District) -> date:
        """Give the present day in the district's own time."""
        return local_date(self.clock.now(), district.timezone)


def timetable(district: District) -> Timetable:
    """Give what deadlines of this district are reckoned with."""
    return Timetable(
        district.calendar,
        district.timezone,
        limits=district.limits,
        escalation=district.escalation,
        silence_accepts=district.options.get("on_silence") == "deemed-accepted",
        keep_years=district.options["retention"]["closed_case_years"],
    )


def reach(grant: Grant) -> Reach:
    """Turn what the policy grants into what a query may find."""
    return Reach(
        everything=grant.everything,
        agencies=grant.agencies,
        units=grant.units,
        streets=grant.streets,
        counters=grant.counters,
    )


def own_reach(grant: Grant) -> Reach:
    """Turn what the policy grants into what a query may find of one's own agency alone."""
    return Reach(agencies=grant.agencies, counters=grant.counters)


def filed_at(district: District, code: str | None) -> tuple[str | None, str | None]:
    """Give a code asked for as (unit, street): a street's is the latter, one the pack has forgotten may be either."""
    known = None if code is None else district.units.get(code)
    if known is None:
        return code, code
    return (None, code) if known.level == "street" else (code, None)
