"""Open referrals of what a pack has no more: they go on under the rules they began with, and somebody should know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa

from services.intake.persistence.tables import legs
from shared.db import Database
from shared.directory import Agency, District, Programme
from shared.text import Text

_PROGRAMME = Text(
    "programmes.{id}（{name}）已从区县包中删去，还有 {count} 件在办转介：按原规则办结，不再新办。",
    "programmes.{id} ({name}) is gone from the pack with {count} open referrals: they go on as they began, and none is "
    "made anew.",
)
_AGENCY = Text(
    "agencies.{id}（{name}）已从区县包中删去，还有 {count} 件在办转介：其人员不再有岗位，将无人办理。"
    "请先保留该单位及其岗位，待办结后再删去；其事项可设 offered: false，不再新办。",
    "agencies.{id} ({name}) is gone from the pack with {count} open referrals, on which nobody can work: its staff "
    "hold no post any more. Keep it with its posts until they have ended; offered: false has its programmes take no "
    "new ones.",
)


def _missing(old: Mapping[str, Agency | Programme], new: Mapping[str, object]) -> dict[str, Text]:
    return {name: each.name for name, each in old.items() if name not in new}


@dataclass(frozen=True, slots=True)
class _Gone:
    words: Text
    column: sa.Column[str]
    names: dict[str, Text]


def left_open(intake: Database, old: District | None, new: District) -> Iterator[Text]:
    """Say of each agency and programme that ``new`` has no more how many open referrals it leaves behind."""
    if old is None:
        return
    for gone in (
        _Gone(_AGENCY, legs.c.agency, _missing(old.agencies, new.agencies)),
        _Gone(_PROGRAMME, legs.c.programme, _missing(old.programmes, new.programmes)),
    ):
        if not gone.names:
            continue
        with intake.read() as connection:
            counted = connection.execute(
                sa.select(gone.column, sa.func.count())
                .where(legs.c.ended_at.is_(None), gone.column.in_(sorted(gone.names)))
                .group_by(gone.column)
                .order_by(gone.column)
            ).all()
        for name, count in counted:
            yield gone.words.format(id=name, name=gone.names[name], count=str(count))
