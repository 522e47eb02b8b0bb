"""Which agencies hold something about a person, and what is known of it: sent, deleted here, asked, answered."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from services.intake.domain.rights import ANSWERS
from services.intake.persistence import queries
from services.intake.use_cases.context import Context
from shared.text import Text

OWN_KEY = Text(
    "该单位以自有系统和密钥保存已收到的资料，本平台无法查看，也无法代为删除；已要求其删除，结果以其答复为准。",
    "This agency keeps what it was sent in a system and under a key of its own. We can neither see nor delete it "
    "there: it was asked to, and what became of it is what it answers.",
)
ON_PLATFORM = Text(
    "资料保存在本平台，由本平台删除；单位自行打印或另存的内容不在本平台内，已告知单位一并删除。",
    "What it was sent lies on this platform, and is deleted here. What the agency has printed or copied is not in our "
    "hands; it was told to delete that, too.",
)
NEVER = Text(
    "尚未送达该单位，该单位没有收到任何资料。", "It never reached this agency, which was sent nothing."
)
_ERASED, _ANSWERED = "erased", "erasure-answered"


def holders_of(
    context: Context, connection: Connection, request: str, *, erasing: bool = False
) -> list[dict[str, Any]]:
    """Give each leg's agency: ``{leg, number, agency, name, contact, keys, state, statement, answer, answered_at}``.

    ``state`` is ``none`` (nothing was sent), ``holds``, ``asked``, ``deleted`` (on this platform) or ``answered``;
    ``erasing`` says that those who hold something are, or are about to be, asked to delete it.
    """
    district = context.directory.current()
    timeline = queries.timeline_of(connection, request)
    shown = []
    for leg in queries.legs_of(connection, [request])[request]:
        lines = [line for line in timeline if line["leg_id"] == leg["id"]]
        agency = district.agencies.get(leg["agency"])
        own = agency is not None and agency.keys == "own"
        sent = any(line["fact"] == "issued" for line in lines)
        erased = next((line for line in lines if line["fact"] == _ERASED), None)
        answered = next((line for line in reversed(lines) if line["fact"] == _ANSWERED), None)
        state = "holds" if sent else "none"
        if erased is not None and sent:
            own = erased["detail"].get("keys") == "own"
            state = "asked" if own else "deleted"
        statement: Text | None = (OWN_KEY if own else ON_PLATFORM) if erasing or erased else None
        if not sent:
            statement = NEVER
        shown.append(
            {
                "leg": leg["id"],
                "number": leg["number"],
                "agency": leg["agency"],
                "name": agency.name.both() if agency else None,
                "contact": agency.contact.both() if agency else None,
                "keys": "own" if own else "platform",
                "state": "answered" if answered else state,
                "statement": statement.both() if statement else None,
                "answer": answered["detail"]["answer"] if answered else None,
                "answer_text": ANSWERS[answered["detail"]["answer"]].both() if answered else None,
                "answered_at": answered["at"] if answered else None,
            }
        )
    return shown
