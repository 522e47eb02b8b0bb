"""Settings from the environment: everything that is not set is named at once, in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
