"""What differs between two versions of a pack, told by file and key as the district wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Key = tuple[str, ...]
Kind = Literal["added", "removed", "changed", "reordered"]

CONSENT = {"zh": "texts/consent.zh.md", "en": "texts/consent.en.md"}
SECRET = "demo_password"  # noqa: S105 - the name of the key whose value is never told
DISTRICT = "district.yaml"

_FILES: Mapping[str, tuple[str, Key]] = {
    "agencies": ("agencies.yaml", ("agencies",)),
    "categories": ("programmes.yaml", ("categories",)),
    "laws": ("programmes.yaml", ("laws",)),
    "programmes": ("programmes.yaml", ("programmes",)),
    "data_kinds": ("fields.yaml", ("data_kinds",)),
    "person_fields": ("fields.yaml", ("person",)),
    "derived_fields": ("fields.yaml", ("derived",)),
    "answer_fields": ("fields.yaml", ("answers",)),
    "screening": ("fields.yaml", ("screening",)),
    "units": ("units.csv", ()),
    "staff": ("posts.yaml", ("staff",)),
    "calendar": ("calendar.csv", ()),
    "texts": ("texts/notices.yaml", ("texts",)),
}
"""Where the district wrote what the content holds under a name; all other names are keys of ``district.yaml``."""

_NAMES = (("id",), ("code",), ("layer", "date"), ("street",), ("law",), ("at",))
"""What tells the maps of one list apart, tried in this order."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: ``key`` leads to it inside ``file``; a secret's values are left out."""

    file: str
    key: Key
    kind: Kind
    old: Any = None
    new: Any = None

    @property
    def place(self) -> str:
        """The key as one word: ``programmes.dibao.clocks.decide.total``."""
        return ".".join(self.key)


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Difference]:
    """Compare the content of two packs (as ``District.content`` holds it); lists of things go by their ids."""
    found: list[Difference] = []
    for name in dict.fromkeys((*old, *new)):
        file, key = _FILES.get(name, (DISTRICT, (name,)))
        found.extend(_between(file, key, _kept(old, name), _kept(new, name)))
    return found


class _Missing:
    """What stands where one of two versions has nothing."""


_MISSING = _Missing()


def _kept(content: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - any JSON
    return content.get(name, _MISSING)


def _between(file: str, key: Key, old: Any, new: Any) -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    if key == ("texts", "consent"):
        for locale, own in CONSENT.items():
            yield from _between(own, (), _part(old, locale), _part(new, locale))
        return
    before, after = _named(old), _named(new)
    if before is not None and after is not None:
        for name in dict.fromkeys((*before, *after)):
            yield from _between(file, (*key, name), before.get(name, _MISSING), after.get(name, _MISSING))
        common = [name for name in before if name in after]
        if isinstance(old, list) and common != [name for name in after if name in before]:
            yield Difference(file, key, "reordered")
    elif old != new:
        secret = bool(key) and key[-1] == SECRET
        yield Difference(
            file, key, _kind(old, new), *(None if secret else _shown(side) for side in (old, new))
        )


def _kind(old: Any, new: Any) -> Kind:  # noqa: ANN401 - any JSON
    if old is _MISSING:
        return "added"
    return "removed" if new is _MISSING else "changed"


def _part(value: Any, name: str) -> Any:  # noqa: ANN401 - any JSON
    return value.get(name, _MISSING) if isinstance(value, Mapping) else _MISSING


def _shown(value: Any) -> Any:  # noqa: ANN401 - any JSON
    if value is _MISSING:
        return None
    if isinstance(value, Mapping):
        return {name: item for name, item in value.items() if name != SECRET}
    return value


def _named(value: Any) -> Mapping[str, Any] | None:  # noqa: ANN401 - any JSON
    """Give a map as it is and a list of things by their names; ``None`` for whatever is compared as one value."""
    if isinstance(value, Mapping):
        return value
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return None
    for names in _NAMES:
        if all(name in item for item in value for name in names):
            named = {" ".join(str(item[name]) for name in names): item for item in value}
            return named if len(named) == len(value) else None
    return None
