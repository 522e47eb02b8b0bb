"""The web server on a real socket."""
