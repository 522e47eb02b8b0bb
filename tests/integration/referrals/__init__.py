"""Referrals from the event that opens them to the outcome that closes them, on both kinds of database."""
