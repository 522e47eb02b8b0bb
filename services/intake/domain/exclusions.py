"""Two programmes that cannot be open beside one another for the same person."""

from __future__ import annotations

from dataclasses import dataclass

from shared.text import Text

_TOGETHER = Text(
    "“{programme}”与“{other}”不能同时申请，请保留其中一项。",
    "{programme} and {other} cannot be asked for together: keep one of them.",
)
_BESIDE = Text(
    "该受助人或家庭在申请 {number} 中已有未办结的“{other}”，不能同时申请“{programme}”。请待其办结，或先撤回。",
    "There is an open leg for {other} for the same person or household in request {number}, and {programme} cannot be "
    "open beside it. Wait until it has ended, or withdraw it first.",
)
_NOT_AGAIN = Text(
    "此后已另有未办结的“{other}”{where}，“{programme}”不能与其同时重新办理。请待其办结，或先撤回。",
    "{other} has been opened since{where}, and {programme} cannot be worked on again beside it. Wait until it has "
    "ended, or withdraw it first.",
)
_WHERE = Text("（申请 {number}）", " (request {number})")


@dataclass(frozen=True, slots=True)
class Named:
    """A programme by id and name."""

    id: str
    name: Text


class Excluded(Exception):
    """What was asked for is excluded by ``other``, open in the request ``number`` or asked for together with it.

    ``reopening``: asked for is to open a leg again that has ended.
    """

    def __init__(
        self, programme: Named, other: Named, number: str | None, *, reopening: bool = False
    ) -> None:
        self.programme, self.other, self.number = programme.id, other.id, number
        self.id = "reopening-excluded" if reopening else "excluded"
        told = _NOT_AGAIN if reopening else _TOGETHER if number is None else _BESIDE
        where = Text("", "") if number is None else _WHERE
        self.explanation = told.format(
            programme=programme.name, other=other.name, number=number, where=where.format(number=number)
        )
        super().__init__(str(self.explanation))
