"""Processes killed at named and at random moments: nothing lost, nothing doubled."""
