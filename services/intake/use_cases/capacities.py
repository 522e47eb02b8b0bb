"""Places of programmes as the desk sees them: mirrored from what referrals tells, shown where a leg is chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from services.intake.domain.filing import Need
from services.intake.persistence import capacity as store
from services.intake.persistence.capacity import Places
from services.intake.use_cases.context import Context
from services.intake.use_cases.filing_warnings import Hint
from shared.db import UnitOfWork
from shared.directory import District
from shared.events import Event
from shared.identity import Principal, allow
from shared.text import Text

NO_PLACE = Text(
    "“{programme}”目前没有空余名额（截至 {as_of}，轮候 {waiting} 人）。已提交，可能需要轮候。",
    "{programme} has no place free as of {as_of}; {waiting} are waiting. It was filed and may have to wait.",
)
KEPT_FOR_OTHERS = Text(
    "“{programme}”空余 {free} 个名额（截至 {as_of}），先安排轮候的 {waiting} 人。已提交，可能需要轮候。",
    "{programme} has {free} free as of {as_of}, but {waiting} are waiting and come first. It was filed and may have to "
    "wait.",
)


def mirror_capacities(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Keep what referrals told of each programme's places; the newest counts, whatever the order of arrival."""
    newest = {event.subject: event for event in sorted(events, key=lambda event: event.sequence)}
    store.keep(uow.connection, [_row(event) for event in newest.values()])


def _row(event: Event) -> dict[str, Any]:
    data: Mapping[str, Any] = event.data
    names = ("programme", "places", "free", "as_of", "waiting")
    return {name: data[name] for name in names} | {"sequence": event.sequence, "updated_at": event.time}


def list_capacities(context: Context, principal: Principal) -> list[dict[str, Any]]:
    """Give the places of every programme of the district that counts them.

    ``{programme, agency, places, free, as_of, waiting}`` each; raises ``Forbidden``.
    """
    allow(principal, "screenings.run")
    district = context.directory.current()
    found = places_now(context, district)
    return [
        {"programme": name, "agency": district.programmes[name].agency, **shown(places)}
        for name, places in found.items()
    ]


def places_now(context: Context, district: District) -> dict[str, Places]:
    """Give the places of each programme: as last told, or as the district's pack starts to count."""
    with context.database.read() as connection:
        return _places(connection, district)


def _places(connection: Connection, district: District) -> dict[str, Places]:
    known = store.every(connection)
    found: dict[str, Places] = {}
    for item in district.programmes.values():
        if item.capacity is not None:
            start = Places(item.capacity.places, item.capacity.places, item.capacity.as_of, 0)
            found[item.id] = known.get(item.id, start)
    return found


def places_of(connection: Connection, district: District, needs: Sequence[Need]) -> Mapping[str, Places]:
    """Give the places of what is asked for; nothing is read where none of it counts places."""
    counted = any(district.programmes[need.programme].capacity is not None for need in needs)
    return _places(connection, district) if counted else {}


def shown(places: Places) -> dict[str, Any]:
    """Write places for an answer."""
    return {
        "places": places.places,
        "free": places.free,
        "as_of": places.as_of.isoformat(),
        "waiting": places.waiting,
    }


def warnings(needs: Sequence[Need], found: Mapping[str, Places], district: District) -> list[Hint]:
    """Warn of each programme asked for that has no place for one more: those who wait come first."""
    hints: list[Hint] = []
    for place, need in enumerate(needs):
        places = found.get(need.programme)
        if places is None or places.free > places.waiting:
            continue
        name = district.programmes[need.programme].name
        said = KEPT_FOR_OTHERS if places.free else NO_PLACE
        text = said.format(programme=name, free=places.free, waiting=places.waiting, as_of=places.as_of)
        hints.append({"code": "no-place-free", "field": f"legs.{place}.programme", "messages": text.both()})
    return hints
