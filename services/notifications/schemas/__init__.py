"""What crosses the edge of this service, field by field."""
