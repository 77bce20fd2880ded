"""Practice APIs on this machine."""
