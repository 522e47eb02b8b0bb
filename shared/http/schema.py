"""The base of every schema, its bilingual validators and the few field types all services share."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import marshmallow
from marshmallow import ValidationError, fields, validate

from shared.events import timestamp
from shared.http import wording
from shared.http.wording import Said, said
from shared.text import Text, is_blank

__all__ = [
    "Choice",
    "Id",
    "InWords",
    "Invalid",
    "Length",
    "Matches",
    "MessageSchema",
    "Moment",
    "Range",
    "Schema",
    "said",
]

_BLANK = said("不能只填空格。", "Must not be blank: say something, or leave it out.")
LONGEST_TEXT = 2000
"""Characters a text field takes where its schema names no shorter limit."""


class Invalid(ValidationError):
    """A wrong value, in both languages; ``field`` where the schema as a whole raises it for one field."""

    def __init__(self, message: Text, field: str = marshmallow.exceptions.SCHEMA) -> None:
        super().__init__(Said(message), field)


class Length(validate.Length):
    """How long a text or list may be (characters, entries)."""

    message_min = said("至少需要 {min} 个字符或条目。", "Needs at least {min} characters or entries.")
    message_max = said("最多 {max} 个字符或条目。", "May have at most {max} characters or entries.")
    message_all = said("需要 {min} 至 {max} 个字符或条目。", "Needs {min} to {max} characters or entries.")
    message_equal = said("应为 {equal} 个字符或条目。", "Needs exactly {equal} characters or entries.")

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
        """Object to what is too long or too short; a text that must say something must not be blank."""
        if self.min and isinstance(value, str) and value and is_blank(value):
            raise ValidationError(_BLANK)
        return super().__call__(value)


class InWords(Length):
    """How long words may be that can be left out; words that are given say something."""

    def __call__(self, value: Any) -> Any:  # noqa: ANN401 - as the base
        """Object to blanks: whoever reads them would look for what was meant."""
        if isinstance(value, str) and value and is_blank(value):
            raise ValidationError(_BLANK)
        return super().__call__(value)


class Range(validate.Range):
    """Which numbers or dates are in range, bounds included."""

    message_min = said("不能小于 {{min}}。", "Must not be less than {{min}}.")
    message_max = said("不能大于 {{max}}。", "Must not be more than {{max}}.")
    message_all = said("应在 {{min}} 与 {{max}} 之间。", "Must be between {{min}} and {{max}}.")


class Choice(validate.OneOf):
    """One of a few values; the message lists them."""

    default_message = wording.CHOICES

    def __init__(self, choices: Iterable[Any]) -> None:
        super().__init__(list(choices))


class Matches(validate.Regexp):
    """A text of a certain form; ``message`` describes the form with an example."""

    def __init__(self, pattern: str, message: Text) -> None:
        super().__init__(re.compile(rf"(?:{pattern})\Z"), error=Said(message))


class Id(fields.String):
    """An id: a UUID, as text in its canonical form."""

    default_error_messages = {"invalid": wording.UUID}  # noqa: RUF012 - as the base declares it
    _form = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # noqa: ANN401 - as the base
        text = super()._deserialize(value, attr, data, **kwargs).lower()
        if self._form.fullmatch(text) is None:
            raise self.make_error("invalid")
        return text


class Moment(fields.AwareDateTime):
    """A moment with its zone; answered as in an event, in UTC with ``Z`` and always milliseconds.

    One width throughout, so that the order of the texts is the order of the moments.
    """

    def _serialize(self, value: Any, *_: Any, **__: Any) -> str | None:  # noqa: ANN401 - as the base
        return None if value is None else timestamp(value)


def _storable(value: Any) -> Any:  # noqa: ANN401 - a validator gets any value
    # PostgreSQL refuses NUL in a text; the other control characters have no place in anything a person reads.
    if isinstance(value, str) and _CONTROL.search(value):
        raise ValidationError(_CONTROL_TEXT)
    return value


_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_CONTROL_TEXT = said("含有不可见的控制字符，请删除。", "Contains an invisible control character; remove it.")
_LONGEST = Length(max=LONGEST_TEXT)


class _Bilingual(marshmallow.Schema):
    error_messages = {"unknown": wording.UNKNOWN, "type": wording.OBJECT}  # noqa: RUF012 - as the base declares it

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:  # noqa: ARG002 - as the base
        """Make a field speak both languages and bound its texts."""
        wording.speak(field_obj)
        for field in (field_obj, getattr(field_obj, "inner", None)):
            if isinstance(field, fields.String):
                field.validators.append(_storable)
                if not any(isinstance(validator, validate.Length) for validator in field.validators):
                    field.validators.append(_LONGEST)


class Schema(_Bilingual):
    """What people and systems send us over HTTP: a field it does not list is an error.

    Make an instance once, at module level; ``Blueprint.arguments`` does so itself.
    """

    class Meta:
        """Refuse what is not listed."""

        unknown = marshmallow.RAISE


class MessageSchema(_Bilingual):
    """What this service reads of an event: fields it does not list are somebody else's and are left out."""

    class Meta:
        """Leave out what is not listed, so that a producer may add fields."""

        unknown = marshmallow.EXCLUDE
