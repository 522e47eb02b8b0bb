"""Settings of intake, read from the environment once; everything that is missing is reported at once."""

from __future__ import annotations

from collections.abc import Mapping

from shared.settings import ServiceSettings


class Config(ServiceSettings):
    """What one process of intake needs to know."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Config:
        """Read the settings; raises ``MissingSettings`` or ``NotANumber``, naming what is wrong."""
        return cls.read("intake", environ)
