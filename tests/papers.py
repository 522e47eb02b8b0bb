"""Made-up papers for tests: real files of each kind, as small or as large as asked."""

from __future__ import annotations

import io
import random
from typing import Any

import httpx
from PIL import Image
from pypdf import PdfWriter


def a_pdf(pages: int = 1, *, password: str | None = None, size: int = 0, says: str = "") -> bytes:
    """Make a PDF of empty pages, of exactly ``size`` bytes if given (at least 2,000); ``says`` stands in it plain."""
    content = _pdf(pages, password, 0, says)
    padding = 0
    while size and len(content) != size:
        padding += size - len(content)
        content = _pdf(pages, password, padding, says)
    return content


def _pdf(pages: int, password: str | None, padding: int, says: str) -> bytes:
    writer = PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(width=595, height=842)
    if padding:
        writer.add_attachment("scan", b"x" * padding)
    if says:
        writer.add_attachment("words", says.encode())
    if password is not None:
        writer.encrypt(user_password=password, owner_password="of the owner", algorithm="AES-256")
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def a_picture(kind: str = "JPEG", *, width: int = 240, height: int = 160, seed: int = 1) -> bytes:
    """Make a JPEG or PNG of noise, which does not compress; every seed gives another one."""
    noise = random.Random(seed).randbytes(width * height)
    made = io.BytesIO()
    Image.frombytes("L", (width, height), noise).save(made, kind)
    return made.getvalue()


def a_form(content: bytes, *, name: str = "scan.pdf", **fields: str) -> dict[str, Any]:
    """Make what a test client sends as a multipart form with one file; the client's own would use the disk."""
    made = httpx.Request("POST", "http://test/", data=fields, files={"file": (name, content)})
    return {"data": made.read(), "content_type": made.headers["Content-Type"]}
