"""What a referral is and what may happen to it: plain Python, no framework and no database."""
