"""The topology that an installation wants at its broker, and who holds it up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.embedded.environment import SERVICES
from shared.messaging import topology
from shared.messaging.admin import Admin
from shared.settings import require

if TYPE_CHECKING:
    from deploy.installation import Installation
    from shared.directory import District

ADMIN_URL = "CAREHUT_RABBITMQ_ADMIN_URL"


def wanted(installation: Installation) -> topology.Topology:
    """Describe the vhost of the district in force."""
    return of_district(installation.district)


def of_district(district: District) -> topology.Topology:
    """Describe a district's vhost, with a seat for every agency that has a system of its own."""
    systems = [agency.id for agency in district.agencies.values() if agency.system]
    return topology.topology(district.code, systems)


def passwords(installation: Installation) -> dict[str, str]:
    """Read the services' broker passwords from their addresses. Raises ``MissingSettings``."""
    names = [f"CAREHUT_{service.upper()}_AMQP_URL" for service in SERVICES]
    require(installation.environ, *names)
    return topology.passwords(installation.environ[name] for name in names)


def admin(installation: Installation) -> Admin:
    """Make what holds the vhost to its topology. Raises ``MissingSettings``."""
    require(installation.environ, ADMIN_URL)
    return Admin(installation.environ[ADMIN_URL], wanted(installation), passwords(installation))
