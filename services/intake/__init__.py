"""Intake: the hut's and the person's side, and sign-in for the whole installation."""
