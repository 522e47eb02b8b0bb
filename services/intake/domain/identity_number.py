"""Checks of a citizen's identity number (GB 11643): form, check digit, a birth date that has been.

The region part is never a reason to refuse: regions are abolished and renamed, and their numbers live on.
"""

from __future__ import annotations

import re
from datetime import date

from shared.text import Text

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECK_DIGITS = "10X98765432"
FORM = re.compile(r"[0-9]{17}[0-9X]")

WRONG_FORM = Text(
    "身份证号须为18位：前17位是数字，末位是数字或X。请对照证件重新填写。",
    "An ID number has 18 characters: 17 digits, then a digit or X. Copy it again from the card.",
)
NO_SUCH_DATE = Text(
    "身份证号第7至14位不是有效的出生日期。请对照证件重新填写。",
    "Characters 7 to 14 of the ID number are not a date of birth. Copy it again from the card.",
)
FUTURE_DATE = Text(
    "身份证号中的出生日期在今天之后。请对照证件重新填写。",
    "The date of birth inside the ID number is in the future. Copy it again from the card.",
)
WRONG_CHECK_DIGIT = Text(
    "身份证号校验位不符，很可能有一位填错。请对照证件重新填写。",
    "The last character of the ID number does not fit the others: one is mistyped. Copy it again from the card.",
)


def tidy(id_number: str) -> str:
    """Drop spaces and write the check character ``x`` as ``X``."""
    return id_number.replace(" ", "").upper()


def check_digit(first_seventeen: str) -> str:
    """Compute the 18th character from the first 17 digits (ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(first_seventeen, WEIGHTS, strict=True))
    return CHECK_DIGITS[total % 11]


def birth_date(id_number: str) -> date | None:
    """Read the date of birth out of a number of right form; None when the digits are no date."""
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None


def objection(id_number: str, today: date) -> Text | None:
    """Say what is wrong with a tidied number, or None when it may be used."""
    if not FORM.fullmatch(id_number):
        return WRONG_FORM
    born = birth_date(id_number)
    if born is None:
        return NO_SUCH_DATE
    if check_digit(id_number[:17]) != id_number[17]:
        return WRONG_CHECK_DIGIT
    return FUTURE_DATE if born > today else None
