"""Every test of the project, in one folder per kind; builders.py makes what they need."""
