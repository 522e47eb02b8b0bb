"""Made-up people: names put together from lists, ID numbers of a region that does not exist."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from services.intake.domain.identity_number import check_digit

REGION = "990000"
"""No place has ever had this code, so no real person has a number with it; the check digit is right all the same."""

_SURNAMES = "周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹柏水窦章云苏潘葛奚范彭郎"
_GIVEN = [
    "建民",
    "秀兰",
    "永福",
    "丽琼",
    "志强",
    "桂英",
    "国庆",
    "小梅",
    "文华",
    "春燕",
    "德明",
    "玉珍",
    "家宝",
    "红霞",
    "立新",
    "美玲",
    "长贵",
    "凤仙",
    "学军",
    "雪梅",
    "正平",
    "素芬",
    "明亮",
    "晓芳",
    "兴旺",
    "慧敏",
    "光荣",
    "金凤",
    "云生",
    "彩霞",
    "大勇",
    "翠萍",
    "来顺",
    "佳慧",
    "万里",
    "月娥",
    "保国",
    "琼仙",
    "江海",
    "庆芬",
]
# Two numbers without a common factor with the lists' lengths, so that names repeat only after both lists are through.
_NEXT_SURNAME, _NEXT_GIVEN = 7, 11
_FIRST_YEAR, _YEARS = 1958, 44


@dataclass(frozen=True, slots=True)
class Made:
    """One made-up person."""

    name: str
    id_number: str
    born: date


def people(district: str) -> Iterator[Made]:
    """Make people without end, the same ones each time for the same district code, no two with one ID number."""
    start = int(district) % 997
    number = 0
    while True:
        step = start + number
        surname = _SURNAMES[step * _NEXT_SURNAME % len(_SURNAMES)]
        given = _GIVEN[(step * _NEXT_GIVEN + step // len(_GIVEN)) % len(_GIVEN)]
        born = _birthday(step)
        first = f"{REGION}{born:%Y%m%d}{number % 1000:03d}"
        yield Made(surname + given, first + check_digit(first), born)
        number += 1


def _birthday(step: int) -> date:
    year, month = _FIRST_YEAR + step * 13 % _YEARS, 1 + step * 5 % 12
    return date(year, month, 1 + step * 17 % calendar.monthrange(year, month)[1])
