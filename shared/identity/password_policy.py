"""What a new password must be: long, and not one of those that are tried first. Nothing else, and no expiry.

Sources: NIST SP 800-63B-4 §3.1.1.2 (length, a list of common ones, no composition rules, no forced rotation). What is
tried first, the package zxcvbn reckons: it carries lists of leaked passwords and of words, and knows rows of keys,
repetitions and days. ``HABITS`` are added for what it does not know: words, numbers and beginnings of the kind that
studies of leaked Chinese passwords found on top (Li, Han and Xu, USENIX Security 2014; Wang et al., USENIX Security
2019), written down by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from shared.identity.passwords import LONGEST, prepared
from shared.text import Text

LEAST = 14
"""Characters: a sentence is easily remembered and long."""
FEWEST_GUESSES = 10**9
_READ = 64
"""Characters that are looked at; the reckoning grows with the square of them, and nobody guesses so far."""

HABITS: tuple[str, ...] = (
    *("5201314", "1314520", "520520", "521521", "1314521", "7758521", "7758258", "147258369", "789456123"),
    *("168168", "518518", "888888", "666666", "111222", "123123", "112233", "19491001", "20080808"),
    *("woaini", "woaiwojia", "woaizhongguo", "aini", "nihao", "mima", "mimashi", "wodemima", "shengri"),
    *("zhongguo", "beijing", "shanghai", "yunnan", "kunming", "shanxi", "linfen", "xinnian", "kuaile"),
    *("zhang", "wang", "chen", "yang", "zhao", "huang", "zhou", "xiaoming", "zhangsan", "lisi", "wangwu"),
    *(
        "guanliyuan",
        "yonghu",
        "denglu",
        "gongzuo",
        "shequ",
        "jiedao",
        "minzheng",
        "renshe",
        "bangfu",
        "jiuzhu",
    ),
    *(
        "aa123456",
        "a123456",
        "qq123456",
        "abc123",
        "asd123",
        "zxc123",
        "qwe123",
        "wang123",
        "taobao",
        "weixin",
    ),
    *(
        "我爱你",
        "我爱中国",
        "密码",
        "你好",
        "新年快乐",
        "为人民服务",
        "天天向上",
        "好好学习",
        "管理员",
        "一二三四五",
    ),
)

TOO_SHORT = Text(
    f"口令至少 {LEAST} 个字符；用一句容易记的话。",
    f"A password has {LEAST} characters or more: take a sentence that is easily remembered.",
)
TOO_LONG = Text(f"口令最多 {LONGEST} 个字符。", f"A password has at most {LONGEST} characters.")
ONLY_DIGITS = Text(
    "口令不能只有数字：证件号、电话、生日是别人知道的。请换一句话。",
    "Digits alone are no password: others know ID numbers, telephones and birthdays. Take a sentence.",
)
TOO_COMMON = Text(
    "这个口令太常见或太容易猜（常用词、姓名地名、连续或重复的字符）。请换一句只有自己想得到的话。",
    "This password is too common or too easily guessed (usual words, names, rows or repetitions). Take a sentence that "
    "only you would think of.",
)


class WeakPassword(ValueError):
    """A password that may not be set; ``text`` says why and what to do."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def require_strong(password: str, names: Iterable[str] = ()) -> None:
    """Object to a password that is short or would be tried first.

    ``names`` are words that everybody knows about whose it is: account, person, district.

    Raises:
        WeakPassword: saying why.
    """
    text = prepared(password)
    for wrong, why in (
        (len(text) < LEAST, TOO_SHORT),
        (len(password) > LONGEST, TOO_LONG),
        (text.isdigit(), ONLY_DIGITS),
    ):
        if wrong:
            raise WeakPassword(why)
    # Only whoever sets a password needs the lists; they take a quarter of a second and some memory to read.
    from zxcvbn import zxcvbn  # noqa: PLC0415

    told = sorted({word for name in names for word in _written(name)})
    if zxcvbn(text[:_READ], user_inputs=[*told, *HABITS])["guesses"] < FEWEST_GUESSES:
        raise WeakPassword(TOO_COMMON)


def _written(name: str) -> Iterator[str]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - for the same reason

    yield name
    syllables = lazy_pinyin(name)
    yield "".join(syllables)
    yield from (
        part for part in (*name.replace("-", " ").replace("_", " ").split(), *syllables) if len(part) > 1
    )
