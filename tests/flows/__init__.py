"""The main job across all services, by API and by page."""
