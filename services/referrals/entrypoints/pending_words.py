"""What an officer has put to the leader, in words: the codes by their names, then what was written."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from services.referrals.domain import reasons
from services.referrals.domain.outcomes import OUTCOMES
from shared.details import DETAIL_TEXTS
from shared.directory import District
from shared.text import Text, listed
from shared.web.dates import as_date, written_date

_LABELS: Mapping[str, Text] = MappingProxyType(
    {
        **DETAIL_TEXTS,
        "outcome": Text("结果", "Outcome"),
        "overdue_reason": Text("超期原因", "Why it is late"),
        "papers": Text("所缺材料", "Papers that are missing"),
        "due_on": Text("延长至", "Until"),
        "review_on": Text("复查日期", "Day of review"),
        "note": Text("附言", "Note"),
        "evidence": Text("文号与日期", "Number and date of the decision"),
    }
)
_CODES: Mapping[str, Mapping[str, Text]] = MappingProxyType(
    {
        "outcome": {code: outcome.text for code, outcome in OUTCOMES.items()},
        "reason": {**reasons.EXTEND_REASONS, **reasons.REFUSAL_REASONS},
        "overdue_reason": reasons.OVERDUE_REASONS,
    }
)
_DAYS = frozenset({"due_on", "review_on"})


def pending_in_words(
    opened: Mapping[str, Any], papers: Mapping[str, Text], district: District
) -> list[tuple[Text, Text]]:
    """Give label and words of everything that goes with what waits; ``papers`` are the names of its papers."""
    return [
        (_LABELS.get(name, Text(name, name)), _said(name, value, papers, district))
        for name, value in {**opened["fields"], **opened["words"]}.items()
    ]


def _said(name: str, value: Any, names: Mapping[str, Text], district: District) -> Text:  # noqa: ANN401 - as stored
    if name == "papers":
        return listed(names.get(paper, Text(paper, paper)) for paper in value)
    if name in _DAYS:
        day = as_date(str(value), district.timezone)
        return Text(written_date(day, "zh"), written_date(day, "en"))
    return _CODES.get(name, {}).get(str(value), Text(str(value), str(value)))
