"""What others have made or changed: tokens, sealed packets, events. None is taken, and none is left unwritten."""
