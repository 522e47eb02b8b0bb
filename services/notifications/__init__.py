"""Who is told what, on which channel, and whether it arrived."""
