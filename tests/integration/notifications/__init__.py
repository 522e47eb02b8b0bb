"""Notifications on real databases: from the event to the inbox, and out through API and page."""
