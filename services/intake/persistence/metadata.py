"""Where the tables of intake are gathered, and the type of their codes."""

from __future__ import annotations

import sqlalchemy as sa

from shared.db.metadata import service_metadata

metadata = service_metadata()

CODE = sa.String(64)
