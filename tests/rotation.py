"""A field key replaced while people are read and changed: how many rows moved over, and whether a read ever failed."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import sqlalchemy as sa

from deploy.key_life import SETTLED, By, listed, rotate
from deploy.key_moves import Ground, move_over
from services.intake.persistence.tables import people
from shared import ids
from shared.sealing import Key, Keyring, Use
from tests.builders import Installation

FIELD = (Use.FIELD, "intake")
BY = By("operator")
NAMED = ("name", "name_pinyin", "id_number", "phone", "birth_date", "household_registration")


@dataclass
class Load:
    """What readers and writers did meanwhile. A read has failed that raised, or that gave what was not written."""

    reads: int = 0
    writes: int = 0
    failed: list[str] = field(default_factory=list)


def fill(installation: Installation, rows: int) -> list[str]:
    """Write so many people, six columns of ciphertext each; gives their ids."""
    encrypt = installation.keyring("intake").fields.encrypt
    made = [ids.new() for _ in range(rows)]
    for start in range(0, rows, 5000):
        with installation.databases["intake"].unit_of_work() as uow:
            uow.connection.execute(
                people.insert(),
                [
                    {"id": one} | {name: encrypt("people", name, one, f"{name} {one}") for name in NAMED}
                    for one in made[start : start + 5000]
                ],
            )
    return made


def replaced(installation: Installation) -> None:
    """Put a new field key in the place of intake's, and let the time go by after which everybody writes with it."""
    clock = installation.clock
    clock.move_to(clock.now() + timedelta(minutes=1))
    rotate(installation.databases, installation.master, installation.district, FIELD, clock.now(), BY)
    clock.move_to(clock.now() + SETTLED + timedelta(seconds=1))


def the_old(installation: Installation, place: tuple[Use, str] = FIELD) -> Key:
    """Give the oldest key of a use and owner."""
    found = listed(installation.databases, installation.master, installation.clock.now())
    return next(one.key for one in found if (one.key.use, one.key.owner) == place)


def ground(installation: Installation) -> Ground:
    """Say what is moved over, and by what."""
    return Ground(
        installation.databases,
        installation.master,
        installation.district,
        installation.clock,
        installation.blobs,
    )


def moves(installation: Installation) -> Iterator[int]:
    """Move intake's rows over to its new key; gives how many each batch has moved."""
    for _, step in move_over(ground(installation), FIELD, BY):
        assert not step.unreadable, step.unreadable
        yield step.rows


@contextmanager
def busy(installation: Installation, known: list[str], *, readers: int = 2) -> Iterator[Load]:
    """Read and change people at random until the block ends, each with the keys a process of its own would have."""
    stop, load = threading.Event(), Load()
    threads = [threading.Thread(target=_read, args=(installation, known, load, stop)) for _ in range(readers)]
    threads.append(threading.Thread(target=_write, args=(installation, known, load, stop)))
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _keyring(installation: Installation) -> Keyring:
    keyring = Keyring(installation.databases["intake"], installation.master, now=installation.clock.now)
    keyring.load()
    return keyring


def _read(installation: Installation, known: list[str], load: Load, stop: threading.Event) -> None:
    keyring = _keyring(installation)
    chosen = random.Random(len(known))
    while not stop.is_set():
        one = chosen.choice(known)
        try:
            with installation.databases["intake"].read() as connection:
                row = connection.execute(sa.select(people).where(people.c.id == one)).mappings().one()
            right = all(
                keyring.fields.decrypt("people", name, one, row[name]) == f"{name} {one}" for name in NAMED
            )
            if not right:
                load.failed.append(f"{one} read otherwise than it was written")
        except Exception as error:  # noqa: BLE001 - whatever it is, a read has failed
            load.failed.append(f"{type(error).__name__}: {error}")
        load.reads += 1
        time.sleep(0.001)


def _write(installation: Installation, known: list[str], load: Load, stop: threading.Event) -> None:
    keyring = _keyring(installation)
    chosen = random.Random(1)
    while not stop.is_set():
        one = chosen.choice(known)
        try:
            with installation.databases["intake"].unit_of_work() as uow:
                fresh = keyring.fields.encrypt("people", "phone", one, f"phone {one}")
                uow.connection.execute(people.update().where(people.c.id == one).values(phone=fresh))
        except Exception as error:  # noqa: BLE001 - as above
            load.failed.append(f"{type(error).__name__}: {error}")
        load.writes += 1
        time.sleep(0.002)
