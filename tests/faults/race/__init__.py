"""Many writers commit in an order of their own while several relays publish: nothing may be lost or overtake."""
