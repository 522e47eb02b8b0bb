"""A trouble as operators are told of it: what is wrong, since when, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from shared.telemetry.sayings import SAYINGS, Saying
from shared.text import Text

_UNKNOWN = Saying(
    Text("某一部分报告了问题：{code}。", "A part reports {code}."),
    Text("请查看该进程的日志。", "See the log of that process."),
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong: ``code`` for machines, ``what`` and ``remedy`` for people.

    ``about`` tells two of the same code apart: a queue, a host, a part, a lane; never a person. ``since`` is aware.
    """

    code: str
    what: Text
    remedy: Text
    since: datetime | None = None
    about: str = ""

    @classmethod
    def of(cls, code: str, *, since: datetime | None = None, about: str = "", **values: object) -> Trouble:
        """Make one in the words of ``SAYINGS``, whose named places ``values`` (and ``about``) fill."""
        saying = SAYINGS.get(code, _UNKNOWN)
        values = {"code": code, "about": about, **values}
        return cls(code, saying.what.format(**values), saying.remedy.format(**values), since, about)

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same trouble, however often it is found."""
        return self.code, self.about

    def as_json(self) -> dict[str, Any]:
        """Give it as ``/ready``, ``doctor --json`` and the heartbeats' table hold it."""
        return {
            "code": self.code,
            "about": self.about,
            "since": self.since,
            "what": self.what.en,
            "remedy": self.remedy.en,
            "messages": {
                language: {"what": self.what.of(language), "remedy": self.remedy.of(language)}
                for language in ("zh", "en")
            },
        }

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> Trouble:
        """Undo ``as_json``, also where its moment has become text. Raises ``KeyError`` and ``ValueError``."""
        since, zh, en = given["since"], given["messages"]["zh"], given["messages"]["en"]
        return cls(
            given["code"],
            Text(zh["what"], en["what"]),
            Text(zh["remedy"], en["remedy"]),
            datetime.fromisoformat(since) if isinstance(since, str) else since,
            given["about"],
        )


def merged(troubles: Iterable[Trouble]) -> list[Trouble]:
    """Leave each trouble once, in the words of whoever told it first, since the earliest moment anybody knows."""
    found: dict[tuple[str, str], Trouble] = {}
    for trouble in troubles:
        known = found.setdefault(trouble.key, trouble)
        if trouble.since is not None and (known.since is None or trouble.since < known.since):
            found[trouble.key] = replace(known, since=trouble.since)
    return list(found.values())
