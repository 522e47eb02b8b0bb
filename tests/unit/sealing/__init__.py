"""Tests of shared/sealing."""
