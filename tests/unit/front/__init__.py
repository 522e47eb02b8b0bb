"""The front door's table of paths, summed readiness and documents."""
