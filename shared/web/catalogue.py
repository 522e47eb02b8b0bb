"""The pages' translations, read from the ``.po`` files as the application starts, so that none can be stale."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

DOMAIN = "messages"
OWN = Path(__file__).parent / "translations"


def translations(folders: Iterable[Path], locale: str) -> Translations:
    """Join the catalogues of a locale from several folders; a later folder's words win."""
    joined = Translations()
    for folder in folders:
        loaded = _load(folder / locale / "LC_MESSAGES" / f"{DOMAIN}.po")
        if loaded is not None:
            joined.merge(loaded)
            joined.plural = loaded.plural  # merge leaves the plural rule behind
    return joined


@lru_cache(maxsize=16)
def _load(path: Path) -> Translations | None:
    if not path.exists():
        return None
    with path.open("rb") as file:
        catalogue = read_po(file, domain=DOMAIN, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, DOMAIN)
