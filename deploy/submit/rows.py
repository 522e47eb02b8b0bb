"""The rows of a file of requests: read, checked and filed one by one, each for itself."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from deploy.submit.once import canonical, once
from services.intake.domain.errors import Fault, InvalidFiling
from services.intake.schemas.http import SubmitBody
from services.intake.use_cases.context import Context
from services.intake.use_cases.file_from_paper import Kept, file_from_paper
from shared.http.app import BODY_CAP
from shared.http.blueprint import load
from shared.http.idempotency import Replay
from shared.http.problems import Problem
from shared.identity import Principal
from shared.text import Text

_SCHEMA = SubmitBody()
_WHOLE_ROW, _DRAFT = "row", "draft"
_TOO_LARGE = Text("一行不能超过 1 MiB。请删减。", "A row may have at most 1 MiB. Shorten it.")
_NOT_AN_OBJECT = Text(
    "应为一个申请对象（与 POST /intake/api/v1/requests 的内容相同）。",
    "Must be one request, an object as for POST /intake/api/v1/requests.",
)


class BadFile(Exception):
    """The file as a whole cannot be read as a list of requests."""

    def __init__(self, text: Text) -> None:
        super().__init__(text.en)
        self.text = text


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of one row (counted from 1): its request's number, the id of its draft, or what was wrong with it.

    ``lacks`` says what a draft needs to be filed. ``before`` tells that an earlier run had filed or kept it.
    """

    row: int
    number: str | None = None
    before: bool = False
    faults: Sequence[Fault] = ()
    draft: str | None = None
    lacks: Sequence[Fault] = ()


def read_rows(file: Path) -> list[Any]:
    """Read a JSON list in UTF-8.

    Raises ``BadFile``, or OSError when the file cannot be opened.
    """
    text = file.read_bytes().removeprefix(b"\xef\xbb\xbf")
    try:
        rows = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        where = f"{error.lineno}:{error.colno}"
        raise BadFile(
            Text(
                f"{file} 第 {where} 处不是正确的 JSON（编码须为 UTF-8）：{error.msg}。",
                f"{file} is not JSON in UTF-8, at {where}: {error.msg}.",
            )
        ) from error
    if not isinstance(rows, list):
        raise BadFile(
            Text(
                f"{file} 应为申请的列表：[{{…}}, {{…}}]。",
                f"{file} must hold a list of requests: [{{…}}, {{…}}].",
            )
        )
    return rows


def file_rows(context: Context, principal: Principal, rows: Sequence[Any], name: str) -> Iterator[Filed]:
    """File each row in its own transaction, in order; a wrong one stops no other.

    ``name`` is the file's name: together with a row's content, and with how many equal rows came before it, it keeps
    the row from being filed twice. Raises ``Forbidden`` or ``NoPost`` when the principal may not file at all.
    """
    equal: Counter[str] = Counter()
    for number, row in enumerate(rows, 1):
        # Keyed: from a plain hash whoever holds a copy could try out whether a row was somebody's.
        content = context.keyring.index.full("filing", hashlib.sha256(canonical(row)).hexdigest()).hex()
        equal[content] += 1
        yield _file(context, principal, number, row, (name, content, str(equal[content])))


def _file(context: Context, principal: Principal, number: int, row: object, key: tuple[str, ...]) -> Filed:
    if not isinstance(row, dict) or len(canonical(row)) > BODY_CAP:
        said = _TOO_LARGE if isinstance(row, dict) else _NOT_AN_OBJECT
        return Filed(number, faults=[Fault(_WHOLE_ROW, said)])
    try:
        body = load(_SCHEMA, row)
        filed = file_from_paper(
            context,
            principal,
            body,
            row,
            filing=once(context, principal.staff, *key, body=row),
            keeping=once(
                context, principal.staff, *key, _DRAFT, body=row, render=lambda kept: {"draft": kept["id"]}
            ),
        )
    except Replay as replay:
        before = orjson.loads(replay.body)
        return Filed(number, number=before.get("number"), draft=before.get("draft"), before=True)
    except InvalidFiling as error:
        return Filed(number, faults=error.faults)
    except Problem as problem:
        named = [Fault(error.field, error.message) for error in problem.errors]
        return Filed(number, faults=named or [Fault(_WHOLE_ROW, problem.detail)])
    if isinstance(filed, Kept):
        return Filed(number, draft=filed.draft, lacks=filed.lacks)
    return Filed(number, number=filed["number"])
