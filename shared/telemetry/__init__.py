"""What the running system tells its operators: log lines of ids only, and the heartbeats behind ``/ready``."""
