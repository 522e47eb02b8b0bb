"""Made-up people for demonstrations and tests, whom nobody can mistake for a real person."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from stdnum.iso7064 import mod_11_2

REGION = "990000"
"""A region no place has ever had: with it, and with a right check character, an ID number cannot be a person's."""

_SERIALS = 1000

_SURNAMES = "周吴郑冯陈褚卫蒋沈韩杨朱秦许何吕施张孔曹严华金魏陶姜谢邹柏窦章云苏潘葛范彭郎鲁韦马苗方俞任袁柳"
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
_FIRST_BIRTH = date(1955, 1, 1)
_LAST_BIRTH = date(2004, 12, 31)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One made-up person."""

    name: str
    id_number: str
    birth_date: date


def demo_id_number(birth: date, serial: int) -> str:
    """Give the ID number of somebody born on ``birth``; ``serial`` (0 to 999) tells those of one day apart.

    Raises ``ValueError`` for another serial.
    """
    if not 0 <= serial < _SERIALS:
        raise ValueError(f"a serial lies between 0 and {_SERIALS - 1}, not {serial}")
    body = f"{REGION}{birth:%Y%m%d}{serial:03d}"
    return body + mod_11_2.calc_check_digit(body)


def demo_people(seed: int) -> Iterator[DemoPerson]:
    """Give made-up grown-ups without end: the same ones for the same seed, never one ID number twice."""
    chance = random.Random(seed)  # noqa: S311 - made-up names must come out the same each time
    taken: dict[date, int] = {}
    days = (_LAST_BIRTH - _FIRST_BIRTH).days
    while True:
        birth = _FIRST_BIRTH + timedelta(chance.randint(0, days))
        serial = taken.get(birth, 0)
        if serial == _SERIALS:
            continue
        taken[birth] = serial + 1
        name = chance.choice(_SURNAMES) + chance.choice(_GIVEN)
        yield DemoPerson(name, demo_id_number(birth, serial), birth)
