"""Tests about the code base itself: layers, files, dependencies, policy coverage."""
