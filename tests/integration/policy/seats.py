"""Everybody who may sit before a screen, or whose program asks, and whose objects are their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from services.intake.persistence import tables as of_intake
from services.notifications.domain import inboxes
from shared import ids
from shared.identity import POLICY, Post, Principal
from shared.identity.scopes import GROUPS
from tests.builders import STREET, a_principal
from tests.integration.policy.world import AGENCIES, HERE, THERE, World


@dataclass(frozen=True)
class Spot:
    """Where an object lies: filed at a place, a leg at an agency."""

    place: str
    agency: str


SPOTS = tuple(Spot(place, agency) for place in (HERE, THERE) for agency in AGENCIES.values())


@dataclass(frozen=True)
class Seat:
    """Somebody, by what they are called here; what lies within ``places`` and ``agencies`` is theirs (None: any)."""

    name: str
    who: Principal
    places: tuple[str, ...] | None = ()
    agencies: tuple[str, ...] | None = ()

    @property
    def role(self) -> str:
        """The role of the post."""
        return self.who.posts[0].role

    def owns(self, spot: Spot) -> bool:
        """Tell whether what lies there is this person's own."""
        return (self.places is None or spot.place in self.places) and (
            self.agencies is None or spot.agency in self.agencies
        )


def _of_agency(role: str, agency: str) -> Seat:
    return Seat(f"{role} of {agency}", a_principal(role, agency=agency), None, (agency,))


def _system(agency: str) -> Seat:
    post = Post("client", agency=agency)
    who = Principal(staff="system-of-an-agency", session="of-a-test", posts=(post,), scope=" ".join(GROUPS))
    return Seat(f"client of {agency}", who, None, (agency,))


SEATS = (
    *(Seat(role, a_principal(role), (HERE,), None) for role in ("hut", "grid", "specialist")),
    *(_of_agency(role, agency) for role in ("desk", "leader") for agency in ("civil-affairs", "health")),
    Seat("counter", a_principal("desk", agency="civil-affairs", unit=STREET), (HERE,), ("civil-affairs",)),
    _system("civil-affairs"),
    Seat("coordinator", a_principal("coordinator"), None, None),
    # Whoever runs or audits the platform has no case of anybody.
    *(Seat(role, a_principal(role)) for role in ("operator", "auditor", "person")),
)


def value(world: World, seat: Seat, name: str, path: str, spot: Spot) -> str:
    """Give what stands for a place of a path, of the object at a spot; raises ``LookupError`` where it has none."""
    found = _VALUES[name](world, seat, path, spot)
    if found is None:
        raise LookupError(name, spot)
    return str(found)


def nobodys(name: str) -> str:
    """Give what stands for a place of a path where there is no such object."""
    return _NOT_OBJECTS.get(name) or ids.new()


def is_object(name: str) -> bool:
    """Tell whether a place of a path names an object that is somebody's."""
    return name not in _NOT_OBJECTS


def _request(world: World, _seat: Seat, _path: str, spot: Spot) -> str:
    return str(world.filed[spot.place]["id"])


def _leg(world: World, _seat: Seat, _path: str, spot: Spot) -> str:
    return world.leg_at(spot.place, spot.agency)


def _paper(world: World, _seat: Seat, path: str, spot: Spot) -> str | None:
    where = world.drafts[spot.place] if "{draft}" in path else world.filed[spot.place]["id"]
    return world.thing(of_intake.papers, spot.place, request_id=where)


def _task(world: World, seat: Seat, _path: str, spot: Spot) -> str | None:
    # Of those who have a list of tasks the street has none here.
    role = seat.role if seat.owns(spot) and seat.role in POLICY["tasks.read"] else "hut"
    return world.thing(of_intake.tasks, spot.place, role=role)


def _programme(world: World, seat: Seat, _path: str, spot: Spot) -> str | None:
    its = [one for one in world.installation.district.programmes.values() if one.agency == spot.agency]
    counted = [one.id for one in its if one.capacity is not None]
    # Of one's own only one whose places are counted can be set.
    return next(iter(counted), None if seat.owns(spot) else its[0].id)


def _message(world: World, seat: Seat, _path: str, spot: Spot) -> str | None:
    mine = inboxes.of_person(seat.who.posts, seat.who.staff)
    # Not everybody has been told something.
    reads = seat.role in POLICY["messages.read"]
    return world.message(mine, within=reads and seat.owns(spot))


def _person(world: World, _seat: Seat, _path: str, spot: Spot) -> str:
    asked = sa.select(of_intake.requests.c.person_id).where(
        of_intake.requests.c.id == world.filed[spot.place]["id"]
    )
    with world.installation.databases["intake"].read() as connection:
        return str(connection.execute(asked).scalar_one())


# Nobody has objected or is acted for, and what is to be erased is decided for the whole district.
_NOBODYS = "019aae10-4c01-7c42-8a10-6d5b3e9f7cff"
_NOT_OBJECTS = {
    "which": "1",
    "action": "cancel",
    "verb": "suspend",
    "objection": _NOBODYS,
    "delegation": _NOBODYS,
    "erasure": _NOBODYS,
}


def _objection(_world: World, seat: Seat, _path: str, spot: Spot) -> str | None:
    return None if seat.owns(spot) else _NOBODYS


def _always(fixed: str) -> Callable[[World, Seat, str, Spot], str | None]:
    return lambda *_: fixed


_VALUES: Mapping[str, Callable[[World, Seat, str, Spot], str | None]] = {
    "request": _request,
    "request_id": _request,
    "referral_id": _leg,
    "leg": _leg,
    "consent": lambda world, _seat, _path, spot: world.thing(
        of_intake.consents, spot.place, request_id=world.filed[spot.place]["id"], agency=spot.agency
    ),
    "person": _person,
    "draft": lambda world, _seat, _path, spot: world.drafts[spot.place],
    "paper": _paper,
    "task": _task,
    "slip": lambda world, _seat, _path, spot: world.slip(world.leg_at(spot.place, spot.agency)),
    "message": _message,
    "programme": _programme,
    **{name: _always(fixed) for name, fixed in _NOT_OBJECTS.items()},
    # Of one's own there is none to reach.
    "objection": _objection,
    "delegation": _objection,
}
"""By the name of a place in a path, the object of a spot. What is not here fails the matrix until it is described."""
