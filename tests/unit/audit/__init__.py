"""Tests of shared/audit."""
