"""The rules of referrals: transitions, outcomes, clocks."""
