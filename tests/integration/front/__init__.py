"""The rendered nginx.conf in a real nginx."""
