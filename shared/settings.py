"""Settings from the environment: what is not set or is no number is said by name, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from shared.text import Text


class MissingSettings(Exception):
    """Settings that the environment lacks: ``names`` lists them all, ``text`` says so to people."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"not set: {', '.join(names)}")
        self.names = list(names)
        self.text = Text(
            f"环境变量未设置：{'、'.join(names)}。", f"Not set in the environment: {', '.join(names)}."
        )


def require(environ: Mapping[str, str], *names: str) -> None:
    """Insist that all of these are set and not empty; raises ``MissingSettings`` naming those that are not."""
    missing = [name for name in names if not environ.get(name)]
    if missing:
        raise MissingSettings(missing)


class NotANumber(Exception):
    """A setting that must be a whole number and is none; ``text`` says so to people."""

    def __init__(self, name: str, value: str) -> None:
        super().__init__(f"{name} is {value!r}")
        self.text = Text(
            f"{name} 应为不小于 0 的整数，现为“{value}”。",
            f"{name} must be a whole number, 0 or more, and is “{value}”.",
        )


def number(environ: Mapping[str, str], name: str, otherwise: int) -> int:
    """Read a whole number of 0 or more, ``otherwise`` if it is not set; raises ``NotANumber``."""
    value = environ.get(name) or str(otherwise)
    if not (value.isascii() and value.isdigit()):
        raise NotANumber(name, value)
    return int(value)


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """What one process of a service needs to know. ``environ`` is kept for the master key's own names.

    ``blobs_url`` is where papers are kept: the same place for every process and machine of an installation.
    """

    district: str
    home: Path
    database_url: str = field(repr=False)
    public_url: str
    trusted_proxies: int
    pool_size: int
    blobs_url: str = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def read(cls, service: str, environ: Mapping[str, str]) -> Self:
        """Read the settings of ``service``, whose database is named by CAREHUT_<SERVICE>_DATABASE_URL.

        Raises:
            MissingSettings: naming all that are not set.
            NotANumber: naming one that should be.
        """
        database = f"CAREHUT_{service.upper()}_DATABASE_URL"
        require(environ, "CAREHUT_DISTRICT", "CAREHUT_HOME", database, "CAREHUT_PUBLIC_URL")
        return cls(
            district=environ["CAREHUT_DISTRICT"],
            home=Path(environ["CAREHUT_HOME"]),
            database_url=environ[database],
            public_url=environ["CAREHUT_PUBLIC_URL"],
            trusted_proxies=number(environ, "CAREHUT_TRUSTED_PROXIES", 0),
            pool_size=number(environ, "CAREHUT_POOL_SIZE", 10),
            blobs_url=environ.get("CAREHUT_BLOBS_URL")
            or (Path(environ["CAREHUT_HOME"]).absolute() / "blobs").as_uri(),
            environ=environ,
        )
