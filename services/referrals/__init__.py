"""The agencies' and the coordinator's side: referrals, queues, clocks and outcomes."""
