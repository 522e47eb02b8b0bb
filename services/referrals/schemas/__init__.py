"""What crosses this service's edge: bodies and answers over HTTP, data of events."""
