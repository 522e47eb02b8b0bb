"""What a web process sees of cases on PostgreSQL, whatever it asks for: the second line behind the grants' filters."""

from __future__ import annotations

from collections.abc import Iterable

from services.intake.domain.tasks import GRID, HUT, LEAD, SPECIALIST
from services.intake.persistence.tables import metadata
from shared.db.policies import Limited, among, anybody, everything
from shared.identity import Post

_UNIT, _STREET = among("unit", "units"), among("street", "streets")
# Whoever sees the request: the policy of that table applies to the sub-select. It asks for one by its key, where EXISTS
# might be turned into a list of all that there are. Where there is no limit nothing is asked: what is filed in one
# statement is not looked for while it is being written.
_OF = f"{everything()} OR (SELECT true FROM {{table}} WHERE {{found}} LIMIT 1)"  # noqa: S608 - SQL of our own
_OF_REQUEST = _OF.format(table="requests", found="requests.id = request_id")
_OF_DRAFT = _OF.format(table="drafts", found="drafts.id = request_id")
_PLACE = f"CASE role WHEN '{SPECIALIST}' THEN street ELSE unit END"
_OWN = among(f"role || ':' || {_PLACE}", "lists")
_DESKS, _LEADS = among(f"'{HUT}@' || street", "lists"), among(f"'{LEAD}@' || unit", "lists")
_REPORTED = f"kind = '{LEAD}' AND done_at IS NOT NULL AND {_LEADS}"
_LISTED = f"{everything()} OR {_OWN} OR (role = '{HUT}' AND {_DESKS}) OR ({_REPORTED})"

_OWN_LIMITS = (
    Limited("requests", f"{everything()} OR {_UNIT} OR {_STREET}"),
    Limited("people", _OF.format(table="requests", found="requests.person_id = people.id")),
    Limited("papers", f"({_OF_REQUEST}) OR ({_OF_DRAFT})"),
    # The street reads no draft.
    Limited("drafts", f"{everything()} OR {_UNIT}"),
    # Whoever has something to do with a case puts tasks into others' lists, and reads none of theirs.
    Limited("tasks", _LISTED, adds=anybody()),
)
_NAMED = frozenset(limited.table for limited in _OWN_LIMITS)

POLICIES = (
    *_OWN_LIMITS,
    # Whatever else hangs on a request.
    *(
        Limited(name, _OF_REQUEST)
        for name, table in sorted(metadata.tables.items())
        if "request_id" in table.c and name not in _NAMED
    ),
)


def lists_of(posts: Iterable[Post]) -> frozenset[str]:
    """Name the lists of tasks of which posts see something, as the policy of ``tasks`` spells them.

    A grid worker sees what became of leads; the street sees its desks', since what a desk at which nobody is left
    has to do stands in the street's list.
    """
    beside = {GRID: LEAD, SPECIALIST: HUT}
    own = {f"{post.role}:{post.unit}" for post in posts}
    return frozenset(own | {f"{beside[post.role]}@{post.unit}" for post in posts if post.role in beside})
