"""What crosses between the help desk and the legs, both ways: commands, their outcomes, successors."""
