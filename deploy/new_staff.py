"""Writes somebody new into the ``posts.yaml`` of a district pack, and takes it back where that cannot be."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from shared.directory import BUILT_IN, source_in_force
from shared.text import Text

if TYPE_CHECKING:
    from deploy.installation import Installation

_POST = re.compile(r"(?P<role>[a-z-]+)(?:@(?P<place>[a-z0-9-]+)(?:/(?P<street>\d+))?)?")
_PLAIN = re.compile(r"[a-z]+(-[a-z0-9]+)+|desk|hut|grid|leader|specialist|coordinator|operator|auditor")
_FILE = "posts.yaml"


class CannotAdd(Exception):
    """Somebody cannot be added: what is in the way, and what to do."""

    def __init__(self, problem: Text, remedy: Text) -> None:
        super().__init__(str(problem))
        self.problem = problem
        self.remedy = remedy


def folder_in_force(installation: Installation) -> Path:
    """Give the folder of the pack that is in force.

    Raises:
        CannotAdd: it is the one that comes with the product, or lies on another machine.
    """
    with installation.database("intake").read() as connection:
        source = source_in_force(connection)
    folder = Path(source)
    if source == BUILT_IN or not (folder / _FILE).is_file():
        raise CannotAdd(
            Text(
                "这台机器上没有可改写的区县包目录。",
                "There is no folder of the pack on this machine to write into.",
            ),
            Text(
                "把区县包复制为自己的目录，用 --pack 指明；以后就在那里修改。",
                "Copy the pack into a folder of your own and name it with --pack; from then on edit it there.",
            ),
        )
    return folder


@contextmanager
def added(folder: Path, staff: str, name: str, posts: Sequence[str]) -> Iterator[None]:
    """Write somebody into the pack's posts; whatever is raised meanwhile leaves the file as it was.

    Comments and order of the file stay.

    Raises:
        CannotAdd: a post is not ``ROLE[@PLACE[/STREET]]``, there is such an account, or the file lists nobody.
    """
    file = folder / _FILE
    try:
        before = file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise _unreadable(folder) from error
    content = _read(before, folder)
    if any(one.get("id") == staff for one in content["staff"]):
        raise CannotAdd(
            Text(f"posts.yaml 中已有 {staff}。", f"{staff} stands in posts.yaml already."),
            Text("在 posts.yaml 中修改其岗位。", "Edit their posts there."),
        )
    entry = _flow(id=staff, name=name, posts=[_post(each) for each in posts])
    file.write_text(_with_line(before, content, entry), "utf-8")
    try:
        yield
    except BaseException:
        file.write_text(before, "utf-8")
        raise


def _read(text: str, folder: Path) -> Any:  # noqa: ANN401 - a document with its places
    # Not all that the pack may lack is in the way: who is added may be the very one it lacks.
    try:
        content = YAML().load(text)
    except YAMLError:
        content = None
    people = content.get("staff") if isinstance(content, dict) else None
    if not isinstance(people, list) or not people or not all(isinstance(one, dict) for one in people):
        raise _unreadable(folder)
    return content


def _unreadable(folder: Path) -> CannotAdd:
    return CannotAdd(
        Text(
            "posts.yaml 无法读取，或其 staff 下没有人员。",
            "posts.yaml cannot be read, or lists nobody under staff.",
        ),
        Text(
            f"carehut district check {folder} 逐项说明；首位人员请直接写入该文件。",
            f"carehut district check {folder} says what is wrong; write the first person into the file yourself.",
        ),
    )


def _with_line(text: str, content: Any, entry: str) -> str:  # noqa: ANN401 - a document with its places
    # Line by line: what writes YAML anew changes places that nobody meant.
    lines = text.splitlines()
    _, column = content["staff"].lc.item(0)
    keys = list(content)
    after = keys[keys.index("staff") + 1 :]
    place = content.lc.key(after[0])[0] if after else len(lines)
    lines.insert(place, f"{' ' * (column - 2)}- {entry}")
    return "\n".join(lines) + "\n"


def _post(text: str) -> str:
    found = _POST.fullmatch(text)
    if found is None:
        raise CannotAdd(
            Text(f"看不懂岗位 {text}。", f"The post {text} cannot be read."),
            Text(
                "写作 角色@单位 或 角色@网格代码，如 desk@civil-affairs。",
                "Write it as ROLE@PLACE, such as desk@civil-affairs.",
            ),
        )
    place, street = found["place"], found["street"]
    values = {"role": found["role"]}
    if place is not None:
        values["unit" if place.isdigit() else "agency"] = place
    if street is not None:
        values["unit"] = street
    return _flow(**values)


def _flow(**values: str | list[str]) -> str:
    pairs = (
        f"{name}: [{', '.join(value)}]" if isinstance(value, list) else f"{name}: {_scalar(value)}"
        for name, value in values.items()
    )
    return f"{{{', '.join(pairs)}}}"


def _scalar(value: str) -> str:
    # A text of JSON is one of YAML, too; a number would lose its zeros unless it is quoted.
    return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
