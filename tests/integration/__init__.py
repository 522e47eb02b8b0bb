"""Our code against a real database or web stack."""
