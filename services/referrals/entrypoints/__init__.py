"""What comes in: the JSON API, the pages and the events."""
