"""Looks at this machine: its disk, the pack that lies on it, and whether the web processes answer."""

from __future__ import annotations

import shutil
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from deploy.front.paths import FRONT
from shared.directory import BUILT_IN, ELSEWHERE, District, PackErrors, find_pack, load_pack
from shared.directory.holiday_notice import version_on_disk
from shared.telemetry.trouble import Trouble

FULL_PERCENT = 95
MUCH_LEFT = 20 * 2**30
"""Of a large disk five per cent are plenty: bytes with which nobody need be told."""
WEB_SECONDS = 3.0


def disk(folder: Path, host: str) -> list[Trouble]:
    """Tell if the disk of a folder (or, before it is made, of its parent) is nearly full, counted as ``df`` does."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    usage = shutil.disk_usage(there)
    percent = 100 * usage.used // max(usage.used + usage.free, 1)
    if percent < FULL_PERCENT or usage.free > MUCH_LEFT:
        return []
    return [Trouble.of("disk-filling", about=host, percent=percent, free=usage.free // 2**20)]


class PackOnDisk:
    """The district's pack as it lies on this machine, read again only when a file of it has changed.

    It is looked for where the one in force was read from: whoever applied a folder of their own is not told of the
    files that come with the product.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._stamp: object = None
        self._version: str | None = None
        self._errors = 0

    def compared(self, applied: District | None, source: str = BUILT_IN) -> list[Trouble]:
        """Tell if it is wrong or another one than is in force; one that lies elsewhere cannot be compared."""
        if source == ELSEWHERE:
            return []
        try:
            folder = find_pack(source or self._code)
        except FileNotFoundError:
            return []
        self._read(folder)
        if self._errors:
            return [Trouble.of("pack-wrong", count=self._errors)]
        if applied is None or version_on_disk(applied) == self._version:
            return []
        return [Trouble.of("pack-not-applied", there=self._version, here=version_on_disk(applied))]

    def _read(self, folder: Path) -> None:
        stamp: object = (
            folder,
            [(file.name, file.stat().st_mtime_ns) for file in sorted(folder.rglob("*")) if file.is_file()],
        )
        if stamp == self._stamp:
            return
        try:
            self._version, self._errors = load_pack(folder).version, 0
        except PackErrors as error:
            self._errors = len(error.errors)
        self._stamp = stamp


def web(name: str, addresses: Sequence[str]) -> list[Trouble]:
    """Ask every web process of an application what it says of itself."""
    found: list[Trouble] = []
    path = "/live" if name == FRONT else f"/{name}/ready"
    for address in addresses:
        try:
            answer = _asked(f"http://{address}{path}")
        except (OSError, ValueError):  # nobody listens, it hangs, or what came is no answer of ours
            found.append(Trouble.of("web-away", about=address, service=name))
            continue
        found += [Trouble.from_json(problem) for problem in answer.get("problems", ())]
    return found


def _asked(url: str) -> Mapping[str, Any]:
    try:
        with urllib.request.urlopen(url, timeout=WEB_SECONDS) as response:  # nosec B310 # noqa: S310 - host and port
            answer = orjson.loads(response.read())
    except urllib.error.HTTPError as error:
        with error:
            answer = orjson.loads(error.read())
    if not isinstance(answer, dict):
        message = "no answer of ours"
        raise ValueError(message)  # noqa: TRY004 - what came over the wire has the wrong value
    return answer
