"""How processes are put together: plans, places, locks and words, without starting anything."""
