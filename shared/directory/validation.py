"""Checks of what people say of themselves: ID number, telephone, residence, household registration.

Each ``…_problem`` gives a sentence with its remedy, or ``None``; a ``…_warning`` never stands in the way.
"""

from __future__ import annotations

import re
from datetime import date

import phonenumbers
from stdnum.iso7064 import mod_11_2

from shared.directory.model import District
from shared.text import Text

_ID_FORM = re.compile(r"[0-9]{17}[0-9X]")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_COUNTRY = "CN"

WRONG_FORM = Text(
    "身份证号须为18位：前17位是数字，末位是数字或X。请对照证件重新填写。",
    "An ID number has 18 characters: 17 digits, then a digit or X. Copy it again from the card.",
)
NO_SUCH_DATE = Text(
    "身份证号第7至14位不是有效的出生日期。请对照证件重新填写。",
    "Characters 7 to 14 of the ID number are not a date of birth. Copy it again from the card.",
)
WRONG_CHECK_CHARACTER = Text(
    "身份证号校验位不符，很可能有一位填错。请对照证件重新填写。",
    "The last character of the ID number does not fit the others: one is mistyped. Copy it again from the card.",
)
FUTURE_DATE = Text(
    "身份证号中的出生日期在今天之后。请对照证件重新填写。",
    "The date of birth inside the ID number is in the future. Copy it again from the card.",
)
WRONG_PHONE = Text(
    "这不是有效的电话号码。手机请填11位，固定电话请带区号，例如 0871-65100000。",
    "This is not a valid telephone number. Give all 11 digits of a mobile, or a landline with its area code, "
    "such as 0871-65100000.",
)
OUTSIDE = Text(
    "居住地 {code} 不在本区。请选择本区的社区；居住在外区的，请到居住地登记。",
    "The residence {code} is not in this district. Choose one of its communities; who lives elsewhere files there.",
)
NOT_A_COMMUNITY = Text(
    "居住地 {code} 不是社区。请选到社区或村一级；名录中没有社区的街道，选街道。",
    "The residence {code} is not a community. Choose down to the community or village; of a street that lists none, "
    "the street.",
)
REGISTERED_ELSEWHERE = Text(
    "户籍不在本区：部分事项由户籍地决定，请准备移交说明。",
    "Registered outside this district: some help is decided there; prepare a hand-over note.",
)


def tidy_id_number(value: str) -> str:
    """Drop spaces and write the last character in capitals."""
    return "".join(value.split()).upper()


def birth_date_in(id_number: str) -> date | None:
    """Read the date of birth out of an ID number; ``None`` if there is none in it."""
    try:
        return date(int(id_number[6:10]), int(id_number[10:12]), int(id_number[12:14]))
    except ValueError:
        return None


def id_number_problem(value: str, today: date) -> Text | None:
    """Check a tidied ID number (GB 11643: form, date, ISO 7064 MOD 11-2), born no later than ``today``.

    The region is never a reason to refuse: codes are abolished, and the numbers given under them live on.
    """
    if _ID_FORM.fullmatch(value) is None:
        return WRONG_FORM
    born = birth_date_in(value)
    if born is None:
        return NO_SUCH_DATE
    if not mod_11_2.is_valid(value):
        return WRONG_CHECK_CHARACTER
    return FUTURE_DATE if born > today else None


def phone_problem(value: str) -> Text | None:
    """Check a Chinese mobile or landline number (or a foreign one with ``+`` and its country)."""
    if _MOBILE.fullmatch(value):  # nearly all of them; the library takes fifty times as long
        return None
    try:
        number = phonenumbers.parse(value, _COUNTRY)
    except phonenumbers.NumberParseException:
        return WRONG_PHONE
    return None if phonenumbers.is_valid_number(number) else WRONG_PHONE


def residence_problem(code: str, district: District) -> Text | None:
    """Check that a residence is a community of this district, or a street of which its grid lists none."""
    if code not in district.units:
        return OUTSIDE.format(code=code)
    return None if code in district.homes else NOT_A_COMMUNITY.format(code=code)


def registration_warning(code: str, district: District) -> Text | None:
    """Tell when somebody is registered elsewhere."""
    return None if code.startswith(district.code) else REGISTERED_ELSEWHERE
