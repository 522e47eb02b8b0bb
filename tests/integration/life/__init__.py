"""A request from draft to closed, through both services."""
