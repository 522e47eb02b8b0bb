"""Settings from the environment: what is not set or is no number is said by name, in both languages."""

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
