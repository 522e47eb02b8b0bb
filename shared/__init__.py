"""What the services stand on; nothing in here knows a service or a business rule."""
