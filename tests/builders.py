"""Made-up but real-looking input for tests: people, requests, and an installation of three databases with keys."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from stdnum.iso7064 import mod_11_2

from deploy.keys import provision
from services.intake.schemas.http import SubmitBody, to_submit
from services.intake.use_cases.context import Context as IntakeContext
from services.intake.use_cases.staff import first_passwords, sync_staff
from shared import ids
from shared.blobs import BlobStore
from shared.clock import FixedClock
from shared.db import Database
from shared.directory import Directory, District, apply, load_pack
from shared.directory.content import district_from, version_of
from shared.identity import Post, Principal
from shared.sealing import Keyring, MasterKey
from tests.databases import Fresh

MONDAY = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
"""Half past nine on a working day in Kunming."""

HUT_UNIT = "530103004007"
OTHER_UNIT = "530103004001"
STREET = "530103004"
REGION = "990000"
"""No place has ever had this code, so no number made with it is anybody's."""

FOUR_PROGRAMMES = ("dibao", "pension", "pub-job", "psy")
"""One each of civil affairs, social security, employment and health."""

SERVICES = ("intake", "referrals", "notifications")
_SURNAMES = "李王张刘陈杨赵黄周吴徐孙马朱胡林郭何高罗"
_GIVEN = ("秀英", "建国", "桂兰", "志明", "玉梅", "文清", "小红", "国强", "丽华", "永昌", "春生", "海燕")
_count = itertools.count()
_kept: dict[tuple[Any, ...], tuple[str, MasterKey]] = {}

submit_body = SubmitBody()


def id_number(born: date = date(1985, 3, 12), sequence: int = 1) -> str:
    """Make an identity number of the unassigned region with the right check digit; ``sequence`` is 0 to 999."""
    first = f"{REGION}{born:%Y%m%d}{sequence:03d}"
    return first + mod_11_2.calc_check_digit(first)


def a_person(**changes: Any) -> dict[str, Any]:
    """Make a person as the API takes them, each another one; a change to None leaves the field out."""
    number = next(_count)
    born = date(1960 + number % 40, 1 + number % 12, 1 + number % 28)
    person = {
        "name": _SURNAMES[number % len(_SURNAMES)] + _GIVEN[number % len(_GIVEN)],
        "id_number": id_number(born, number % 1000),
        "phone": f"1380000{number % 10000:04d}",
        "birth_date": born.isoformat(),
        "residence": HUT_UNIT,
        "household_registration": "530103",
    }
    return _changed(person, changes)


def a_consent(agency: str, programmes: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """Make a consent of a year for identity, contact and household."""
    consent = {
        "agency": agency,
        "programmes": list(programmes),
        "data_kinds": ["identity", "contact", "household"],
        "purpose": "aid",
        "expires_on": "2027-11-22",
        "given_by": "person",
        "witnessed_by": "林秋禾",
    }
    return _changed(consent, changes)


def a_filing(*programmes: str, **changes: Any) -> dict[str, Any]:
    """Make the body of a request for these programmes, or one of each of four agencies, with consents."""
    wanted = programmes or FOUR_PROGRAMMES
    by_agency: dict[str, list[str]] = {}
    for programme in wanted:
        by_agency.setdefault(the_district().programmes[programme].agency, []).append(programme)
    filing = {
        "person": a_person(),
        "legs": [{"programme": programme} for programme in wanted],
        "consents": [a_consent(agency, tuple(its)) for agency, its in by_agency.items()],
        "urgency": "normal",
        "answers": {},
    }
    return _changed(filing, changes)


def a_filing_on_paper(*programmes: str, **changes: Any) -> dict[str, Any]:
    """Make the body of a request whose consents all name the form they were signed on, as a file has to."""
    filing = a_filing(*programmes, **changes)
    for place, consent in enumerate(filing["consents"]):
        consent["form"] = {"number": f"同意-2026-{place + 1:04}", "date": "2026-11-20"}
    return filing


def a_command(*programmes: str, **changes: Any) -> Any:
    """Make the command of ``a_filing``, loaded as the API loads it."""
    return to_submit(submit_body.load(a_filing(*programmes, **changes)))


def a_principal(role: str = "hut", *, unit: str | None = None, agency: str | None = None) -> Principal:
    """Make somebody who holds one post; a hut worker at ``HUT_UNIT``, a specialist at ``STREET``."""
    places = {"hut": HUT_UNIT, "grid": HUT_UNIT, "specialist": STREET}
    post = Post(role, agency=agency, unit=unit or places.get(role))
    return Principal(staff=f"{role}-{agency}" if agency else role, session="session-of-a-test", posts=(post,))


@cache
def the_district(code: str = "530103") -> District:
    """Load a pack that comes with the product, once."""
    return load_pack(code)


@cache
def a_checking_district(code: str = "530103") -> District:
    """Give a pack whose district wants the street to check what is filed."""
    content = {**the_district(code).content, "specialist_check": True}
    return district_from(content, version=version_of(content), service=None)


@cache
def a_district_with_counter(code: str = "530103", agency: str = "civil-affairs") -> District:
    """Give a pack in which somebody staffs an agency's counter at ``STREET``: the officer ``counter-<agency>``."""
    content = the_district(code).content
    officer = {
        "id": f"counter-{agency}",
        "name": "石可为",
        "posts": [{"role": "desk", "agency": agency, "unit": STREET, "duty": None}],
        "demo_password": None,
    }
    changed = {**content, "staff": [*content["staff"], officer]}
    return district_from(changed, version=version_of(changed), service=None)


@dataclass
class Installation:
    """Three databases with keys and the district applied, a blob store, and a clock that stands still until moved."""

    databases: Mapping[str, Database]
    master: MasterKey
    district: District
    clock: FixedClock
    blobs: BlobStore = field(default_factory=lambda: BlobStore("memory", ids.new()))
    keyrings: dict[str, Keyring] = field(default_factory=dict)

    def keyring(self, service: str) -> Keyring:
        """Open a service's keyring, made once."""
        return self.keyrings.setdefault(
            service, Keyring(self.databases[service], self.master, now=self.clock.now)
        )

    def directory(self, service: str) -> Directory:
        """Open a service's directory."""
        return Directory(self.databases[service])

    def source(self, service: str) -> str:
        """Name a service as its events do."""
        return f"/aid/{self.district.code}/{service}"

    def intake(self) -> IntakeContext:
        """Make the context of intake's use cases."""
        return IntakeContext(
            database=self.databases["intake"],
            keyring=self.keyring("intake"),
            directory=self.directory("intake"),
            clock=self.clock,
            source=self.source("intake"),
            blobs=self.blobs,
        )


def an_installation(
    make: Callable[[str], Database],
    *,
    now: datetime = MONDAY,
    district: District | None = None,
    staff: bool = False,
) -> Installation:
    """Put an installation together from fresh databases, which ``make`` gives by service.

    With ``staff`` the made-up accounts are there too. What is made once is kept: later ones of a run begin with it,
    its keys included.
    """
    pack = district or the_district()
    wanted = (pack.version, repr((pack.staff, pack.agencies)), now, staff)
    kept = _kept.get((make.kind, *wanted)) if isinstance(make, Fresh) else None
    if isinstance(make, Fresh) and kept is not None:
        name, master = kept
        return Installation(
            {service: make(service, like=name) for service in SERVICES}, master, pack, FixedClock(now)
        )
    databases = {service: make(service) for service in SERVICES}
    master = MasterKey.generate()
    provision(databases, master, pack, now)
    passwords = first_passwords(databases["intake"], pack) if staff else {}
    for service, database in databases.items():
        with database.unit_of_work() as uow:
            apply(uow, pack.for_service(service), now)
            if staff and service == "intake":
                sync_staff(uow, pack, now, passwords)
    if isinstance(make, Fresh):
        name = f"kept_{len(_kept)}"
        make.keep(databases, name)
        _kept[make.kind, *wanted] = name, master
    return Installation(databases, master, pack, FixedClock(now))


def _changed(base: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**base, **changes}.items() if value is not None}
