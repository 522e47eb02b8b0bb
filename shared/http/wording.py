"""What the library for schemas says about a wrong field, in both languages and with the remedy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Self

from marshmallow import fields

from shared.http.problems import FieldError
from shared.text import Text

WHOLE_BODY = "body"
"""The ``field`` of an error that is about the whole body."""


class Said(str):
    """A bilingual text in the place where marshmallow wants a ``str``; its own value is the English form."""

    __slots__ = ("text",)
    text: Text

    def __new__(cls, text: Text) -> Self:
        """Wrap a text."""
        self = super().__new__(cls, text.en)
        self.text = text
        return self

    def __deepcopy__(self, _: object) -> Said:
        return self

    def __reduce__(self) -> tuple[type[Said], tuple[Text]]:
        return Said, (self.text,)

    def format(self, *_: object, **values: object) -> Said:
        """Fill the named places of both forms."""
        return Said(self.text.format(**values))


def said(zh: str, en: str) -> Said:
    """Make a bilingual message in the place where marshmallow wants a ``str``."""
    return Said(Text(zh, en))


REQUIRED = said("必填项，请填写。", "This is required; please give it.")
NULL = said(
    "不能为空值；没有内容时请省略此项。", "Must not be null; leave it out when there is nothing to say."
)
WRONG = said("填写的值不正确，请检查。", "This value is not right; please check it.")
TEXT = said("应为文字。", "Must be a text.")
NUMBER = said("应为数字。", "Must be a number.")
WHOLE = said("应为整数。", "Must be a whole number.")
TRUTH = said("应为 true 或 false。", "Must be true or false.")
DATE = said("应为日期，例如 2026-11-23。", "Must be a date such as 2026-11-23.")
MOMENT = said(
    "应为带时区的时间，例如 2026-11-23T09:00:00+08:00。",
    "Must be a time with zone, such as 2026-11-23T09:00:00+08:00.",
)
LIST = said("应为列表。", "Must be a list.")
OBJECT = said("应为对象（名称与值）。", "Must be an object of names and values.")
UUID = said("应为 36 位编号（UUID）。", "Must be an id of 36 characters (UUID).")
UNKNOWN = said("没有这个字段；请删除或检查拼写。", "There is no such field; remove it or check its spelling.")
CHOICES = said("只能是以下之一：{choices}。", "Must be one of: {choices}.")

_OF_ANY = {"required": REQUIRED, "null": NULL, "validator_failed": WRONG}
_OF_TYPE: tuple[tuple[type[fields.Field[Any]], Mapping[str, Said]], ...] = (
    (fields.String, {"invalid": TEXT, "invalid_utf8": TEXT, "invalid_uuid": UUID}),
    (fields.Integer, {"invalid": WHOLE, "too_large": WHOLE}),
    (fields.Number, {"invalid": NUMBER, "too_large": NUMBER, "special": NUMBER}),
    (fields.Boolean, {"invalid": TRUTH}),
    (fields.Date, {"invalid": DATE, "format": DATE}),
    (fields.DateTime, {"invalid": MOMENT, "invalid_awareness": MOMENT, "format": MOMENT}),
    (fields.List, {"invalid": LIST}),
    (fields.Mapping, {"invalid": OBJECT}),
    (fields.Nested, {"type": OBJECT}),
    (fields.Enum, {"unknown": CHOICES}),
)


def speak(field: fields.Field[Any]) -> None:
    """Give a field, and what it is made of, bilingual messages wherever it still has the library's English ones."""
    theirs: dict[str, str] = {}
    for base in reversed(type(field).__mro__):
        theirs.update(getattr(base, "default_error_messages", {}))
    ours = next((words for kind, words in _OF_TYPE if isinstance(field, kind)), {})
    field.error_messages = {
        key: (ours.get(key) or _OF_ANY.get(key) or message)
        if message == theirs.get(key) and not isinstance(message, Said)
        else message
        for key, message in field.error_messages.items()
    }
    for part in ("inner", "key_field", "value_field"):
        inner = getattr(field, part, None)
        if isinstance(inner, fields.Field):
            speak(inner)


def field_errors(messages: object, path: str = "") -> Iterator[FieldError]:
    """Flatten marshmallow's nested messages to errors with dotted paths such as ``legs.0.programme``."""
    if isinstance(messages, Mapping):
        for key, inner in messages.items():
            step = "" if key == "_schema" else str(key)
            yield from field_errors(inner, ".".join(filter(None, (path, step))))
    elif isinstance(messages, list):
        for inner in messages:
            yield from field_errors(inner, path)
    else:
        yield FieldError(path or WHOLE_BODY, _text(messages))


def _text(message: object) -> Text:
    if isinstance(message, Said):
        return message.text
    if isinstance(message, Text):
        return message
    return Text(str(message), str(message))
