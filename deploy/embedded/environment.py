"""Settings of an embedded installation: everything has a default, so that nothing needs to be set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SERVICES = ("intake", "referrals", "notifications")
MEMORY = "memory://"
DEFAULT_DISTRICT = "530103"
DEFAULT_PORT = 8000
DEFAULT_BIND = "127.0.0.1"
_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Home:
    """The folder of one embedded installation: its databases, its demo master key and its lock."""

    path: Path

    @property
    def lock(self) -> Path:
        """The file a running server holds locked."""
        return self.path / "running.lock"

    @property
    def applied(self) -> Path:
        """What was last applied to the databases, so that a start with nothing new does nothing."""
        return self.path / "applied.json"

    def database(self, service: str) -> Path:
        """The SQLite file of one service."""
        return self.path / f"aid_{service}.sqlite"

    def create(self) -> None:
        """Make the folder if it is missing, for its owner alone (0700).

        Raises OSError when it cannot be made or belongs to someone else.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path.chmod(0o700)


def home(environ: Mapping[str, str]) -> Home:
    """Find the folder: CAREHUT_HOME, else ``.carehut`` beside the source, or in the working folder."""
    if given := environ.get("CAREHUT_HOME"):
        return Home(Path(given).expanduser().absolute())
    project = _PROJECT if (_PROJECT / "pyproject.toml").exists() else Path.cwd()
    return Home(project / ".carehut")


def is_embedded(environ: Mapping[str, str]) -> bool:
    """Tell whether no database was given: then the SQLite files of the embedded run are meant."""
    return not any(environ.get(f"CAREHUT_{service.upper()}_DATABASE_URL") for service in SERVICES)


def settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Complete an environment: an embedded one gets files and in-memory queues, a full run's is kept."""
    complete = dict(environ)
    complete.setdefault("CAREHUT_DISTRICT", DEFAULT_DISTRICT)
    place = home(environ)
    complete["CAREHUT_HOME"] = str(place.path)
    if not is_embedded(environ):
        return complete
    complete.setdefault("PORT", str(DEFAULT_PORT))
    complete.setdefault("CAREHUT_BIND", DEFAULT_BIND)
    host = f"[{complete['CAREHUT_BIND']}]" if ":" in complete["CAREHUT_BIND"] else complete["CAREHUT_BIND"]
    complete.setdefault("CAREHUT_PUBLIC_URL", f"http://{host}:{complete['PORT']}")
    for service in SERVICES:
        url = f"sqlite:///{place.database(service)}"
        complete[f"CAREHUT_{service.upper()}_DATABASE_URL"] = url
        complete[f"CAREHUT_{service.upper()}_OWNER_URL"] = url
        complete[f"CAREHUT_{service.upper()}_AMQP_URL"] = MEMORY
    return complete
