"""Two programmes that cannot be open beside one another for the same person."""

from __future__ import annotations

from dataclasses import dataclass

from shared.text import Text

_TOGETHER = Text(
    "“{programme}”与“{other}”不能同时申请，请保留其中一项。",
    "{programme} and {other} cannot be asked for together: keep one of them.",
)
_BESIDE = Text(
    "本人在申请 {number} 中已有未办结的“{other}”，不能同时申请“{programme}”。请待其办结，或先撤回。",
    "The person has an open leg for {other} in request {number}, and {programme} cannot be open beside it. Wait until "
    "it has ended, or withdraw it first.",
)


@dataclass(frozen=True, slots=True)
class Named:
    """A programme by id and name."""

    id: str
    name: Text


class Excluded(Exception):
    """What was asked for is excluded by ``other``, open in the request ``number`` or asked for together with it."""

    def __init__(self, programme: Named, other: Named, number: str | None) -> None:
        told = _TOGETHER if number is None else _BESIDE
        self.programme, self.other, self.number = programme.id, other.id, number
        self.explanation = Text(
            told.zh.format(programme=programme.name.zh, other=other.name.zh, number=number),
            told.en.format(programme=programme.name.en, other=other.name.en, number=number),
        )
        super().__init__(str(self.explanation))
