"""The verbs of intake: each opens one unit of work, asks the domain, and records what happened."""
