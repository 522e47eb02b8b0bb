"""The topology that an installation wants at its broker, and who holds it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.embedded.environment import SERVICES
from deploy.installation import MissingSettings
from shared.messaging import topology
from shared.messaging.admin import Admin

if TYPE_CHECKING:
    from deploy.installation import Installation

ADMIN_URL = "CAREHUT_RABBITMQ_ADMIN_URL"


def wanted(installation: Installation) -> topology.Topology:
    """Describe the district's vhost, with a seat for every agency that has a system of its own."""
    systems = [agency.id for agency in installation.district.agencies.values() if agency.system]
    return topology.topology(installation.code, systems)


def passwords(installation: Installation) -> dict[str, str]:
    """Read the services' broker passwords from their addresses. Raises ``MissingSettings``."""
    names = [f"CAREHUT_{service.upper()}_AMQP_URL" for service in SERVICES]
    missing = [name for name in names if not installation.environ.get(name)]
    if missing:
        raise MissingSettings(missing)
    return topology.passwords(installation.environ[name] for name in names)


def admin(installation: Installation) -> Admin:
    """Make what holds the vhost to its topology. Raises ``MissingSettings``."""
    url = installation.environ.get(ADMIN_URL)
    if not url:
        raise MissingSettings([ADMIN_URL])
    return Admin(url, wanted(installation), passwords(installation))
