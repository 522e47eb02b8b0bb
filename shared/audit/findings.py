"""What may be wrong with an audit log, in words for whoever verifies it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from shared.text import Text

KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "entry-changed": Text("记录内容被改动", "an entry was changed"),
        "entry-missing": Text("记录被删除", "an entry was deleted"),
        "entry-unlisted": Text(
            "记录不在任何批次中（事后插入）", "an entry is in no batch: it was put there later"
        ),
        "list-changed": Text("批次清单被改动", "the list of a batch was changed"),
        "list-missing": Text("批次清单被删除", "the list of a batch was deleted"),
        "batch-changed": Text(
            "批次封存被改动或顺序被调换", "the seal of a batch was changed, or batches were reordered"
        ),
        "batch-missing": Text("批次封存被删除", "the seal of a batch was deleted"),
        "cut-off": Text(
            "已公布的批次不见了：日志尾部被截断",
            "a batch that was published is not there: the log was cut off",
        ),
        "head-differs": Text(
            "链头与当时公布的不同：整条链被重写",
            "the head is not the one that was published: the chain was rewritten",
        ),
        "witness-unreadable": Text("保存的链头无法读取", "the heads that were kept cannot be read"),
    }
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: ``kind`` of ``KINDS``, where, and by ``about`` who kept what shows it."""

    kind: str
    batch: int | None = None
    entry: str | None = None
    about: str = ""

    @property
    def text(self) -> Text:
        """Say it."""
        zh, en = KINDS[self.kind].zh, KINDS[self.kind].en
        if self.batch is not None:
            zh, en = f"{zh}；批次 {self.batch}", f"{en}; batch {self.batch}"
        if self.entry is not None:
            zh, en = f"{zh}；记录 {self.entry}", f"{en}; entry {self.entry}"
        if self.about:
            zh, en = f"{zh}；依据 {self.about}", f"{en}; shown by {self.about}"
        return Text(zh, en)
