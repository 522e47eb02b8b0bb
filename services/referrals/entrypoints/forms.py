"""What the referral's page asks for each action: one table of fields, from which every form is drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from services.referrals.domain import reasons
from services.referrals.domain.doing import filled
from services.referrals.domain.handing_over import NEXT
from services.referrals.domain.outcomes import OUTCOMES, words_asked
from services.referrals.domain.supervision import LEVELS
from services.referrals.use_cases.assign import serves
from services.referrals.use_cases.views import ReferralView, paper_names, step_names
from services.referrals.use_cases.words import NEEDED, WORDS, holds_own_key
from shared.details import DETAIL_TEXTS
from shared.directory import District
from shared.directory.rules import detail_choices
from shared.text import Text, listed

Choices = Sequence[tuple[str, Text | str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: its name in the action's body, its label, how it is asked for, and what there is to choose from."""

    name: str
    label: Text
    kind: str = "text"
    required: bool = True
    options: Callable[[ReferralView, District], Choices] | None = None
    longest: int | None = None


@dataclass(frozen=True, slots=True)
class DrawnField:
    """A field with its choices for one referral."""

    name: str
    label: Text
    kind: str
    required: bool
    options: Choices
    longest: int | None


def drawn(action: str, view: ReferralView, district: District) -> tuple[DrawnField, ...]:
    """Give the fields of an action's form for one referral; none means that a button is enough.

    Where the agency's own system holds the key, what goes with an action in words is written there, and not asked for.
    """
    elsewhere = WORDS[action] if action in NEEDED and holds_own_key(view.referral, district) else ()
    return tuple(
        DrawnField(
            each.name,
            each.label,
            each.kind,
            each.required,
            each.options(view, district) if each.options else (),
            each.longest,
        )
        for each in FORMS.get(action, ())
        if each.name not in elsewhere
    )


_WHEN = Text(
    "结果为“{outcomes}”时填写，密封转给登记处", "When closed as: {outcomes}; goes sealed to the help desk"
)


def details_of(view: ReferralView, district: District) -> list[tuple[str, Text, Text, Choices]]:
    """Give the details in words that closing may ask for: name, label, with which outcomes, and what is offered."""
    choices = detail_choices(district, view.referral.programme)
    asking: dict[str, list[Text]] = {}
    for code in view.outcomes:
        for name in words_asked(view.referral.rules, code):
            asking.setdefault(name, []).append(OUTCOMES[code].text)
    return [
        (
            name,
            DETAIL_TEXTS.get(name, Text(name, name)),
            filled(_WHEN, outcomes=listed(texts)),
            tuple((label.zh, label) for label in choices.get(name, {}).values()),
        )
        for name, texts in asking.items()
    ]


def _of(known: Mapping[str, Text]) -> Callable[[ReferralView, District], Choices]:
    return lambda _view, _district: tuple(known.items())


def _papers(view: ReferralView, district: District) -> Choices:
    names = paper_names(view, district)
    return tuple((paper, names.get(paper, paper)) for paper in view.referral.rules["papers"])


def _other_agencies(view: ReferralView, district: District) -> Choices:
    return tuple(
        (agency.id, agency.name) for agency in district.agencies.values() if agency.id != view.referral.agency
    )


def _colleagues(view: ReferralView, district: District) -> Choices:
    return tuple((member.id, member.name) for member in district.staff if serves(member, view.referral))


def _steps(view: ReferralView, district: District) -> Choices:
    names = step_names(view, district)
    return tuple((step, names.get(step, step)) for step in view.steps)


_REASON = Text("原因", "Reason")
_NOTE = Field(
    name="note",
    label=Text("附言（密封转给登记处）", "Note, sealed to the help desk"),
    kind="area",
    required=False,
    longest=2000,
)
_OFFICER = Field(name="assignee", label=Text("经办人", "Officer"), kind="select", options=_colleagues)
_AGENCY = Field(
    name="to_agency", label=Text("接收单位", "Receiving agency"), kind="select", options=_other_agencies
)
_NEXT_TEXTS = dict(
    zip(
        NEXT,
        (Text("不再转介", "Nothing more"), Text("转由其他单位办理", "A referral to another agency")),
        strict=True,
    )
)
_LEVEL_TEXTS = dict(
    zip(LEVELS, (Text("蓝色", "Blue"), Text("黄色", "Yellow"), Text("红色", "Red")), strict=True)
)


def _reason(known: Mapping[str, Text]) -> Field:
    return Field(name="reason", label=_REASON, kind="select", options=_of(known))


FORMS: Mapping[str, tuple[Field, ...]] = MappingProxyType(
    {
        "request-documents": (
            Field(
                name="papers",
                label=Text("所缺材料", "Papers that are missing"),
                kind="checks",
                options=_papers,
            ),
            replace(_NOTE, required=True),
        ),
        "step": (
            Field(name="step", label=Text("完成的步骤", "Step reached"), kind="select", options=_steps),
        ),
        "suspend": (
            _reason(reasons.SUSPEND_REASONS),
            Field(name="review_on", label=Text("复查日期", "Day of review"), kind="date"),
            _NOTE,
        ),
        "extend": (
            _reason(reasons.EXTEND_REASONS),
            Field(name="due_on", label=Text("延长至", "Until"), kind="date", required=False),
            _NOTE,
        ),
        "propose-return": (_reason(reasons.RETURN_REASONS), _NOTE),
        "confirm-return": (
            Field(
                name="next", label=Text("下一步", "What comes next"), kind="select", options=_of(_NEXT_TEXTS)
            ),
            Field(
                name="reason",
                label=Text("原因（不再转介时填写）", "Reason, where nothing more follows"),
                kind="select",
                required=False,
                options=_of(reasons.RETURN_REASONS),
            ),
            Field(
                name="to_agency",
                label=Text(
                    "接收单位（转由其他单位办理时填写）", "Receiving agency, for a referral to another"
                ),
                kind="select",
                required=False,
                options=_other_agencies,
            ),
        ),
        "refuse-return": (_reason(reasons.KEEP_REASONS),),
        "propose-transfer": (_AGENCY, _reason(reasons.TRANSFER_REASONS), _NOTE),
        "reopen": (_reason(reasons.REOPEN_REASONS),),
        "assign": (_OFFICER,),
        "reassign": (_OFFICER,),
        "delegate": (_OFFICER, Field(name="until", label=Text("至", "Until"), kind="date")),
        "supervise": (
            Field(name="level", label=Text("等级", "Level"), kind="select", options=_of(_LEVEL_TEXTS)),
        ),
        "explain-delay": (_reason(reasons.OVERDUE_REASONS),),
        "note": (Field(name="text", label=Text("内容", "Words"), kind="area", longest=2000),),
        "message": (Field(name="text", label=Text("内容", "Words"), kind="area", longest=2000),),
        "appointment": (
            Field(name="on", label=Text("日期", "Day"), kind="date"),
            Field(name="at", label=Text("时间", "Time"), longest=40),
            Field(name="place", label=Text("地点", "Place"), longest=200),
            Field(
                name="bring",
                label=Text("需带材料", "What to bring"),
                kind="area",
                required=False,
                longest=2000,
            ),
        ),
        "acknowledge-withdrawal": (
            Field(
                name="ground",
                label=Text("继续保存的依据", "Ground for what is kept"),
                kind="select",
                options=_of(reasons.KEEPING_GROUNDS),
            ),
            _NOTE,
        ),
        "decline": (
            Field(
                name="reason",
                label=_REASON,
                kind="select",
                required=False,
                options=_of(reasons.DECLINE_REASONS),
            ),
        ),
    }
)
"""By action, its fields; closing has a form of its own, and every action that is not here is a plain button."""

OWN_FORM = frozenset({"close", "start", "step"})
"""Actions that the page draws itself: what is done every day stands first."""
NOT_ON_PAGES = frozenset({"record-on-behalf"})
"""Actions that need an upload first, and come with the help desk's own page."""
