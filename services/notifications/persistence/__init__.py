"""How messages are kept and found again."""
