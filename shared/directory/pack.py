"""Reading a pack from its folder: found by code, checked as a whole, never half loaded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared.directory.content import district_from, version_of
from shared.directory.model import District
from shared.text import Text

PACKS = Path(__file__).resolve().parents[2] / "deploy" / "districts"
"""The packs that come with the product."""


@dataclass(frozen=True, slots=True, order=True)
class PackError:
    """One thing wrong in a pack: where (``line`` from 1), what, and what to do about it."""

    file: str
    line: int
    message: Text
    remedy: Text

    def __str__(self) -> str:
        return self.told("en")

    def told(self, locale: str) -> str:
        """Give it as one line: where, what, and what to do."""
        return f"{self.file}:{self.line}: {self.message.of(locale)} {self.remedy.of(locale)}"


class PackErrors(Exception):
    """A pack that cannot be used, with everything that is wrong in it."""

    def __init__(self, errors: list[PackError]) -> None:
        super().__init__("\n".join(map(str, errors)))
        self.errors = errors

    @property
    def text(self) -> Text:
        """All of it for people, a line each."""
        zh, en = ("\n".join(f"  {error.told(locale)}" for error in self.errors) for locale in ("zh", "en"))
        count = len(self.errors)
        return Text(f"地区配置有 {count} 处错误：\n{zh}", f"The district pack has {count} errors:\n{en}")


class NoPack(FileNotFoundError):
    """Nothing lies where a pack was looked for; ``text`` says it in both languages."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


def find_pack(code_or_path: str | Path) -> Path:
    """Give the folder of a pack, named by a district code that comes with the product, or by a path.

    Raises ``NoPack``, a ``FileNotFoundError``, naming the codes there are.
    """
    for folder in (PACKS / str(code_or_path), Path(code_or_path)):
        if (folder / "district.yaml").is_file():
            return folder
    known = ", ".join(sorted(folder.parent.name for folder in PACKS.glob("*/district.yaml")))
    raise NoPack(
        Text(
            f"{code_or_path} 处没有区县包；随产品提供的有：{known}。",
            f"There is no district pack at {code_or_path}; with the product come: {known}.",
        )
    )


def source_at(code_or_path: str | Path, code: str) -> str:
    """Name where a district's pack is read from: its folder, or nothing for the one that comes with the product."""
    folder = find_pack(code_or_path).resolve()
    return "" if folder == (PACKS / code).resolve() else str(folder)


def load_pack(code_or_path: str | Path) -> District:
    """Read a whole pack; raises ``PackErrors`` with everything that is wrong, or ``FileNotFoundError``."""
    from shared.directory.reading import read_pack  # noqa: PLC0415 - reading builds PackError

    content, errors = read_pack(find_pack(code_or_path))
    if errors:
        raise PackErrors(errors)
    return district_from(content, version=version_of(content), service=None)


def check_pack(code_or_path: str | Path) -> list[PackError]:
    """Give everything that is wrong in a pack, by file and line; an empty list means it can be applied."""
    from shared.directory.reading import read_pack  # noqa: PLC0415 - reading builds PackError

    return read_pack(find_pack(code_or_path))[1]
