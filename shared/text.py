"""Words for people, always in both languages."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_NOT_SEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})
"""General categories of what leaves no mark: controls, invisible formatting such as U+200B, and spaces."""


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in Chinese and in English.

    ``str(text)`` is the English form, for logs and exceptions.
    """

    zh: str
    en: str

    def __str__(self) -> str:
        return self.en

    def format(self, **values: object) -> Text:
        """Fill the named places of both forms, as ``str.format`` does; with a ``Text`` each by its own form."""
        zh = {name: value.zh if isinstance(value, Text) else value for name, value in values.items()}
        en = {name: value.en if isinstance(value, Text) else value for name, value in values.items()}
        return Text(self.zh.format(**zh), self.en.format(**en))

    def of(self, locale: str) -> str:
        """Give the form for a locale such as ``zh_Hans_CN`` or ``en-GB``; Chinese unless English is asked."""
        return self.en if locale.lower().startswith("en") else self.zh

    def both(self) -> dict[str, str]:
        """Give ``{"zh": …, "en": …}``, the shape problem details carry."""
        return {"zh": self.zh, "en": self.en}


def listed(texts: Iterable[Text]) -> Text:
    """Put texts into one line, as each language lists things."""
    all_ = list(texts)
    return Text("、".join(text.zh for text in all_), ", ".join(text.en for text in all_))


def is_blank(text: str) -> bool:
    """Tell whether a text shows nothing to whoever reads it; the empty one does not, either."""
    return all(unicodedata.category(character) in _NOT_SEEN for character in text)
