"""The figures in JSON: ``GET /statistics``."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from services.referrals.schemas.figures import Statistics, StatisticsQuery
from services.referrals.use_cases.context import Context
from services.referrals.use_cases.figure_rows import Row
from services.referrals.use_cases.figure_views import FiguresView, Group, ProgrammeRow, WantedFigures
from services.referrals.use_cases.statistics import read_statistics
from shared.http.blueprint import Blueprint
from shared.http.exports import watermark
from shared.http.policy import current_principal, permit
from shared.text import Text


def blueprint(context: Context) -> Blueprint:
    """Make this part of the API."""
    api = Blueprint("statistics", __name__, description="The figures, each reader's within their own scope")

    # The mark is the wider one on purpose: who may not see figures is told 404 by the use case.
    @api.get("/statistics")
    @api.arguments(StatisticsQuery, location="query")
    @api.response(200, Statistics)
    @permit("referrals.read")
    def statistics(query: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give what was received, decided and granted, how fast and how well, by programme."""
        principal, asked = current_principal(), WantedFigures(**query)
        mark: Mapping[str, Any] | None = None
        if asked.purpose != "own":
            district, why = context.directory.current(), asked.reason or asked.purpose
            mark = watermark(district, principal.staff, context.clock.now(), why)
        return _answer(read_statistics(context, principal, asked)) | {"watermark": mark}

    return api


def _answer(view: FiguresView) -> dict[str, Any]:
    return {
        "scope": view.scope,
        "purpose": view.purpose,
        "suppression": "exempt" if view.exempt else "applied",
        "complete": view.complete,
        "programmes": [_programme(row) for row in view.programmes],
        "total": _sum(view.total),
        "shown": None if view.shown is None else _sum(view.shown),
        "by": view.by,
        "groups": [_group(group) for group in view.groups],
        "agencies": [
            {
                "agency": agency,
                "agency_name": view.agency_names.get(agency, Text(agency, agency)).both(),
                "steps": [
                    {
                        "step": each.step,
                        "name": each.name.both(),
                        "referrals": each.referrals,
                        "median": each.median,
                        "p90": each.p90,
                    }
                    for each in steps
                ],
            }
            for agency, steps in groupby(view.days, key=lambda each: each.agency)
        ],
        "notes": [{"id": name, "text": text.both()} for name, text in view.notes.items()],
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "key": group.key,
        "name": group.name.both(),
        "programmes": [_programme(row) for row in group.programmes],
        "total": _sum(group.total),
        "shown": None if group.shown is None else _sum(group.shown),
    }


def _programme(row: ProgrammeRow) -> dict[str, Any]:
    return {
        "programme": row.programme,
        "programme_name": row.name.both(),
        **_figures(row.figures, people="people"),
    }


def _sum(row: Row) -> dict[str, Any]:
    return _figures(row, people="people_by_programme")


def _figures(row: Row, *, people: str) -> dict[str, Any]:
    """Write a row; ``people`` is what its people are called: who is in two programmes is two in a sum of them."""
    grades = None if row.grades is None else {str(grade): number for grade, number in row.grades.items()}
    return {
        "received": row.received,
        people: row.people,
        "decided": row.decided,
        "granted": {people: row.granted_people, "referrals": row.granted, "amount": row.amount},
        "on_time": {"late": row.late, "share": row.in_time},
        "returned": row.returned,
        "ended_otherwise": row.ended_otherwise,
        "satisfaction": {"ratings": row.ratings, "average": row.average, "grades": grades},
    }
