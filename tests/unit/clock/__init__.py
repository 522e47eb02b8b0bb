"""Tests of working days, due dates and lights."""
