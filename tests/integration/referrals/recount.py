"""All figures counted anew from the referrals as they stand: what the sums must come to, whatever has happened."""

from __future__ import annotations

import sqlalchemy as sa

from services.referrals.domain.figures import COUNTED, DAYS, NOTHING, Count, Figure, contribution
from services.referrals.persistence import referrals
from services.referrals.persistence.figure_reads import Wanted, at_one_moment, changes, sums
from services.referrals.persistence.tables import referrals as table
from services.referrals.use_cases.context import Context, timetable


def recounted(context: Context) -> dict[Figure, Count]:
    """Count every referral by its state alone, without months and places; people are left out."""
    reckoning = timetable(context.directory.current())
    found: dict[Figure, Count] = {}
    with context.database.read() as connection:
        ids = list(connection.execute(sa.select(table.c.id)).scalars())
        for referral in referrals.load(connection, ids).values():
            for figure, count in contribution(referral, reckoning).items():
                bare = figure._replace(street="", unit="", month="")
                found[bare] = found.get(bare, NOTHING) + count
    return found


def people(context: Context) -> dict[tuple[str, str], int]:
    """Count by programme and measure who has any referral that counts there, from the referrals alone."""
    reckoning = timetable(context.directory.current())
    found: dict[tuple[str, str], set[str]] = {}
    with context.database.read() as connection:
        ids = list(connection.execute(sa.select(table.c.id)).scalars())
        for referral in referrals.load(connection, ids).values():
            for figure in contribution(referral, reckoning):
                if figure.measure in COUNTED:
                    found.setdefault((figure.programme, figure.measure), set()).add(referral.person)
    return {key: len(whom) for key, whom in found.items()}


def counted_people(context: Context) -> dict[tuple[str, str], int]:
    """Read the same from the sums and from what is not yet added up."""
    found: dict[tuple[str, str], int] = {}
    with context.database.read() as connection:
        at_one_moment(connection)
        for (_, figure), count in sums(connection, Wanted(), None, changes(connection)).items():
            key = (figure.programme, figure.measure)
            found[key] = found.get(key, 0) + count.people
    return {key: number for key, number in found.items() if number}


def counted(context: Context) -> dict[Figure, Count]:
    """Read the same from the sums and from what is not yet added up."""
    with context.database.read() as connection:
        at_one_moment(connection)
        waiting = changes(connection)
        both = [sums(connection, Wanted(), None, waiting, days=days) for days in (False, True)]
    return {
        figure: count._replace(people=0)
        for each in both
        for (_, figure), count in each.items()
        if figure.measure == DAYS or count.number
    }
