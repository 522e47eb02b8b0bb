"""The figures as people read them: programmes, groups side by side, days, and what must be known about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.referrals.domain.figures import Count, Figure
from services.referrals.persistence.figure_reads import By, Sums, Wanted
from services.referrals.use_cases.figure_rows import Row, Taken, by_programme, row
from services.referrals.use_cases.views import programme_name, unit_name
from shared.directory import CLINICAL_OUTWARD, District
from shared.text import Text

Purpose = Literal["own", "export", "wall"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedFigures:
    """What is asked for: a programme, agency, unit or street, months (``YYYY-MM``, both counted), side by side by what.

    ``purpose``: for one's own work, or for an export or the wall, where what is under five people is withheld;
    ``reason`` is why somebody takes them away.
    """

    programme: str | None = None
    agency: str | None = None
    unit: str | None = None
    first: str | None = None
    last: str | None = None
    by: By | None = None
    purpose: Purpose = "own"
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ProgrammeRow:
    """One programme's figures."""

    programme: str
    name: Text
    figures: Row


@dataclass(frozen=True, slots=True)
class Group:
    """One month, street or agency beside the others."""

    key: str
    name: Text
    programmes: Sequence[ProgrammeRow]
    total: Row
    shown: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FiguresView:
    """The figures within a scope (district, agency, street or unit).

    ``exempt`` says that nothing is withheld, ``complete`` that all there is has been counted. ``total`` is that of all
    there is, withheld as a whole where anything is; then ``shown`` is the sum of what is shown. Both count everybody
    once per programme. ``days`` are working days, by agency and step.
    """

    scope: str
    purpose: Purpose
    exempt: bool
    complete: bool
    programmes: Sequence[ProgrammeRow]
    total: Row
    shown: Row | None
    by: By | None
    groups: Sequence[Group]
    days: Sequence[Taken]
    agency_names: Mapping[str, Text]
    notes: Mapping[str, Text]


def figures_view(
    district: District,
    scope: str,
    wanted: Wanted,
    asked: WantedFigures,
    found: Sums,
    groups: Sums,
    days: Sequence[Taken],
    *,
    complete: bool,
) -> FiguresView:
    """Put the figures together, of sums for all and sums by group."""
    exempt = asked.purpose == "own"
    total, shown = _sums([(figure, count) for (_, figure), count in found.items()], withheld=not exempt)
    every = (*district.former.agencies.values(), *district.agencies.values())
    names = {agency.id: agency.name for agency in every}
    notes = {"people": _PEOPLE, "people_by_programme": _BY_PROGRAMME}
    notes |= {"exempt": _EXEMPT} if exempt else {"suppressed": _SUPPRESSED, "shown": _SHOWN}
    return FiguresView(
        scope=scope,
        purpose=asked.purpose,
        exempt=exempt,
        complete=complete,
        programmes=_rows(district, by_programme(found), _programmes(district, wanted), withheld=not exempt),
        total=total,
        shown=shown,
        by=asked.by,
        groups=[
            _group(district, asked, key, groups, withheld=not exempt)
            for key in sorted({key for key, _ in groups})
        ],
        days=days,
        agency_names=names,
        notes=notes if complete else {**notes, "incomplete": _INCOMPLETE},
    )


def _group(district: District, asked: WantedFigures, key: str, groups: Sums, *, withheld: bool) -> Group:
    of_group = by_programme(groups, key)
    agency = district.agency_ever(key)
    name = unit_name(district, key)
    total, shown = _sums([pair for pairs in of_group.values() for pair in pairs], withheld=withheld)
    return Group(
        key=key,
        name=agency.name if asked.by == "agency" and agency else Text(name, name),
        programmes=_rows(district, of_group, (), withheld=withheld),
        total=total,
        shown=shown,
    )


def _sums(counts: Sequence[tuple[Figure, Count]], *, withheld: bool) -> tuple[Row, Row | None]:
    """Give the total, and beside a total that is withheld the sum of what is shown.

    The true total would tell what is missing. Nor may it be told with those together who are too few in each
    programme: five of them may be one and the same person, for nobody can be told apart across programmes.
    """
    if not withheld:
        return row(counts, withheld=False), None
    return row((), withheld=True), row(counts, withheld=True)


def _rows(
    district: District,
    found: Mapping[str, Sequence[tuple[Figure, Count]]],
    always: Sequence[str],
    *,
    withheld: bool,
) -> list[ProgrammeRow]:
    # All the district has, whether there was anybody or not: what is withheld does not show by being listed.
    listed = list(dict.fromkeys([*always, *sorted(found)]))
    return [
        ProgrammeRow(
            programme,
            programme_name(district, programme),
            row(found.get(programme, ()), withheld=withheld),
        )
        for programme in listed
    ]


def _programmes(district: District, wanted: Wanted) -> list[str]:
    if wanted.programme is not None:
        return [wanted.programme]
    own = [
        programme.outward_id
        for programme in district.programmes.values()
        if wanted.agencies is None or programme.agency in wanted.agencies
    ]
    return [*own, *([CLINICAL_OUTWARD] if wanted.agencies is None else [])]


_PEOPLE = Text(
    "同一人在同一单位的同一事项下只计一人，首次发生时计入，不论何时何地再次申请；没有身份证号码的按申请计，同一申请计一人。",
    "Everybody is counted once per programme of an agency, where it first happened, wherever and whenever they ask "
    "again. Who gave no ID number is counted by request: one request is one person.",
)
_BY_PROGRAMME = Text(
    "合计中的“事项人数”（people_by_programme）是各事项人数之和：同一人涉及几个事项就计几次，不等于人数；"
    "各单位、各事项之间不能辨认同一人。",
    "people_by_programme in a total is the sum of the programmes' people: who is in two programmes is in it twice, so "
    "it is no number of people. Nobody can be recognised across programmes or agencies.",
)
_SHOWN = Text(
    "合计（total）不对外提供，与各项相减会推出不显示的数；shown 只是本表所示各数之和，不是实际总数。"
    "批准与未批准有一项不显示的，办结数也不显示。",
    "The total is withheld, for less what is shown it would tell what is not. “shown” is merely the sum of the numbers "
    "shown here, and not the total. Decisions are withheld, too, where those granted or those not granted are.",
)
_EXEMPT = Text(
    "本表供本职工作使用，不作小数抑制，5人以下的数据照实显示；对外提供或上墙请使用 for=export 或 for=wall。",
    "This is for one's own work and exempt from suppression: counts under five are shown as they are. For others and "
    "for the wall use for=export or for=wall.",
)
_SUPPRESSED = Text(
    "不足5人的数据不显示，可由相减推出的数据一并不显示（空值）；只含已结束的月份，每次至少新增5人才更新，"
    "不足5人的月份并入下一个月份。",
    "What is under five people is not shown, nor what would tell it by subtraction (null). Only months that have ended "
    "are in it; a number moves on by five people or more, and a smaller month is counted with the next.",
)
_INCOMPLETE = Text(
    "升级前已有的转介正在补计，数据尚不完整。",
    "Referrals from before the upgrade are still being counted; the figures are not complete yet.",
)
