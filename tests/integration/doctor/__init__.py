"""Things are really broken, and what is said about them is read."""
