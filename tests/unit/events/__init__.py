"""Tests of the envelope, the catalogue and the reading of events."""
