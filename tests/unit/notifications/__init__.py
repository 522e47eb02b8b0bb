"""Messages: who is told, in which words, and that nobody is told twice."""
