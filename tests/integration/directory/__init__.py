"""Tests of district packs in real databases."""
