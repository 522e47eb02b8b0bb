"""What a new version of a pack would disclose that the one in force does not: that needs a second person's approval."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.directory.differences import CONSENT, DISTRICT, Difference, Key, differences
from shared.directory.model import District
from shared.text import Text

DATA_PROTECTION = "data-protection"
"""The duty of those who may approve what widens disclosure; it goes with the role auditor."""

AGENCIES, PROGRAMMES, FIELDS = "agencies.yaml", "programmes.yaml", "fields.yaml"
POSTS, NOTICES = "posts.yaml", "texts/notices.yaml"


@dataclass(frozen=True, slots=True)
class Widening:
    """One thing that would be disclosed further: where it stands in the pack, and what it means."""

    file: str
    key: str
    what: Text

    def told(self, locale: str) -> str:
        """Give it as one line: where, and what it means."""
        return (
            f"{self.file}: {self.key}: {self.what.of(locale)}"
            if self.key
            else f"{self.file}: {self.what.of(locale)}"
        )


Judge = Callable[[Difference], Text | None]


def _appears(zh: str, en: str) -> Judge:
    return lambda found: Text(zh, en) if found.old is None and found.new is not None else None


def _changes(zh: str, en: str) -> Judge:
    return lambda found: Text(zh, en) if found.kind != "removed" else None


def _recast(zh: str, en: str) -> Judge:
    # Missing in a version stored by an earlier release: nothing was said, so nothing is said anew.
    return lambda found: Text(zh, en) if found.kind == "changed" else None


def _becomes(value: object, zh: str, en: str) -> Judge:
    # Missing in a version stored by an earlier release means the default, which is never the wider one.
    return lambda found: Text(zh, en) if found.new is value else None


def _gains(zh: str, en: str) -> Judge:
    def judge(found: Difference) -> Text | None:
        more = [str(item) for item in found.new or () if item not in (found.old or ())]
        return Text(zh, en).format(more=", ".join(more)) if more else None

    return judge


def _grows(zh: str, en: str) -> Judge:
    return lambda found: _numbers(found, zh, en) if _numeric(found) and found.new > found.old else None


def _shrinks(zh: str, en: str) -> Judge:
    return lambda found: _numbers(found, zh, en) if _numeric(found) and found.new < found.old else None


def _numeric(found: Difference) -> bool:
    return isinstance(found.old, int | float) and isinstance(found.new, int | float)


def _numbers(found: Difference, zh: str, en: str) -> Text:
    return Text(zh, en).format(old=found.old, new=found.new)


def _level(found: Difference) -> Text | None:
    if found.new is None or (found.old, found.new) == ("category", "none"):
        return None
    words = Text("披露级别由 {old} 变为 {new}", "the disclosure level goes from {old} to {new}")
    return words.format(old=found.old, new=found.new)


def _no_more_by_hand(found: Difference) -> Text | None:
    return (
        Text("这种材料改为经平台传送", "this paper would now pass through the platform")
        if found.old is True
        else None
    )


def _protects(found: Difference) -> Text | None:
    # A new member of staff comes whole, one who is known already comes as the posts that differ.
    before, after = (_duties(value) for value in (found.old, found.new))
    if DATA_PROTECTION in after and DATA_PROTECTION not in before:
        return Text("此人将可批准扩大披露", "this person could approve what widens disclosure")
    return None


def _duties(value: Any) -> set[Any]:  # noqa: ANN401 - posts, or a member of staff who has some
    posts = value.get("posts", ()) if isinstance(value, Mapping) else value
    return {post.get("duty") for post in posts or () if isinstance(post, Mapping)}


_SIGNED = _changes("同意书上的文字有变", "the words of the consent that people sign change")
_KIND = _recast("归入另一类信息，由另一份同意涵盖", "of another data kind, covered by another consent")

RULES: tuple[tuple[str, Key, Judge], ...] = (
    (AGENCIES, ("agencies", "*"), _appears("新的接收单位", "a new receiver")),
    (AGENCIES, ("agencies", "*", "keys"), _changes("密钥由他人保管", "other hands hold the key")),
    (AGENCIES, ("agencies", "*", "public_jwk", "**"), _changes("换了密钥", "sealed to another key")),
    (
        AGENCIES,
        ("agencies", "*", "system"),
        _becomes(True, "由该单位自有系统接收", "read by a system of its own"),  # noqa: FBT003 - the value compared with
    ),
    (AGENCIES, ("agencies", "*", "name", "**"), _SIGNED),
    (
        PROGRAMMES,
        ("programmes", "*"),
        _appears("新的项目，向其机构提供资料", "a new programme, which passes data to its agency"),
    ),
    (PROGRAMMES, ("programmes", "*", "agency"), _changes("改由另一机构接收", "received by another agency")),
    (PROGRAMMES, ("programmes", "*", "disclosure"), _level),
    (
        PROGRAMMES,
        ("programmes", "*", "offered"),
        _becomes(True, "开始提供该项目", "the programme would be offered"),  # noqa: FBT003 - the value compared with
    ),
    (
        PROGRAMMES,
        ("programmes", "*", "fields"),
        _gains("多提供字段：{more}", "passes on more fields: {more}"),
    ),
    (
        PROGRAMMES,
        ("programmes", "*", "person_fields"),
        _gains("多提供本人信息：{more}", "passes on more of the person's record: {more}"),
    ),
    (
        PROGRAMMES,
        ("programmes", "*", "papers", "*"),
        _appears("多提供一种材料", "passes on one more kind of paper"),
    ),
    (PROGRAMMES, ("programmes", "*", "papers", "*", "kind"), _KIND),
    (PROGRAMMES, ("programmes", "*", "papers", "*", "by_hand"), _no_more_by_hand),
    (PROGRAMMES, ("programmes", "*", "publicity"), _appears("开始公示", "decisions would be published")),
    (
        PROGRAMMES,
        ("programmes", "*", "publicity", "fields"),
        _gains("多公示内容：{more}", "publishes more: {more}"),
    ),
    (PROGRAMMES, ("programmes", "*", "name", "**"), _SIGNED),
    (PROGRAMMES, ("programmes", "*", "consent_note", "**"), _SIGNED),
    (FIELDS, ("data_kinds", "*", "label", "**"), _SIGNED),
    *((FIELDS, (section, "*", "kind"), _KIND) for section in ("person", "derived", "answers")),
    (DISTRICT, ("demo",), _changes("演示与正式之间切换", "from a demo to real use, or back")),
    (
        DISTRICT,
        ("health_service", "agency"),
        _changes("健康类项目改由另一机构接收", "another agency receives clinical referrals"),
    ),
    (
        DISTRICT,
        ("options", "consent", "months"),
        _grows("同意有效期由 {old} 个月延长到 {new} 个月", "consents last {new} months instead of {old}"),
    ),
    (
        DISTRICT,
        ("options", "consent", "reask_cooldown_days"),
        _shrinks("被拒后 {new} 天（原 {old} 天）可再次征求", "asked again {new} days after a no, not {old}"),
    ),
    *(
        (
            DISTRICT,
            ("options", "consent", name),
            _shrinks("未成年人保护年龄由 {old} 降到 {new}", "minors protected below {new} instead of {old}"),
        )
        for name in ("guardian_under", "cosign_under")
    ),
    *(
        (
            DISTRICT,
            ("options", "retention", name),
            _grows("保存期由 {old} 延长到 {new}", "kept for {new} instead of {old}"),
        )
        for name in ("closed_case_years", "draft_days")
    ),
    *((file, (), _SIGNED) for file in CONSENT.values()),
    (NOTICES, ("texts", "consent.*", "**"), _SIGNED),
    (POSTS, ("staff", "*"), _protects),
    (POSTS, ("staff", "*", "posts"), _protects),
)
"""What widens disclosure, by file and key (``*``: one step, ``**``: any more): a rule gives its words, or nothing."""


def widened(old: District, new: District) -> list[Widening]:
    """Give all that ``new`` would disclose further than ``old``; both are whole packs, as intake holds them.

    Narrowing, clocks, the calendar, the grid, addresses and everyday posts widen nothing: they are logged and take
    effect at once. Words that people sign count, because a consent covers what it said.
    """
    return list(widenings(differences(old.content, new.content)))


def approvers(district: District) -> list[str]:
    """Name the members of staff who may approve what widens disclosure.

    Under a version stored before there was this duty, every auditor may.
    """
    bound = [member.id for member in district.staff if any(post.duty for post in member.posts)]
    auditors = [
        member.id for member in district.staff if any(post.role == "auditor" for post in member.posts)
    ]
    return bound or auditors


def widenings(found: Iterable[Difference]) -> Iterator[Widening]:
    """Pick out of all that differs what widens."""
    for each in found:
        for file, pattern, judge in RULES:
            if file == each.file and matches(pattern, each.key):
                what = judge(each)
                if what is not None:
                    yield Widening(each.file, each.place, what)


def matches(pattern: Key, key: Key) -> bool:
    """Tell whether a key fits a pattern of ``RULES``."""
    if pattern[-1:] == ("**",):
        pattern = pattern[:-1]
        key = key[: len(pattern)]
    return len(pattern) == len(key) and all(map(_fits, pattern, key))


def _fits(wanted: str, step: str) -> bool:
    if wanted.endswith("*"):
        return step.startswith(wanted[:-1])
    return wanted == step
