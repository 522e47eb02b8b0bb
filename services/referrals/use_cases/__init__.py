"""The verbs of this service: each opens its unit of work, asks the domain, and records what happened."""
