"""Events leave by the outbox: written with the state they tell of, published afterwards by the relay."""

from __future__ import annotations

from shared.outbox.relay import Relay
from shared.outbox.withholding import NoLonger
from shared.outbox.writer import Writer, flush

__all__ = ["NoLonger", "Relay", "Writer", "flush"]
