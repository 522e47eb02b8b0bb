"""Settings of intake, read from the environment once; everything that is missing is reported at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.settings import number, require


@dataclass(frozen=True, slots=True)
class Config:
    """What one process of intake needs to know. ``environ`` is kept for the master key's own names."""

    district: str
    home: Path
    database_url: str
    public_url: str
    trusted_proxies: int
    pool_size: int
    environ: Mapping[str, str]

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Config:
        """Read the settings.

        Raises:
            MissingSettings: naming all that are not set.
            NotANumber: naming one that should be.
        """
        require(
            environ,
            "CAREHUT_DISTRICT",
            "CAREHUT_HOME",
            "CAREHUT_INTAKE_DATABASE_URL",
            "CAREHUT_PUBLIC_URL",
        )
        return cls(
            district=environ["CAREHUT_DISTRICT"],
            home=Path(environ["CAREHUT_HOME"]),
            database_url=environ["CAREHUT_INTAKE_DATABASE_URL"],
            public_url=environ["CAREHUT_PUBLIC_URL"],
            trusted_proxies=number(environ, "CAREHUT_TRUSTED_PROXIES", 0),
            pool_size=number(environ, "CAREHUT_POOL_SIZE", 10),
            environ=environ,
        )
