"""Plain rules about messages: who is told, and in which words."""
