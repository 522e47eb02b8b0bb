"""The matrix: what may go wrong, done to a whole installation under load; afterwards every promise must hold."""
