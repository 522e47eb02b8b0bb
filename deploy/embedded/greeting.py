"""What the embedded run prints once it serves: its address and the demo accounts."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from shared.directory import District, StaffMember
from shared.text import Text
from shared.web.navigation import ROLE_NAMES

_SERVING = Text("{name}（{code}）已就绪：{address}", "{name} ({code}) is ready: {address}")
_ACCOUNTS = Text("演示账号（账号 · 岗位 · 口令）：", "Demo accounts (name, post, pass phrase):")
_STOP = Text("按 Ctrl-C 停止。", "Ctrl-C ends it.")
_FILL = Text(
    "在此目录另开终端运行 {command} demo 可填入演示案件。",
    "Run {command} demo in another terminal, in this folder, to fill it with made-up cases.",
)


def greeting(district: District, address: str, command: str, say: Callable[[Text], str]) -> str:
    """Give the lines; accounts and pass phrases only of a demo pack.

    ``command`` is how another terminal calls ``carehut`` with the settings of this run.
    """
    first = say(_SERVING.format(name=say(district.product_name), code=district.code, address=address))
    lines = ["", first]
    if district.demo:
        rows = [
            (member.id, _post(district, member, say), member.demo_password)
            for member in district.staff
            if member.demo_password
        ]
        widths = [max(_width(row[column] or "") for row in rows) for column in (0, 1)] if rows else [0, 0]
        lines += ["", say(_ACCOUNTS)]
        lines += [
            f"  {_padded(name, widths[0])}  {_padded(post, widths[1])}  {phrase}"
            for name, post, phrase in rows
        ]
        lines += ["", say(_FILL.format(command=command))]
    lines += [say(_STOP), ""]
    return "\n".join(lines)


def _post(district: District, member: StaffMember, say: Callable[[Text], str]) -> str:
    words = []
    for post in member.posts:
        place = ""
        if post.agency is not None:
            place = say(district.agencies[post.agency].name)
        elif post.unit is not None:
            place = district.units[post.unit].name
        words.append(" ".join(filter(None, (say(ROLE_NAMES[post.role]), place))))
    return ", ".join(words)


def _width(text: str) -> int:
    # Chinese characters take two columns of a terminal.
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
