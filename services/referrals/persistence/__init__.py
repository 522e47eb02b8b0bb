"""How referrals are kept and found again."""
