"""A clock set wrong from outside is wrong for everything its process tells the time by, and for nothing else."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
TELL = """
import sys
from pathlib import Path
from tests.faults import clocks
clocks.set_wrong(Path(sys.argv[1]))
import time
from datetime import UTC, datetime
import orjson
now = datetime.now(UTC)
assert isinstance(now, datetime) and isinstance(datetime(2026, 1, 1), datetime)
assert abs(now.timestamp() - time.time()) < 60
print(orjson.dumps(now).decode().strip('"'))
"""


def told(file: Path) -> datetime:
    done = subprocess.run(
        [sys.executable, "-c", TELL, str(file)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return datetime.fromisoformat(done.stdout.strip())


def test_a_process_is_as_wrong_as_its_file_says_and_right_without_one(tmp_path: Path) -> None:
    file = tmp_path / "work-intake"
    assert abs(told(file) - datetime.now(UTC)) < timedelta(minutes=1)
    file.write_text("-3600")
    assert abs(told(file) + timedelta(hours=1) - datetime.now(UTC)) < timedelta(minutes=1)
