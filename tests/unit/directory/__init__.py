"""Tests of district packs and of what people say of themselves."""
