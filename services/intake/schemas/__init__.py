"""What crosses the edge of intake, field by field."""
