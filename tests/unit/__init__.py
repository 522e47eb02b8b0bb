"""One function or class at a time, with no server and no network."""
