"""What may leave intake: the list of words that may not, and the cut of a pack without clinical programmes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from shared.directory.programmes import CLINICAL_OUTWARD

FORBIDDEN = (
    "爱心小屋",
    "禁毒",
    "戒毒",
    "吸毒",
    "涉毒",
    "贩毒",
    "缉毒",
    "毒品",
    "毒贩",
    "吸食",
    "复吸",
    "戒断",
    "瘾",
    "强戒",
    "强制隔离",
    "社戒",
    "社康",
    "康复",
    "帮戒",
    "帮教",
    "动态管控",
    "美沙酮",
    "丁丙诺啡",
    "阿片",
    "鸦片",
    "海洛因",
    "冰毒",
    "大麻",
    "可卡因",
    "摇头丸",
    "麻古",
    "氯胺酮",
    "k粉",
    "药物维持",
    "维持治疗",
    "尿检",
    "尿样",
    "尿液检",
    "验尿",
    "毛发检",
    "艾滋",
    "爱滋",
    "服刑",
    "刑满",
    "刑释",
    "社区矫正",
    "care hut",
    "carehut",
    "care-hut",
    "rehab",
    "drug",
    "methadone",
    "buprenorphine",
    "opioid",
    "opiate",
    "heroin",
    "methamphetamine",
    "cocaine",
    "cannabis",
    "marijuana",
    "ketamine",
    "addict",
    "narcotic",
    "detox",
    "urine test",
    "urine-test",
    "urine screen",
    "urinalysis",
    "maintenance treatment",
    "compulsory isolation",
    "ex-convict",
    "ex-offender",
    "ex-prisoner",
    "hiv",
    "jiedu",
    "jindu",
    "xidu",
    "qiangjie",
    "niaojian",
    "hailuoyin",
    "meishatong",
    "aixinxiaowu",
)
"""Words that would tell what the person is in: Chinese ones anywhere, Latin ones where a word begins, however written.

专干 is none of them: every street has some, for civil affairs or the disabled; those who would tell name what for.
"""

_ORDINARY: Mapping[str, tuple[str, ...]] = {
    "吸毒": ("呼吸毒",),
    "毒品": ("消毒品", "病毒品"),
    "吸食": ("呼吸食", "吮吸食", "吸食母乳"),
    "复吸": ("反复吸", "重复吸", "恢复吸", "修复吸"),
    "戒断": ("戒断烟", "戒断酒", "戒断网"),
    "瘾": (
        *(f"{of}瘾" for of in "网烟酒过球牌棋书戏茶赌"),
        *(f"{of}{gets}瘾" for of in ("网络", "游戏", "手机", "酒精", "烟草", "赌博") for gets in "成上"),
    ),
    "强戒": ("加强戒", "增强戒", "自强戒"),
    "强制隔离": ("强制隔离医学", "强制隔离观察"),
    "帮教": ("帮教育", "帮教师", "帮教室", "帮教学", "帮教材", "帮教练"),
    "大麻": ("大麻烦", "大麻袋", "大麻将", "大麻花", "大麻雀"),
    "药物维持": ("靠药物维持",),
    "维持治疗": ("透析维持治疗", "化疗维持治疗", "化疗后维持治疗", "放疗维持治疗", "肿瘤维持治疗"),
    "heroin": ("heroine",),
}
"""What holds a word of the list and says nothing of the kind. Another word in the same place still tells."""

_VARIANTS = dict(
    zip(
        "愛復複強離維癮幫戲網煙過書賭癒檢樣驗髮發藥療諾鴉緝販頭動態滿釋區矯斷師練學煩袋將İ",
        "爱复复强离维瘾帮戏网烟过书赌愈检样验发发药疗诺鸦缉贩头动态满释区矫断师练学烦袋将I",
        strict=True,
    )
)
_UNSEEN = frozenset("\u115f\u1160\u3164\uffa0")
"""Fillers that are letters by their category, and show as nothing."""
_UNSEEN_KINDS = frozenset({"Cf", "Mn", "Me"})


class _Folding(dict[int, str]):
    """One way of writing for each character: width, 繁體 and 简体 alike; what shows as nothing is dropped."""

    def __missing__(self, code: int) -> str:
        """Fold a character that is met for the first time."""
        sign = chr(code)
        plain = unicodedata.normalize("NFKC", sign)
        if sign in _UNSEEN or unicodedata.category(sign) in _UNSEEN_KINDS:
            plain = ""
        self[code] = "".join(_VARIANTS.get(part, part) for part in plain)
        return self[code]


_FOLDING = _Folding()
_HAN = "[\u3400-\u9fff]"
# Sentences and the marks of JSON and HTML keep words apart; blanks, dots, dashes and the like do not.
_BETWEEN = re.compile(rf"(?<=[Kk\u3400-\u9fff])(?:[^\w,。;:!?、\"'()<>{{}}\[\]《》「」“”‘’=]|_)+(?={_HAN})")


def _written(word: str) -> str:
    spelt = re.escape(word).replace(r"\ ", r"[\s_-]*").replace(r"\-", r"[\s_-]*")
    around = (text.partition(word) for text in _ORDINARY.get(word, ()))
    return spelt + "".join(rf"(?!(?<={before}{word}){after})" for before, _, after in around)


# Small letters are looked for in small letters: a pattern that minds no case is seven times as slow.
_TELLING = (
    re.compile("|".join(_written(word) for word in FORBIDDEN if not word.isascii())),
    re.compile(rf"(?<![a-z])(?:{'|'.join(_written(word) for word in FORBIDDEN if word.isascii())})"),
)


def forbidden_word(text: str) -> str | None:
    """Give a word of the list that occurs in ``text``, or ``None``.

    Full width, capitals, traditional characters, and blanks or dashes put in between hide nothing; the word is given
    without them.
    """
    plain = text if text.isascii() else _BETWEEN.sub("", text.translate(_FOLDING))
    small = plain.lower()
    found = next((found for pattern in _TELLING if (found := pattern.search(small))), None)
    return plain[found.start() : found.end()] if found else None


def strings_in(value: Any, path: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    """Walk any JSON value and give every string in it, keys included, with its dotted path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield path, key
            yield from strings_in(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from strings_in(item, f"{path}.{index}")


def without_clinical(content: Mapping[str, Any]) -> dict[str, Any]:
    """Cut a whole pack for referrals and notifications.

    Clinical programmes become the one ``health-service``; their fields and laws go, and with them the hut's own
    title, the consent text and the staff's made-up passwords.
    """
    programmes = [item for item in content["programmes"] if item["disclosure"] != "clinical"]
    clinical = [item for item in content["programmes"] if item["disclosure"] == "clinical"]
    fields = {name for item in programmes for name in item["fields"]}
    fields |= {
        check["field"] for item in programmes for rule in item["eligibility"] for check in rule["any_of"]
    }
    laws = {basis["law"] for item in programmes for basis in item["basis"]}
    if clinical:
        programmes = [*programmes, _health_service(content, clinical)]
    return {
        **content,
        "hut_title": content["product_name"],
        "programmes": [
            {
                **item,
                **dict.fromkeys(_HUT_ONLY),
                **{key: _known(item.get(key, []), programmes) for key in _NAMES_OF_OTHERS},
            }
            for item in programmes
        ],
        "answer_fields": [item for item in content["answer_fields"] if item["id"] in fields],
        "screening": [],  # asked at the hut only
        "laws": [item for item in content["laws"] if item["id"] in laws],
        "staff": [{**item, "demo_password": None} for item in content["staff"]],
        "texts": {name: text for name, text in content["texts"].items() if not name.startswith("consent")},
    }


_HUT_ONLY = ("consent_note", "held_when", "eased_by")
_NAMES_OF_OTHERS = ("requires", "excludes", "alternatives")


def _known(ids: list[str], programmes: list[dict[str, Any]]) -> list[str]:
    kept = {item["id"] for item in programmes}
    return [name for name in ids if name in kept]


def _health_service(content: Mapping[str, Any], clinical: list[dict[str, Any]]) -> dict[str, Any]:
    steps = max(len(item["steps"]) for item in clinical)
    papers = max(len(item["papers"]) for item in clinical)
    outcomes: dict[str, dict[str, Any]] = {}
    for item in clinical:
        for outcome in item["outcomes"]:
            outcomes.setdefault(outcome["id"], {"id": outcome["id"], "asks": []})
    return {
        "id": CLINICAL_OUTWARD,
        "agency": content["health_service"]["agency"],
        "name": content["health_service"]["name"],
        "disclosure": "none",
        "offered": True,
        "instead": None,
        "beneficiary": "person",
        "fields": [],
        "person_fields": sorted({name for item in clinical for name in item["person_fields"]}),
        "papers": [
            {"id": f"paper-{n}", "name": {"zh": f"材料 {n}", "en": f"Paper {n}"}, "required": False}
            for n in range(1, papers + 1)
        ],
        "steps": [
            {"id": f"step-{n}", "name": {"zh": f"第 {n} 步", "en": f"Step {n}"}, "limit": None}
            for n in range(1, steps + 1)
        ],
        "clocks": {},
        "outcomes": list(outcomes.values()),
        "publicity": None,
        "eligibility": [],
        "basis": [],
        "requires": [],
        "excludes": [],
        "note": None,
        "consent_note": None,
        "verified": {"all": "design"},
    }
