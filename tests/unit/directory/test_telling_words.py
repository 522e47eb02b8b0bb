"""The list of telling words: found however they are written, and no word of ordinary aid is taken for one."""

from __future__ import annotations

import pytest

from shared.directory import forbidden_word

TOLD = {
    "曾被强制隔离两年": "强制隔离",
    "强戒期满": "强戒",
    "以前吸食过": "吸食",
    "海洛因": "海洛因",
    "冰毒": "冰毒",
    "K 粉": "K粉",
    "有毒瘾": "瘾",
    "药物成瘾": "瘾",
    "反复吸毒": "吸毒",
    "每月尿检": "尿检",
    "验尿两次": "验尿",
    "参加维持治疗": "维持治疗",
    "靠药物维持治疗": "维持治疗",
    "帮教小组": "帮教",
    "禁毒专干": "禁毒",
    "服刑五年": "服刑",
    "刑满回家": "刑满",
    "a urine-test": "urine-test",
    "URINE  TEST": "URINE  TEST",
    "Heroin": "Heroin",
    "niaojian": "niaojian",
}


@pytest.mark.parametrize("text", TOLD)
def test_what_people_call_it_is_found(text: str) -> None:
    assert forbidden_word(text) == TOLD[text]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("戒 毒 人员", "戒毒"),
        ("戒\n毒", "戒毒"),
        ("戒-毒", "戒毒"),
        ("戒·毒", "戒毒"),
        ("戒__毒", "戒毒"),
        ("戒\u3000毒", "戒毒"),
        ("戒\u200b\u2060毒", "戒毒"),
        ("戒\u0336毒\u0336", "戒毒"),
        ("強制隔離", "强制隔离"),
        ("社區康復", "康复"),
        ("毒癮", "瘾"),
        ("刑滿釋放", "刑满"),
        ("Ｄｒｕｇ", "Drug"),
        ("dr\u200dug", "drug"),
        ("hiv陽性", "hiv"),
    ],
)
def test_the_way_it_is_written_hides_nothing(text: str, word: str) -> None:
    assert forbidden_word(text) == word


@pytest.mark.parametrize(
    "text",
    [
        "孩子有网瘾，沉迷手机，已影响上学",
        "本人烟瘾大，患肺病，需要反复吸氧",
        "游戏成瘾的孩子需要陪伴",
        "汛期要加强戒备，请先安置",
        "深呼吸。食品已送到",
        "呼吸 食物 都正常",
        "请帮教育局核对学籍",
        "最近遇到大麻烦，欠了房租",
        "已联系民政专干和残联专干",
        "心脏病，长期靠药物维持",
        "尿毒症，每周三次透析维持治疗",
        "肿瘤化疗后维持治疗，自付费用高",
        "家中缺少消毒品和口罩",
        "病毒感染后失业",
        "强制执行，房屋被收回",
        "新冠时在宾馆被强制隔离观察",
        "The heroine of the family works in two jobs",
        "He lost his job at a tannery and keeps an archive",
        "urinary infection, method of payment: cash",
    ],
)
def test_ordinary_sentences_of_aid_are_let_through(text: str) -> None:
    assert forbidden_word(text) is None
