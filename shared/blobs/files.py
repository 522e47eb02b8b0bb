"""What a file that is handed in may be, and what is said of one that cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping

from shared.text import Text

LARGEST = 10 * 1024 * 1024
"""Bytes of one file at most."""

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
ENDINGS: Mapping[str, str] = {PDF: "pdf", JPEG: "jpg", PNG: "png"}
"""What a file may be, told by its content, and how the name of a download ends. Names given by people are not kept."""

UNPROCESSABLE, TOO_LARGE, CONFLICT = 422, 413, 409
FILE_REFUSALS: Mapping[str, tuple[str, int, Text]] = {
    "paper-empty": (
        "file",
        UNPROCESSABLE,
        Text("文件是空的。请重新选择或重新扫描。", "The file is empty. Choose it again, or scan it again."),
    ),
    "paper-too-large": (
        "file",
        TOO_LARGE,
        Text(
            "文件超过10 MiB。请降低扫描分辨率，或分成几个文件。",
            "The file is over 10 MiB. Scan it with less resolution, or send it in parts.",
        ),
    ),
    "paper-wrong-type": (
        "file",
        UNPROCESSABLE,
        Text(
            "按内容看，这不是 PDF、JPEG 或 PNG 文件（与文件名无关）。请另存为其中一种后再上传。",
            "By its content, whatever its name, this is no PDF, JPEG or PNG. Save it as one of them and send that.",
        ),
    ),
    "paper-damaged": (
        "file",
        UNPROCESSABLE,
        Text(
            "文件已损坏或不完整，无法打开。请重新扫描或重新导出。",
            "The file is broken or cut short and does not open. Scan or export it again.",
        ),
    ),
    "paper-locked": (
        "file",
        UNPROCESSABLE,
        Text(
            "PDF 设有密码，接收单位无法打开。请去掉密码后再上传。",
            "The PDF has a password, so the agency could not open it. Send it without one.",
        ),
    ),
    "paper-too-many-pages": (
        "file",
        UNPROCESSABLE,
        Text(
            "PDF 页数过多（最多{most}页）。请分成几个文件上传。",
            "The PDF has too many pages (at most {most}). Send it in several files.",
        ),
    ),
    "paper-active": (
        "file",
        UNPROCESSABLE,
        Text(
            "PDF 内含脚本、会自动运行的操作，或在文件末尾之后另有内容。请将其打印成新的 PDF 再上传。",
            "The PDF holds a script, does something when it is opened, or goes on behind its end. Print it to a new "
            "PDF and send that.",
        ),
    ),
    "paper-too-many-pixels": (
        "file",
        UNPROCESSABLE,
        Text(
            "图片像素过多（最多{most}百万）。请降低分辨率后再上传。",
            "The picture has too many pixels (at most {most} million). Send it with less resolution.",
        ),
    ),
}
"""By code: the field, the status of the answer, and what to do."""


class FileRefused(Exception):
    """A file cannot be taken; ``code`` is one of ``FILE_REFUSALS``, ``values`` fill the places of its sentence."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values
        self.field, self.status, words = FILE_REFUSALS[code]
        self.text = words.format(**values)
