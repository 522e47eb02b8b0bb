"""A new password is long, and none of those that are tried first."""

from __future__ import annotations

import pytest

from shared.identity.password_policy import (
    ONLY_DIGITS,
    TOO_COMMON,
    TOO_LONG,
    TOO_SHORT,
    WeakPassword,
    require_strong,
)
from shared.text import Text

NAMES = ("desk-health", "林秋禾", "530103", "盘龙区", "Panlong District")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short-but-odd", TOO_SHORT),
        ("ｑ" * 13, TOO_SHORT),
        ("x7 " * 86, TOO_LONG),
        ("530103198801011234", ONLY_DIGITS),
        ("１３８００１３８０００９８７", ONLY_DIGITS),
        ("password12345678", TOO_COMMON),
        ("P@ssw0rd2026P@ssw0rd", TOO_COMMON),
        ("qwertyuiopasdf", TOO_COMMON),
        ("1qaz2wsx3edc4rfv", TOO_COMMON),
        ("aa123456aa123456", TOO_COMMON),
        ("woaini1314520abc", TOO_COMMON),
        ("我爱你我爱你我爱你我爱你我爱你", TOO_COMMON),
        ("desk-health-2026", TOO_COMMON),
        ("linqiuhe19880101", TOO_COMMON),
        ("panlongqu888888", TOO_COMMON),
    ],
)
def test_what_is_short_or_tried_first_is_refused(password: str, why: Text) -> None:
    with pytest.raises(WeakPassword) as refused:
        require_strong(password, NAMES)
    assert refused.value.text is why


@pytest.mark.parametrize(
    "password",
    [
        "an umbrella for eleven swans",
        "小区门口的桂花树今年又开得很香",
        "vK3-quartz_teapot",
        "Zu9" + "wolf tenth" * 9,
    ],
)
def test_a_sentence_in_any_script_will_do_and_no_sign_has_to_be_in_it(password: str) -> None:
    require_strong(password, NAMES)
