"""Processes are killed here, and what was promised must still be true."""
