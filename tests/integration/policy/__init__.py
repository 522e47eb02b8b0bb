"""What everybody may see and do, and nothing else: every operation from every seat, in the code and in the database."""
