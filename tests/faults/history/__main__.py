"""Checks a recorded history and tells its first counter-example: ``python -m tests.faults.history FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.faults.history.checker import check


def main(folder: Path) -> int:
    """Check ``folder``; gives the exit code, 1 if a promise was broken."""
    found = check(folder)
    if not found:
        sys.stdout.write(f"{folder}: every promise was kept\n")
        return 0
    sys.stdout.write(f"{found[0].story}\n\n{len(found)} findings in all:\n")
    sys.stdout.writelines(f"  {finding.rule}: {finding.subject}: {finding.what}\n" for finding in found)
    return 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))
