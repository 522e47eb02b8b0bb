"""How the processes are put together and configured."""
