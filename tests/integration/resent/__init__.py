"""What was sent once may be sent again, and only what may still be sent."""
