"""What deploy reads from the services' databases."""
